//! Commands of a series are done in their order, in few commits, and end where they are told to.

use jackfield_gateway::{Command, Error};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Kind, Principal};

use crate::harness::{
    act_as, change_sets, create, delete, head, make, names, operator, start, user,
};

fn kinds(outcomes: &[Result<jackfield_gateway::Written, Error>]) -> Vec<&'static str> {
    let kind = |outcome: &Result<_, Error>| match outcome {
        Ok(_) => "done",
        Err(Error::Taken { .. }) => "taken",
        Err(Error::NotFound { .. }) => "not found",
        Err(_) => "refused",
    };
    outcomes.iter().map(kind).collect()
}

#[tokio::test]
async fn each_command_of_a_series_stands_on_those_before_it() {
    let test = start().await;
    let session = operator(&test.gateway);
    let old = make(&session, user("old", &[])).await;
    let commands = || {
        vec![
            user("anna", &[]),
            user("anna", &[]),
            delete(old, Kind::User),
            delete(old, Kind::User),
            user("old", &[]),
        ]
    };
    for trial in [true, false] {
        let writer = if trial {
            session.rehearse()
        } else {
            session.clone()
        };
        let done = writer.write_all(commands(), usize::MAX).await.unwrap();
        let expected = ["done", "taken", "done", "not found", "done"];
        assert_eq!(kinds(&done), expected, "rehearsed: {trial}");
        assert_eq!(names(&writer.read().unwrap()), ["anna", "old"]);
    }
}

#[tokio::test]
async fn a_series_ends_with_the_last_refusal_it_may_have() {
    for (errors, expected) in [
        (1, ["done", "taken"].as_slice()),
        (2, &["done", "taken", "done", "taken"]),
        (3, &["done", "taken", "done", "taken", "done"]),
    ] {
        let test = start().await;
        let session = operator(&test.gateway);
        let all = ["a", "a", "b", "b", "c"].map(|name| user(name, &[]));
        let done = session.write_all(all.to_vec(), errors).await.unwrap();
        assert_eq!(kinds(&done), expected, "{errors}");
    }
}

#[tokio::test]
async fn a_long_series_takes_few_commits_and_counts_refusals_over_all_of_them() {
    let test = start().await;
    let session = operator(&test.gateway);
    let before = change_sets(&*test.store).await.len();
    let mut all: Vec<Command> = (0..600).map(|n| user(&format!("u{n}"), &[])).collect();
    all.insert(10, user("u0", &[]));
    all.insert(500, user("u1", &[]));
    let done = session.write_all(all, 2).await.unwrap();
    assert_eq!(done.len(), 501);
    assert_eq!(change_sets(&*test.store).await.len() - before, 499);
    assert_eq!(names(&session.read().unwrap()).len(), 499);
}

#[tokio::test]
async fn nothing_of_a_series_is_done_for_whom_may_not_come_in() {
    let test = start().await;
    let before = head(&*test.store).await;
    let stranger = act_as(&test.gateway, Principal::Anonymous);
    let refused = stranger.write_all(vec![user("anna", &[])], 1).await;
    assert_eq!(refused.err(), Some(Error::LoginRequired));
    assert_eq!(head(&*test.store).await, before);
}

#[tokio::test]
async fn a_password_that_will_not_do_costs_its_own_command_only() {
    let test = start().await;
    let idp = test.connection("acme", "idp").await.expect("a connection");
    let session = act_as(&test.gateway, Principal::Connection(idp.id));
    let weak = |name: &str| {
        let bag = Attributes::new()
            .with(attr::USER_NAME, name)
            .with(attr::PASSWORD, "weak");
        create(Kind::User, bag)
    };
    for (errors, expected) in [
        (usize::MAX, &[true, false, true, false][..]),
        (1, &[true, false]),
        (2, &[true, false, true, false]),
    ] {
        let name = |n| format!("{n} of {errors}");
        let commands = vec![
            user(&name("first"), &[]),
            weak("second"),
            user(&name("third"), &[]),
            weak("fourth"),
        ];
        let outcomes = session.write_all(commands, errors).await.expect("done");
        let done: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(done, expected, "{errors}");
    }
}
