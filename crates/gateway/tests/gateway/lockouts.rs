//! Wrong passwords: who waits, who does not, and for how long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jackfield_gateway::audit::AuditFilter;
use jackfield_gateway::testing::TestGateway;
use jackfield_gateway::{Error, Gateway, Lockout, Options, Session};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, Origin, Principal};

use crate::crowd::bind_from;
use crate::harness::{Hands, Ids, absent, create, gateway as gateway_on, make, operator, start};

const RIGHT: &str = "Correct horse 1";
const HERE: &str = "192.0.2.1";
const ELSEWHERE: &str = "192.0.2.2";

fn origin(from: &str) -> Origin {
    Origin {
        protocol: "ldap".into(),
        address: Some(from.parse().expect("an address")),
    }
}

async fn bind(gateway: &Gateway, name: &str, password: &str, from: &str) -> Result<Session, Error> {
    bind_from(gateway, "acme", name, password, Some(from)).await
}

/// A node that locks for five minutes after three wrong ones in one, with two people, a phone and
/// its password.
async fn strict() -> (TestGateway, Gateway, Arc<Hands>, Id, String) {
    let (test, clock) = (start().await, Hands::new());
    let lockout = Lockout {
        attempts: 3,
        window: Duration::from_mins(1),
        lasts: Duration::from_mins(5),
    };
    let options = Options {
        lockout: Some(lockout),
        ..absent()
    };
    let store = Arc::clone(&test.store);
    let gateway = gateway_on(store, Arc::clone(&clock), Ids::new(), options).await;
    let gateway = gateway.expect("a gateway");
    let session = operator(&gateway);
    let mut ids = Vec::new();
    for name in ["anna", "ben"] {
        let bag = Attributes::new().with(attr::USER_NAME, name);
        let id = make(&session, create(Kind::User, bag)).await;
        session.set_password(id, RIGHT).await.expect("set");
        ids.push(id);
    }
    let phone = session.ensure_device("phone").await.expect("a phone");
    let secret = session.make_secret(phone, "").await.expect("a secret");
    (test, gateway, clock, ids[0], secret.text.to_string())
}

#[tokio::test]
async fn so_many_wrong_passwords_lock_the_account_for_that_network_only() {
    let (_test, gateway, clock, ..) = strict().await;
    for _ in 0..2 {
        // Under whichever name.
        for name in ["anna", "uid=anna,ou=people,dc=acme,dc=example", "ANNA"] {
            let wrong = bind(&gateway, name, "wrong", HERE).await;
            assert_eq!(wrong.err(), Some(Error::InvalidCredentials), "{name}");
        }
        for (name, from, expected) in [
            ("anna", HERE, Some(Error::LockedOut)),
            ("anna", "::ffff:192.0.2.1", Some(Error::LockedOut)),
            ("anna", ELSEWHERE, None),
            ("ben", HERE, None),
        ] {
            let right = bind(&gateway, name, RIGHT, from).await;
            assert_eq!(right.err(), expected, "{name} from {from}");
        }
        clock.move_on(299);
        let early = bind(&gateway, "anna", RIGHT, HERE).await;
        assert_eq!(early.err(), Some(Error::LockedOut));
        clock.move_on(1);
    }
    bind(&gateway, "anna", RIGHT, HERE)
        .await
        .map(drop)
        .expect("it is over");
}

#[tokio::test]
async fn the_operator_sees_who_is_locked_out_and_lifts_it_while_the_node_runs() {
    let (test, gateway, clock, anna, _) = strict().await;
    for name in ["anna", "nobody"] {
        for _ in 0..3 {
            let wrong = bind(&gateway, name, "wrong", HERE).await;
            assert_eq!(wrong.err(), Some(Error::InvalidCredentials), "{name}");
        }
    }
    // Another process of the same store, as a command is.
    let store = Arc::clone(&test.store);
    let beside = gateway_on(store, Arc::clone(&clock), Ids::new(), absent()).await;
    let command = operator(&beside.expect("a gateway"));
    let locked = command.locked_accounts().await.expect("told");
    let told: Vec<_> = locked
        .iter()
        .map(|it| (it.name.as_str(), it.lock.network.to_string()))
        .collect();
    assert_eq!(told, [("anna", HERE.to_owned())]);
    assert_eq!(command.account_named("ANNA"), Some(anna));
    let tenant = gateway.tenant("acme").expect("the tenant");
    let person = gateway.act_as(&tenant, Principal::Person(anna), origin(HERE));
    for refused in [
        person.locked_accounts().await.map(|_| 0),
        person.lift_locks(anna).await,
    ] {
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }

    clock.move_on(2);
    let early = bind(&gateway, "anna", RIGHT, HERE).await;
    assert_eq!(early.err(), Some(Error::LockedOut));
    assert_eq!(command.lift_locks(anna).await, Ok(1));
    assert_eq!(command.lift_locks(anna).await, Ok(0));
    assert_eq!(command.locked_accounts().await, Ok(vec![]));
    // The node asks every two seconds at most.
    let asked = bind(&gateway, "anna", RIGHT, HERE).await;
    assert_eq!(asked.err(), Some(Error::LockedOut));
    clock.move_on(2);
    let lifted = bind(&gateway, "anna", RIGHT, HERE).await;
    lifted.map(drop).expect("lifted");
    let log = command.audit(0, 100, &AuditFilter::default()).await;
    let lines = log.expect("read").lines;
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line.action.starts_with("account."))
        .map(|line| {
            let network = line.changes.first().map(|it| &it.attribute);
            assert_eq!(network.map(String::as_str), Some("network"));
            (line.action.as_str(), line.target_name.as_str())
        })
        .collect();
    assert_eq!(told, [("account.lock", "anna"), ("account.unlock", "anna")]);
    assert_eq!(lines.iter().filter(|it| it.protocol == "ldap").count(), 1);
}

#[tokio::test]
async fn a_right_password_begins_the_count_anew() {
    let (_test, gateway, ..) = strict().await;
    for _ in 0..3 {
        for _ in 0..2 {
            let wrong = bind(&gateway, "anna", "wrong", HERE).await;
            assert_eq!(wrong.err(), Some(Error::InvalidCredentials));
        }
        bind(&gateway, "anna", RIGHT, HERE)
            .await
            .map(drop)
            .expect("right");
    }
}

#[tokio::test]
async fn phones_and_names_that_nobody_bears_are_locked_alike() {
    let (_test, gateway, _, _, secret) = strict().await;
    for name in ["phone", "nobody", "uid=x,dc=nowhere"] {
        for _ in 0..3 {
            let wrong = bind(&gateway, name, "wrong", HERE).await;
            assert_eq!(wrong.err(), Some(Error::InvalidCredentials), "{name}");
        }
        let locked = bind(&gateway, name, &secret, HERE).await;
        assert_eq!(locked.err(), Some(Error::LockedOut), "{name}");
    }
    bind(&gateway, "phone", &secret, ELSEWHERE)
        .await
        .map(drop)
        .expect("elsewhere");
}

#[tokio::test]
async fn guesses_made_at_the_same_time_are_no_more_than_those_made_in_turn() {
    let (_test, gateway, ..) = strict().await;
    let mut guesses = tokio::task::JoinSet::new();
    for at in 0..20 {
        let gateway = gateway.clone();
        guesses.spawn(async move {
            bind(&gateway, "anna", &format!("guess {at}"), HERE)
                .await
                .err()
        });
    }
    let answers = guesses.join_all().await;
    let checked = answers
        .iter()
        .filter(|answer| **answer == Some(Error::InvalidCredentials));
    assert_eq!(checked.count(), 3);
    let locked = answers
        .iter()
        .filter(|answer| **answer == Some(Error::LockedOut));
    assert_eq!(locked.count(), 17);
}

#[tokio::test]
async fn the_old_password_is_guessed_no_more_often_than_at_a_bind() {
    let (_test, gateway, _, anna, _) = strict().await;
    let tenant = gateway.tenant("acme").expect("the tenant");
    let session = gateway.act_as(&tenant, Principal::Person(anna), origin(HERE));
    for _ in 0..3 {
        assert_eq!(session.is_password_of(anna, b"wrong").await, Ok(false));
    }
    assert_eq!(
        session.is_password_of(anna, RIGHT.as_bytes()).await,
        Err(Error::LockedOut)
    );
    let bind = bind(&gateway, "anna", RIGHT, HERE).await;
    assert_eq!(bind.err(), Some(Error::LockedOut));
}

#[tokio::test]
async fn a_flood_from_one_network_keeps_nobody_elsewhere_waiting() {
    const FLOOD: usize = 60;
    let (_test, gateway, ..) = strict().await;
    let done = Arc::new(AtomicUsize::new(0));
    let mut flood = tokio::task::JoinSet::new();
    for at in 0..FLOOD {
        let (gateway, done) = (gateway.clone(), Arc::clone(&done));
        flood.spawn(async move {
            let wrong = bind(&gateway, &format!("nobody {at}"), "wrong", HERE).await;
            assert_eq!(wrong.err(), Some(Error::InvalidCredentials));
            done.fetch_add(1, Ordering::SeqCst);
        });
    }
    // Until all of them wait.
    tokio::task::yield_now().await;
    for at in 1..=3 {
        let right = bind(&gateway, "anna", RIGHT, &format!("192.0.2.{}", at + 1)).await;
        right.map(drop).expect("right");
        let before = done.load(Ordering::SeqCst);
        assert!(
            before <= 3 * at,
            "{before} of the flood came before the {at}th"
        );
    }
    flood.join_all().await;
}
