//! What each principal reads, resolved anew for each operation, and what it writes.

use jackfield_gateway::api_token::NewApiToken;
use jackfield_gateway::testing::{TestGateway, declaration};
use jackfield_gateway::{Command, Error, Reader, Session};
use jackfield_model::path::PatchKind;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, KindSet, Origin, Principal};

use crate::crowd::{bind, crowd, password_of, person};
use crate::harness::{
    act_as, create, delete, make, names, operator, patch, refused, roles, set, start, user,
};

struct Cast {
    test: TestGateway,
    boss: Id,
    anna: Id,
    ben: Id,
    sales: Id,
}

async fn cast() -> Cast {
    let test = start().await;
    let session = operator(&test.gateway);
    let boss = make(&session, user("boss", &["owner"])).await;
    let anna = make(&session, user("anna", &[])).await;
    let bag = Attributes::new()
        .with(attr::USER_NAME, "ben")
        .with(attr::DISPLAY_NAME, "Ben")
        .with(attr::LOCALE, "de");
    let ben = make(&session, create(Kind::User, bag)).await;
    let members =
        [anna, ben].map(|id| Attributes::new().with(attr::MEMBERS_VALUE, &*id.to_string()));
    let [first, second] = members;
    let bag = Attributes::new()
        .with(attr::DISPLAY_NAME, "sales")
        .with(attr::MEMBERS, first)
        .with(attr::MEMBERS, second);
    let sales = make(&session, create(Kind::Group, bag)).await;
    Cast {
        test,
        boss,
        anna,
        ben,
        sales,
    }
}

fn reads(reader: &Reader, id: Id, attr: jackfield_model::AttrId) -> bool {
    reader
        .entry(id)
        .is_some_and(|entry| !entry.attribute(attr).is_empty())
}

#[tokio::test]
async fn each_principal_reads_what_is_its_to_read() {
    let cast = cast().await;
    let session = operator(&cast.test.gateway);
    let device = session.ensure_device("phone").await.expect("a device");
    let people = session
        .ensure_service("p", &["people"])
        .await
        .expect("a service");
    let groups = session
        .ensure_service("g", &["groups", "permissions"])
        .await
        .expect("a service");
    let all = session
        .ensure_service("a", &["all"])
        .await
        .expect("a service");
    let conn = cast
        .test
        .connection("acme", "okta")
        .await
        .expect("a connection")
        .id;
    // Who reads; whether it sees Ben, his name, his locale, the group, its members, permissions.
    #[rustfmt::skip]
    let table = [
        ("operator", Principal::Operator, [true, true, true, true, true, true]),
        ("owner", Principal::Person(cast.boss), [true, true, true, true, true, false]),
        ("colleague", Principal::Person(cast.anna), [true, true, false, true, false, false]),
        ("himself", Principal::Person(cast.ben), [true, true, true, true, false, false]),
        ("phone", Principal::Device(device), [true, true, false, false, false, false]),
        ("people", Principal::Service(people), [true, true, true, false, false, false]),
        ("groups", Principal::Service(groups), [false, false, false, true, false, true]),
        ("all", Principal::Service(all), [true, true, true, true, true, true]),
        ("connection", Principal::Connection(conn), [true, true, true, true, true, true]),
    ];
    for (what, principal, expected) in table {
        let reader = act_as(&cast.test.gateway, principal)
            .read()
            .expect("a reader");
        let seen = [
            reader.entry(cast.ben).is_some(),
            reads(&reader, cast.ben, attr::DISPLAY_NAME),
            reads(&reader, cast.ben, attr::LOCALE),
            reader.entry(cast.sales).is_some(),
            reads(&reader, cast.sales, attr::MEMBERS),
            reader.sees_permissions(),
        ];
        assert_eq!(seen, expected, "{what}");
        assert_eq!(reader.permissions().next().is_some(), expected[5], "{what}");
        let dn = "uid=ben,ou=people,dc=acme,dc=example"
            .parse()
            .expect("a name");
        let found = matches!(reader.locate(&dn), jackfield_gateway::Located::Found(_));
        assert_eq!(found, expected[0], "{what}: by name as by id");
        let number = reader.entry(cast.ben).map(|entry| entry.record().number.0);
        assert_eq!(
            names(&reader).contains(&"ben".to_owned()),
            expected[0],
            "{what}"
        );
        assert_eq!(
            number.and_then(|n| reader.by_number(n)).is_some(),
            expected[0],
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_role_acts_at_the_next_read() {
    let cast = cast().await;
    let session = operator(&cast.test.gateway);
    let anna = act_as(&cast.test.gateway, Principal::Person(cast.anna));
    let sees = || reads(&anna.read().expect("a reader"), cast.ben, attr::LOCALE);
    assert!(!sees());
    let role = |key: &str| Attributes::new().with(attr::ROLES_VALUE, key).into();
    let give = patch(
        cast.anna,
        Kind::User,
        PatchKind::Replace,
        attr::ROLES,
        vec![role("pbx_admin")],
    );
    session.write(give).await.map(drop).expect("done");
    assert!(sees());
    assert_eq!(
        roles(&anna.read().expect("a reader"), cast.anna),
        ["pbx_admin"]
    );
    let take = patch(
        cast.anna,
        Kind::User,
        PatchKind::Remove,
        attr::ROLES,
        Vec::new(),
    );
    session.write(take).await.map(drop).expect("done");
    assert!(!sees());
}

#[tokio::test]
async fn nobody_in_particular_reads_only_where_it_is_allowed_and_only_the_phone_book() {
    let cast = cast().await;
    let tenant = cast.test.gateway.tenant("acme").expect("the tenant");
    let nobody = cast.test.gateway.anonymous(&tenant, Origin::local("ldap"));
    assert_eq!(nobody.read().err(), Some(Error::LoginRequired));
    let catalogue = include_str!("../../../../config/catalogues/opbx.toml");
    let mut declared = declaration("acme", catalogue).expect("a declaration");
    declared.settings.anonymous_phone_book = true;
    let name = "acme".parse().expect("a name");
    cast.test
        .gateway
        .declare(&name, declared)
        .await
        .expect("done");
    let reader = nobody.read().expect("a reader");
    assert_eq!(names(&reader), ["anna", "ben", "boss"]);
    assert!(!reads(&reader, cast.ben, attr::LOCALE));
    assert!(reader.entry(cast.sales).is_none());
    assert_eq!(
        reader.sees_kinds(),
        KindSet::of(&[Kind::User, Kind::Contact, Kind::Extension])
    );
    let error = refused(nobody.write(user("x", &[])).await);
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
}

#[tokio::test]
async fn nobody_in_particular_reads_from_the_networks_that_the_tenant_names() {
    let cast = cast().await;
    let gateway = &cast.test.gateway;
    let tenant = gateway.tenant("acme").expect("the tenant");
    let catalogue = include_str!("../../../../config/catalogues/opbx.toml");
    let mut declared = declaration("acme", catalogue).expect("a declaration");
    let networks = ["10.2.0.0/16", "2001:db8::/32"].map(|text| text.parse().expect("a network"));
    declared.settings.anonymous_networks = networks.to_vec();
    let name = "acme".parse().expect("a name");
    gateway.declare(&name, declared).await.expect("done");
    for (from, expected) in [
        (Some("10.2.255.1"), true),
        (Some("::ffff:10.2.0.1"), true),
        (Some("2001:db8::1"), true),
        (Some("10.3.0.1"), false),
        (Some("127.0.0.1"), false),
        (None, false),
    ] {
        let origin = Origin {
            protocol: "ldap".into(),
            address: from.map(|text| text.parse().expect("an address")),
        };
        let outcome = gateway.anonymous(&tenant, origin).read();
        assert_eq!(outcome.is_ok(), expected, "{from:?}");
        assert!(outcome.is_ok() || outcome.err() == Some(Error::LoginRequired));
    }
}

#[tokio::test]
async fn who_ends_the_own_login_is_told_that_it_is_done() {
    let (test, operator, _) = crowd().await;
    let owner = || {
        let role = Attributes::new().with(attr::ROLES_VALUE, "owner");
        Attributes::new().with(attr::ROLES, role)
    };
    person(&operator, "boss", owner()).await;
    for series in [false, true] {
        for is_revoked in [false, true] {
            let name = format!("{series} {is_revoked}");
            let own = person(&operator, &name, owner()).await;
            let session = bind(&test.gateway, "acme", &name, &password_of(&name)).await;
            let all = jackfield_access::ApiScope::ALL.map(|scope| scope.name().to_owned());
            let new = NewApiToken {
                scopes: &all,
                ..NewApiToken::default()
            };
            let token = session.expect("it opens").make_api_token(own, new).await;
            let token = token.expect("a token");
            let origin = Origin::local("api");
            let session = test
                .gateway
                .authenticate_api_token("acme", &token.text, origin);
            let session = session.await.expect("it opens");
            let command = match is_revoked {
                true => Command::RemoveCredential(token.id),
                false => set(own, attr::ACTIVE, false),
            };
            let written = match series {
                false => session.write(command).await,
                true => {
                    let outcomes = session.write_all(vec![command], 1).await;
                    outcomes.expect("outcomes").remove(0)
                }
            };
            let written = written.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(written.changed, "{name}");
            let shown = written.reader.entry(own).map(|it| it.record().is_active());
            assert_eq!(shown, Some(is_revoked), "{name}");
            let later = session.read().err();
            assert_eq!(later, Some(Error::InvalidCredentials), "{name}");
        }
    }
}

#[tokio::test]
async fn who_reads_only_writes_nothing() {
    let cast = cast().await;
    let session = operator(&cast.test.gateway);
    let device = session.ensure_device("phone").await.expect("a device");
    let service = session
        .ensure_service("pbx", &["all"])
        .await
        .expect("a service");
    let principals = [
        Principal::Device(device),
        Principal::Service(service),
        Principal::Person(cast.anna),
    ];
    for principal in principals {
        let session: Session = act_as(&cast.test.gateway, principal);
        for command in [
            user("x", &[]),
            set(cast.ben, attr::TITLE, "x"),
            set(cast.ben, attr::EXTENSIONS, "101"),
            delete(cast.ben, Kind::User),
            delete(cast.sales, Kind::Group),
            Command::Suspend(true),
        ] {
            let error = refused(session.write(command.clone()).await);
            assert!(
                matches!(error, Error::Forbidden(_)),
                "{principal:?} {command:?}: {error:?}"
            );
        }
    }
    let reader = session.read().expect("a reader");
    assert_eq!(names(&reader), ["anna", "ben", "boss"]);
}
