//! What is told, and what is never told.

use jackfield_gateway::secret::SecretKey;
use jackfield_gateway::{Command, Error, Precondition};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Kind, Outcome, Principal, Revision, Value};
use jackfield_store::Tail;
use jackfield_store::audit::{AuditKey, Chain, Sealed};

use crate::harness::{
    act_as, create, delete, head, make, operator, patch, refused, set, start, until, user,
};

async fn log(test: &jackfield_gateway::testing::TestGateway) -> Vec<Sealed> {
    let id = head(&*test.store).await.id;
    test.store.audit(id, 0, 10_000).await.expect("the log")
}

#[tokio::test]
async fn what_a_rule_refuses_is_told_with_who_and_what() {
    let test = start().await;
    let boss = make(&operator(&test.gateway), user("boss", &["owner"])).await;
    let conn = test.connection("acme", "okta").await.expect("a connection");
    let okta = act_as(&test.gateway, Principal::Connection(conn.id));
    let told_before = log(&test).await.len();
    let error = refused(okta.write(delete(boss, Kind::User)).await);
    assert!(matches!(error, Error::Protected(_)), "{error:?}");
    let error = refused(okta.write(set(boss, attr::ACTIVE, false)).await);
    assert!(matches!(error, Error::Protected(_)), "{error:?}");
    let error = refused(okta.write(jackfield_gateway::Command::Suspend(true)).await);
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    // What is only mistyped is not told.
    let error = refused(okta.write(user("boss", &[])).await);
    assert!(matches!(error, Error::Taken { .. }), "{error:?}");
    let refusals = until(|| async {
        let log = log(&test).await.split_off(told_before);
        (log.len() >= 3).then_some(log)
    })
    .await;
    let told: Vec<_> = refusals
        .iter()
        .map(|sealed| {
            let entry = &sealed.entry;
            let why = match &entry.outcome {
                Outcome::Refused(why) => why.as_str(),
                Outcome::Done => "",
            };
            assert_eq!(entry.actor, Principal::Connection(conn.id));
            assert_eq!(entry.origin.protocol, "scim");
            (
                entry.action.as_str(),
                entry.target,
                entry.target_name.as_str(),
                why,
            )
        })
        .collect();
    let last = "This is the last active Owner, and at least one must remain: make another user \
                Owner first.";
    assert_eq!(
        told,
        [
            ("user.delete", Some(boss), "boss", last),
            ("user.edit", Some(boss), "boss", last),
            ("tenant.suspend", None, "", "only the operator does this"),
        ]
    );
}

#[tokio::test]
async fn what_is_refused_is_called_as_if_it_were_done() {
    let test = start().await;
    let session = operator(&test.gateway);
    let [anna, ben] = [
        make(&session, user("anna", &[])).await,
        make(&session, user("ben", &[])).await,
    ];
    make(&session, user("boss", &["owner"])).await;
    let owner = session.named(Kind::Role, "owner").expect("the role");
    let group = Attributes::new().with(attr::DISPLAY_NAME, "sales");
    let sales = make(&session, create(Kind::Group, group)).await;
    let member = || Attributes::new().with(attr::MEMBERS_VALUE, &*ben.to_string());
    let role = Attributes::new().with(attr::ROLES_VALUE, "owner");
    let add = |id, kind, attr, value: Value| patch(id, kind, PatchKind::Add, attr, vec![value]);
    let conn = test.connection("acme", "okta").await.expect("a connection");
    let lower = Command::Patch {
        id: conn.id,
        kind: Kind::Connection,
        ops: vec![PatchOp::new(
            PatchKind::Replace,
            Path::of(attr::CEILING, None),
            vec!["pbx_user".into()],
        )],
        expect: Precondition::None,
    };
    session.write(lower).await.map(drop).expect("done");
    let okta = Principal::Connection(conn.id);
    let person = Principal::Person(anna);
    #[rustfmt::skip]
    let table = [
        (person, add(ben, Kind::User, attr::ROLES, role.into()), "user.roles", Some(ben)),
        (person, set(ben, attr::PASSWORD, "Correct horse 1"), "user.password", Some(ben)),
        (person, set(ben, attr::EXTENSIONS, "101"), "user.extensions", Some(ben)),
        (person, set(ben, attr::DESKS, "Front"), "user.desks", Some(ben)),
        (person, set(ben, attr::TITLE, "Pilot"), "user.edit", Some(ben)),
        (person, add(sales, Kind::Group, attr::MEMBERS, member().into()), "group.members", Some(sales)),
        (person, add(owner, Kind::Group, attr::MEMBERS, member().into()), "user.roles", Some(owner)),
        (okta, add(owner, Kind::Group, attr::MEMBERS, member().into()), "user.roles", Some(ben)),
        (person, user("new", &[]), "user.create", None),
        (person, delete(ben, Kind::User), "user.delete", Some(ben)),
    ];
    for (actor, command, action, target) in table {
        let before = log(&test).await.len();
        let error = refused(act_as(&test.gateway, actor).write(command).await);
        assert!(matches!(error, Error::Forbidden(_)), "{action}: {error:?}");
        let told = until(|| async { log(&test).await.split_off(before).pop() }).await;
        let told = (told.entry.action.to_string(), told.entry.target);
        assert_eq!(told, (action.to_owned(), target));
    }
}

#[tokio::test]
async fn what_is_done_is_told_and_the_chain_holds() {
    let test = start().await;
    let session = operator(&test.gateway);
    let anna = make(&session, user("anna", &["reporter"])).await;
    session
        .write(set(anna, attr::TITLE, "Manager"))
        .await
        .map(drop)
        .expect("done");
    let group = Attributes::new().with(attr::DISPLAY_NAME, "sales").with(
        attr::MEMBERS,
        Attributes::new().with(attr::MEMBERS_VALUE, &*anna.to_string()),
    );
    make(&session, create(Kind::Group, group)).await;
    session
        .set_password(anna, "Correct horse 1")
        .await
        .expect("done");
    session
        .write(delete(anna, Kind::User))
        .await
        .map(drop)
        .expect("done");
    let id = head(&*test.store).await.id;
    let key = AuditKey::new([1; 32]);
    let all = log(&test).await;
    let mut chain = Chain::start(&key, id);
    for sealed in &all {
        chain.check(sealed).expect("it is as it was written");
    }
    assert_eq!(chain.sequence(), all.len() as u64);
    let about_anna: Vec<&str> = all
        .iter()
        .filter(|sealed| sealed.entry.target == Some(anna))
        .map(|sealed| sealed.entry.action.as_str())
        .collect();
    let expected = [
        "user.create",
        "user.roles",
        "user.edit",
        "credential.create",
        "user.delete",
    ];
    assert_eq!(about_anna, expected);
    let edit = all
        .iter()
        .find(|s| s.entry.action == "user.edit")
        .expect("it");
    let change = &edit.entry.changes[0];
    assert_eq!(
        (change.attribute.as_str(), change.after.as_deref()),
        ("title", Some("Manager"))
    );
    // Without the key nobody passes an entry off as another.
    let mut forged = all[0].clone();
    forged.entry.target_name.push('x');
    assert!(Chain::start(&key, id).check(&forged).is_err());
    assert!(
        Chain::start(&AuditKey::new([9; 32]), id)
            .check(&all[0])
            .is_err()
    );
}

#[tokio::test]
async fn secrets_are_told_to_nobody() {
    let test = start().await;
    let session = operator(&test.gateway);
    let conn = test.connection("acme", "okta").await.expect("a connection");
    let device = session.ensure_device("phone").await.expect("a device");
    let secret = session
        .make_secret(device, "phone")
        .await
        .expect("a secret");
    let okta = act_as(&test.gateway, Principal::Connection(conn.id));
    let bag = Attributes::new()
        .with(attr::USER_NAME, "anna")
        .with(attr::PASSWORD, "Correct horse 1");
    let anna = make(&okta, create(Kind::User, bag)).await;
    okta.write(set(anna, attr::PASSWORD, "Battery staple 2"))
        .await
        .map(drop)
        .expect("done");
    session.set_password(anna, "Tr0ub4dor").await.expect("done");
    let token_secret = &conn.token[conn.token.len() - 40..];
    let plain = [
        "Correct horse 1",
        "Battery staple 2",
        "Tr0ub4dor",
        token_secret,
        &secret.text,
    ];

    let id = head(&*test.store).await.id;
    let tail = test
        .store
        .changes(id, Revision(0))
        .await
        .expect("the store");
    let Tail::Sets(sets) = tail else {
        panic!("some are gone")
    };
    let kept = serde_json::to_string(&sets.iter().map(|(_, set)| set).collect::<Vec<_>>());
    let kept = kept.expect("JSON");
    let audit: Vec<_> = log(&test)
        .await
        .into_iter()
        .map(|sealed| sealed.entry)
        .collect();
    let audit = serde_json::to_string(&audit).expect("JSON");
    let printed = format!("{sets:?}");
    for plain in plain {
        assert!(
            !kept.contains(plain),
            "{plain}: change rows hold hashes only"
        );
        assert!(!audit.contains(plain), "{plain}: the audit log");
        assert!(!printed.contains(plain), "{plain}: Debug");
    }
    assert!(kept.contains("$argon2id$"), "the hash is there");
    for told in [&audit, &printed] {
        assert!(!told.contains("$argon2id$"), "and only there");
    }
    let reader = okta.read().expect("a reader");
    let entry = reader.entry(anna).expect("anna");
    assert!(entry.attribute(attr::PASSWORD).is_empty());
    assert!(!format!("{:?}", entry.record()).contains("argon2"));
    assert_eq!(format!("{:?}", SecretKey::new([7; 32])), "SecretKey(…)");
}

#[tokio::test]
async fn an_error_tells_no_password() {
    let test = start().await;
    let session = operator(&test.gateway);
    let anna = make(&session, user("anna", &[])).await;
    let long = "hunter2".repeat(200);
    let error = session
        .set_password(anna, &long)
        .await
        .expect_err("it is too long");
    assert!(!error.to_string().contains("hunter2") && !format!("{error:?}").contains("hunter2"));
}
