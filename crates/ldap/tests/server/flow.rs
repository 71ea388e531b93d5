//! Operations side by side, and clients that read slowly, wait or leave.

use std::collections::BTreeSet;
use std::time::Duration;

use jackfield_ldap::{Ldap, Options};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Kind};
use jackfield_net::Connection;
use ldap3::Scope;
use ldap3::controls::MatchedValues;
use ldap3_proto::proto::{LdapOp, LdapResultCode as Code};
use tokio::task::JoinSet;

use crate::harness::{SUFFIX, Server, create};
use crate::raw::{Raw, octets, search};

/// People with so much in their entries that a search of all fills every buffer in between.
async fn crowded(options: Options) -> (Server, usize) {
    const PEOPLE: usize = 64;
    let server = Server::with(options).await;
    let mut writes = JoinSet::new();
    for number in 0..PEOPLE {
        let operator = server.operator();
        let name = format!("crowd-{number:03}");
        let mut person = Attributes::new().with(attr::USER_NAME, &*name);
        for address in 0..12 {
            let address = format!("{address}{}", "x".repeat(8_000));
            let email = Attributes::new().with(attr::EMAILS_VALUE, &*address);
            person = person.with(attr::EMAILS, email);
        }
        writes.spawn(async move { create(&operator, Kind::User, person).await });
    }
    writes.join_all().await;
    (server, PEOPLE + 4)
}

fn people() -> LdapOp {
    search(&format!("ou=people,{SUFFIX}"))
}

fn desks() -> LdapOp {
    search(&format!("ou=desks,{SUFFIX}"))
}

#[tokio::test]
async fn a_small_search_overtakes_a_large_one() {
    let (server, everybody) = crowded(Options::default()).await;
    let mut raw = Raw::bound(&server).await;
    raw.send_all([(2, people()), (3, desks())]).await;
    let (mut first, mut done) = (0, Vec::new());
    while done.len() < 2 {
        let message = raw.next().await.unwrap();
        match (message.op, message.msgid) {
            (LdapOp::SearchResultEntry(_), 2) => first += 1,
            (LdapOp::SearchResultEntry(_), _) => {}
            (_, id) => done.push(id),
        }
    }
    assert_eq!(done, [3, 2]);
    assert_eq!(first, everybody);
}

#[tokio::test]
async fn long_searches_run_side_by_side_and_can_be_abandoned() {
    let server = Server::with(Options {
        long_search: 0,
        ..Options::default()
    })
    .await;
    let mut raw = Raw::bound(&server).await;
    let searches = (2..30).map(|id| (id, people()));
    raw.send_all(searches.chain([(30, LdapOp::AbandonRequest(7)), (31, desks())]))
        .await;
    let mut done = BTreeSet::new();
    while done.len() < 28 {
        let message = raw.next().await.unwrap();
        if let LdapOp::SearchResultDone(result) = message.op {
            assert_eq!(result.code, Code::Success);
            assert!(done.insert(message.msgid));
        }
    }
    assert_eq!(done, (2..32).filter(|id| ![7, 30].contains(id)).collect());
}

#[tokio::test]
async fn an_abandoned_search_says_nothing_more() {
    let (server, everybody) = crowded(Options::default()).await;
    let mut raw = Raw::bound(&server).await;
    raw.send_all([(2, people()), (3, LdapOp::AbandonRequest(2)), (4, desks())])
        .await;
    let mut before = 0;
    loop {
        let message = raw.next().await.unwrap();
        match (message.op, message.msgid) {
            (LdapOp::SearchResultEntry(_), 2) => before += 1,
            (_, 2) => panic!("a result of what was abandoned"),
            (LdapOp::SearchResultDone(_), 4) => break,
            _ => {}
        }
    }
    assert!(before < everybody);
    // Nothing is left of it.
    raw.send(5, desks()).await;
    assert_eq!(raw.entries(5).await.1.code, Code::Success);
}

/// RFC 4511 §4.11: neither a bind, and what nobody knows is no reason to say anything.
#[tokio::test]
async fn an_abandon_reaches_searches_only() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    let name = format!("uid=pbx,ou=services,{SUFFIX}");
    raw.send_all([
        (1, crate::raw::bind(3, &name, &server.secret)),
        (2, LdapOp::AbandonRequest(1)),
        (3, LdapOp::AbandonRequest(77)),
        (4, LdapOp::AbandonRequest(4)),
        (5, desks()),
    ])
    .await;
    assert_eq!(raw.result(1).await.code, Code::Success);
    assert_eq!(raw.entries(5).await.1.code, Code::Success);
}

#[tokio::test]
async fn a_message_id_that_goes_on_cannot_be_used_again() {
    let (server, _) = crowded(Options::default()).await;
    let mut raw = Raw::bound(&server).await;
    raw.send_all([(2, people()), (2, desks())]).await;
    let mut results = Vec::new();
    while results.len() < 2 {
        if let LdapOp::SearchResultDone(result) = raw.next().await.unwrap().op {
            results.push(result.code);
        }
    }
    assert_eq!(results, [Code::ProtocolError, Code::Success]);
    // What has ended can be used again, and so can the largest.
    for id in [2, i32::MAX] {
        raw.send(id, desks()).await;
        assert_eq!(raw.entries(id).await.1.code, Code::Success);
    }
}

#[tokio::test]
async fn a_bind_waits_for_what_goes_on() {
    let (server, everybody) = crowded(Options::default()).await;
    let mut raw = Raw::bound(&server).await;
    raw.send_all([
        (2, people()),
        (3, crate::raw::bind(3, "", "")),
        (4, desks()),
    ])
    .await;
    assert_eq!(raw.entries(2).await.0, everybody);
    assert_eq!(raw.result(3).await.code, Code::InappropriateAuthentication);
    assert_eq!(raw.entries(4).await.1.code, Code::StrongerAuthRequired);
}

#[tokio::test]
async fn one_who_does_not_read_holds_up_nobody_else_and_is_cut_off() {
    let write_timeout = Duration::from_millis(200);
    let options = Options {
        write_timeout,
        ..Options::default()
    };
    let (mut server, everybody) = crowded(options).await;
    let mut idle = Raw::bound(&server).await;
    idle.send(2, people()).await;
    let mut other = Raw::bound(&server).await;
    other.send(2, people()).await;
    assert_eq!(other.entries(2).await.0, everybody);
    server.ended.recv().await.unwrap();
    // What was on the way still comes, and then nothing.
    let mut came = 0;
    while idle.next().await.is_some() {
        came += 1;
    }
    assert!(came < everybody);
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let idle_timeout = Duration::from_millis(50);
    let server = Server::with(Options {
        idle_timeout,
        ..Options::default()
    })
    .await;
    let mut raw = Raw::connect(&server).await;
    assert!(raw.next().await.is_none());
}

#[tokio::test]
async fn a_message_that_is_begun_comes_to_its_end_or_the_connection_does() {
    let server = Server::with(Options {
        message_timeout: Duration::from_millis(300),
        ..Options::default()
    })
    .await;
    let mut raw = Raw::bound(&server).await;
    let message = octets(2, people());
    raw.octets(&message[..1]).await;
    // Whatever else is said in between.
    for octet in &message[1..5] {
        raw.octets(&[*octet]).await;
        tokio::task::yield_now().await;
    }
    assert!(raw.next().await.is_none());
}

#[tokio::test]
async fn looking_at_values_ends_with_the_time_of_the_search() {
    let (server, _) = crowded(Options {
        max_search_time: Duration::from_millis(20),
        ..Options::default()
    })
    .await;
    let mut client = server.service().await;
    // Of none of the values is any of them true.
    let items = "(mail=y)".repeat(100);
    let values = MatchedValues::new(format!("({items})"));
    let found = client
        .with_controls(vec![values])
        .search(SUFFIX, Scope::Subtree, "(mail=*)", ["mail"])
        .await
        .unwrap();
    assert_eq!(found.1.rc, 3);
}

#[tokio::test]
async fn an_unbind_ends_the_connection() {
    let server = Server::start().await;
    let mut raw = Raw::bound(&server).await;
    raw.send(2, LdapOp::UnbindRequest).await;
    assert!(raw.next().await.is_none());
}

#[tokio::test]
async fn a_server_that_stops_finishes_what_goes_on_and_says_so() {
    let (server, everybody) = crowded(Options::default()).await;
    let mut raw = Raw::bound(&server).await;
    raw.send(2, people()).await;
    let first = raw.next().await.unwrap();
    assert!(matches!(first.op, LdapOp::SearchResultEntry(_)));
    server.stop.cancel();
    assert_eq!(raw.entries(2).await.0, everybody - 1);
    assert_eq!(raw.farewell().await, Code::Unavailable);
    server.stopped.await.unwrap();
}

#[tokio::test]
async fn a_search_that_takes_too_long_ends_with_its_time() {
    let server = Server::with(Options {
        max_search_time: Duration::ZERO,
        ..Options::default()
    })
    .await;
    let mut raw = Raw::bound(&server).await;
    raw.send(2, people()).await;
    let (count, result) = raw.entries(2).await;
    assert_eq!((count, result.code), (0, Code::TimeLimitExceeded));
}

#[test]
fn what_is_held_of_a_waiting_connection_is_small() {
    fn size_of_serving<F>(_: impl Fn(&'static Ldap, Connection) -> F) -> usize {
        size_of::<F>()
    }
    assert!(size_of_serving(Ldap::serve_connection) < 3_000);
}
