//! Two processes on one store, and one after the other.

use jackfield_gateway::{Command, Error, Gateway, Options, Reader, Session};
use jackfield_model::path::PatchKind;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, KindSet, Principal, Registry, TenantId, Value};
use jackfield_store::Hint;

use crate::crowd::bind;
use crate::faulty::{Call, Fault, Faulty};
use crate::harness::{
    Hands, Ids, absent, act_as, change_sets, create, delete, gateway, head, make, names, operator,
    patch, refused, roles, set, start, text, until, user,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_that_make_one_name_one_does() {
    let test = start().await;
    let second = test.second().await.expect("a gateway");
    let (here, there) = (operator(&test.gateway), operator(&second));
    for n in 0..25 {
        let (a, b) = (format!("User {n}"), format!("uSER  {n}"));
        let (left, right) = tokio::join!(here.write(user(&a, &[])), there.write(user(&b, &[])));
        let loser = match (left, right) {
            (Ok(_), Err(error)) | (Err(error), Ok(_)) => error,
            (left, right) => panic!("{n}: {:?} {:?}", left.is_ok(), right.is_ok()),
        };
        assert!(matches!(loser, Error::Taken { .. }), "{loser:?}");
    }
    let counted = |session: &Session| names(&session.read().expect("a reader")).len();
    until(|| async { (counted(&here) == 25 && counted(&there) == 25).then_some(()) }).await;
    change_sets(&*test.store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_that_take_the_last_two_owners_one_does() {
    let test = start().await;
    let second = test.second().await.expect("a gateway");
    let (here, there) = (operator(&test.gateway), operator(&second));
    let ways: [fn(Id, Id) -> Command; 4] = [
        |id, _| delete(id, Kind::User),
        |id, _| set(id, attr::ACTIVE, false),
        |id, _| patch(id, Kind::User, PatchKind::Remove, attr::ROLES, Vec::new()),
        |id, owner| {
            let member = Attributes::new().with(attr::MEMBERS_VALUE, &*id.to_string());
            patch(
                owner,
                Kind::Group,
                PatchKind::Remove,
                attr::MEMBERS,
                vec![member.into()],
            )
        },
    ];
    let owner = here.named(Kind::Role, "owner").expect("the role");
    let mut survivor = make(&here, user("first", &["owner"])).await;
    for round in 0..12 {
        let rival = make(&here, user(&format!("rival {round}"), &["owner"])).await;
        until(|| async { there.read().ok()?.entry(rival).map(drop) }).await;
        let way = ways[round % ways.len()];
        let other_way = ways[(round + 1) % ways.len()];
        let (left, right) = tokio::join!(
            here.write(way(survivor, owner)),
            there.write(other_way(rival, owner))
        );
        let (loser, gone) = match (left, right) {
            (Ok(_), Err(error)) => (error, survivor),
            (Err(error), Ok(_)) => (error, rival),
            (left, right) => panic!("{round}: {:?} {:?}", left.is_ok(), right.is_ok()),
        };
        assert!(matches!(loser, Error::Protected(_)), "{round}: {loser:?}");
        if gone == survivor {
            survivor = rival;
        }
        for node in [&here, &there] {
            until(|| async {
                let reader = node.read().ok()?;
                let is_owner = |id| roles(&reader, id) == ["owner"];
                (is_owner(survivor) && !is_owner(gone)).then_some(())
            })
            .await;
        }
    }
}

#[tokio::test]
async fn what_one_node_does_appears_on_the_other_by_itself() {
    let test = start().await;
    let second = test.second().await.expect("a gateway");
    let (here, there) = (operator(&test.gateway), operator(&second));
    let anna = make(&here, user("anna", &["owner"])).await;
    until(|| async { there.read().ok()?.entry(anna).map(drop) }).await;
    there
        .write(set(anna, attr::TITLE, "x"))
        .await
        .map(drop)
        .expect("done");
    until(|| async {
        let title = text(&here.read().ok()?, anna, attr::TITLE);
        (title.as_deref() == Some("x")).then_some(())
    })
    .await;
    // A tenant that another process made is served, too; and a suspended one no longer.
    let name = "north".parse().expect("a name");
    let declared = jackfield_gateway::testing::declaration(
        "north",
        include_str!("../../../../config/catalogues/opbx.toml"),
    );
    second
        .declare(&name, declared.expect("a declaration"))
        .await
        .expect("done");
    until(|| async { test.gateway.tenant("north").ok() }).await;
    let declared = ["acme", "harbor"].map(|name| name.parse().expect("a name"));
    second.suspend_others(&declared.into()).await.expect("done");
    until(|| async { test.gateway.tenant("north").is_err().then_some(()) }).await;
    assert_eq!(test.gateway.tenants().len(), 2);
}

#[tokio::test]
async fn a_client_reads_its_own_writes_on_whichever_node() {
    let test = start().await;
    for several_nodes in [true, false] {
        let options = Options {
            several_nodes,
            ..absent()
        };
        let store = Faulty::new(std::sync::Arc::clone(&test.store));
        let node = gateway(store.clone(), Hands::new(), Ids::new(), options);
        let node = node.await.expect("a gateway");
        // At the start, and once more right after; then not for an hour.
        until(|| async { (store.looks() == 2).then_some(()) }).await;
        let name = format!("with {several_nodes}");
        let id = make(&operator(&test.gateway), user(&name, &[])).await;
        let there = operator(&node);
        assert!(there.read().expect("a reader").entry(id).is_none());
        let own = there.read_own_writes().await.expect("a reader");
        assert_eq!(own.entry(id).is_some(), several_nodes);
    }
}

#[tokio::test]
async fn a_node_follows_what_it_hears_at_once() {
    let test = start().await;
    let store = Faulty::new(std::sync::Arc::clone(&test.store));
    let hints = store.hint();
    // Not even if it could not be heard at first.
    store.fail(Call::Listen, &[Fault::Unavailable]);
    let node = gateway(store.clone(), Hands::new(), Ids::new(), absent());
    let node = node.await.expect("a gateway");
    until(|| async { (store.looks() == 2).then_some(()) }).await;
    let id = make(&operator(&test.gateway), user("anna", &[])).await;
    let there = operator(&node);
    assert!(there.read().expect("a reader").entry(id).is_none());
    let acme = head(&*test.store).await;
    let nobody = TenantId(uuid::Uuid::nil());
    for hint in [
        Hint::Moved(nobody, acme.revision),
        Hint::Moved(acme.id, acme.revision),
    ] {
        hints.send(hint).expect("somebody who listens");
    }
    until(|| async { there.read().ok()?.entry(id).map(drop) }).await;
    assert_eq!(store.looks(), 2, "it did not look");
    let id = make(&operator(&test.gateway), user("ben", &[])).await;
    hints.send(Hint::Missed).expect("somebody who listens");
    until(|| async { there.read().ok()?.entry(id).map(drop) }).await;
    assert_eq!(store.looks(), 3, "it looked at every tenant");
}

#[tokio::test]
async fn a_restart_keeps_everything() {
    let mut test = start().await;
    populate(&test.gateway).await;
    let conn = test.connection("acme", "okta").await.expect("a connection");
    let gone = operator(&test.gateway)
        .named(Kind::User, "gone")
        .expect("gone");
    let number = operator(&test.gateway)
        .read()
        .expect("a reader")
        .entry(gone)
        .map(|e| e.record().number);
    operator(&test.gateway)
        .write(delete(gone, Kind::User))
        .await
        .map(drop)
        .expect("done");
    for _ in 0..2 {
        let before = everything(&test.gateway, conn.id);
        let revision = head(&*test.store).await;
        test = test.restart().await.expect("a gateway");
        assert_eq!(everything(&test.gateway, conn.id), before);
        assert_eq!(
            head(&*test.store).await,
            revision,
            "a restart writes nothing"
        );
    }
    let reader = operator(&test.gateway).read().expect("a reader");
    assert!(reader.entry(gone).is_none());
    let new = make(&operator(&test.gateway), user("gone", &[])).await;
    let reader = operator(&test.gateway).read().expect("a reader");
    let newer = reader.entry(new).map(|e| e.record().number);
    assert!(newer > number, "numbers are never used again");
    test.gateway
        .authenticate_bearer("acme", &conn.token, jackfield_model::Origin::local("scim"))
        .await
        .expect("the token still opens");
}

/// A bit of everything.
async fn populate(gateway: &Gateway) {
    let session = operator(gateway);
    let boss = make(&session, user("boss", &["owner"])).await;
    let extension = |number: &str| Attributes::new().with(attr::EXTENSIONS_VALUE, number);
    let bag = Attributes::new()
        .with(attr::USER_NAME, "Mu\u{308}ller, \"Jürgen\"+x")
        .with(attr::ACTIVE, false)
        .with(
            attr::EMAILS,
            Attributes::new()
                .with(attr::EMAILS_VALUE, "j@acme.example")
                .with(attr::EMAILS_PRIMARY, true),
        )
        .with(attr::X509_CERTIFICATES, {
            let octets: Box<[u8]> = [0, 255, 7].into();
            Attributes::new().with(attr::X509_CERTIFICATES_VALUE, Value::Bytes(octets))
        })
        .with(attr::EXTENSIONS, extension("101"))
        .with(
            attr::EXTENSIONS,
            extension("102").with(attr::EXTENSIONS_PRIMARY, true),
        )
        .with(
            attr::DESKS,
            Attributes::new().with(attr::DESKS_VALUE, "Lobby"),
        )
        .with(
            attr::ROLES,
            Attributes::new().with(attr::ROLES_VALUE, "reporter"),
        )
        .with(
            attr::ROLES,
            Attributes::new().with(attr::ROLES_VALUE, "chess club"),
        )
        .with(
            attr::MANAGER,
            Attributes::new().with(attr::MANAGER_VALUE, &*boss.to_string()),
        );
    let conn = session
        .ensure_connection(jackfield_gateway::administer::NewConnection {
            name: "entra",
            ceiling: Some("full"),
            ..Default::default()
        })
        .await
        .expect("a connection");
    let entra = act_as(gateway, Principal::Connection(conn));
    let jurgen = make(
        &entra,
        create(Kind::User, bag.with(attr::EXTERNAL_ID, "a  b")),
    )
    .await;
    make(&entra, user("gone", &["pbx_admin"])).await;
    let member = |id: Id| Attributes::new().with(attr::MEMBERS_VALUE, &*id.to_string());
    let group = Attributes::new()
        .with(attr::DISPLAY_NAME, "sales")
        .with(attr::MEMBERS, member(jurgen));
    let group = make(&entra, create(Kind::Group, group)).await;
    let outer = Attributes::new()
        .with(attr::DISPLAY_NAME, "all")
        .with(attr::MEMBERS, member(group));
    make(&session, create(Kind::Group, outer)).await;
    session
        .set_password(boss, "Correct horse 1")
        .await
        .expect("done");
    let device = session.ensure_device("phone").await.expect("done");
    session
        .make_secret(device, "phone")
        .await
        .map(drop)
        .expect("done");
    session
        .ensure_service("ldap", &["people"])
        .await
        .map(drop)
        .expect("done");
    make(
        &session,
        create(
            Kind::Contact,
            Attributes::new().with(attr::DISPLAY_NAME, "Zoo"),
        ),
    )
    .await;
}

/// Everything that can be read, line by line: by the operator, and by a connection.
fn everything(gateway: &Gateway, connection: Id) -> Vec<String> {
    let mut lines = Vec::new();
    for principal in [Principal::Operator, Principal::Connection(connection)] {
        let session = act_as(gateway, principal);
        let reader = session.read().expect("a reader");
        for entry in reader.every(KindSet::ALL) {
            let record = entry.record();
            lines.push(format!("{} {record:?}", reader.dn(entry)));
            for def in Registry::core().iter().filter(|def| def.parent.is_none()) {
                lines.push(format!("  {} {:?}", def.name, entry.attribute(def.id)));
            }
        }
        lines.push(format!("{:?}", reader.settings()));
    }
    lines
}

#[tokio::test]
async fn a_gateway_that_stops_answers_those_who_wait_and_nobody_after() {
    let test = start().await;
    let session = operator(&test.gateway);
    let waiting = tokio::spawn({
        let session = session.clone();
        async move { session.write(user("anna", &[])).await.map(drop) }
    });
    tokio::task::yield_now().await;
    test.gateway.stop().await;
    let answer = waiting.await.expect("no panic");
    assert!(
        matches!(answer, Ok(()) | Err(Error::Unavailable)),
        "{answer:?}"
    );
    assert_eq!(
        refused(session.write(user("ben", &[])).await),
        Error::Unavailable
    );
    assert!(!test.gateway.is_ready());
    assert!(test.gateway.tenants().is_empty());
    let test = test.restart().await.expect("a gateway");
    let kept = names(&operator(&test.gateway).read().expect("a reader"));
    assert_eq!(kept == ["anna"], answer.is_ok(), "{kept:?}");
}

#[tokio::test]
async fn clocks_of_nodes_may_differ_and_versions_still_rise() {
    let test = start().await;
    let late = Hands::new();
    late.move_on(-86_400);
    let store = std::sync::Arc::clone(&test.store);
    let node = gateway(store, late, Ids::new(), absent())
        .await
        .expect("a gateway");
    let anna = make(&operator(&test.gateway), user("anna", &[])).await;
    let version = |reader: &Reader| {
        reader
            .entry(anna)
            .map(|e| (e.record().version, e.record().modified))
    };
    let first = version(&operator(&test.gateway).read().expect("a reader")).expect("anna");
    let written = operator(&node)
        .write(set(anna, attr::TITLE, "x"))
        .await
        .expect("done");
    let second = version(&written.reader).expect("anna");
    assert!(second.0 > first.0);
    assert!(second.1 < first.1, "as its clock says");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_made_elsewhere_opens_though_the_node_learns_of_it_during_the_check() {
    let test = start().await;
    let second = test.second().await.expect("a gateway");
    let here = operator(&test.gateway);
    for n in 0..8 {
        let name = format!("user{n}");
        let id = make(&here, user(&name, &[])).await;
        here.set_password(id, "The password 1").await.expect("done");
        let name = format!("{name}@acme.example");
        bind(&second, "nowhere", &name, "The password 1")
            .await
            .map(drop)
            .expect("the right password");
    }
}
