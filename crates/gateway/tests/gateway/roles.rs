//! Roles as people see and change them.

use jackfield_gateway::access::{RoleDef, RoleKey};
use jackfield_gateway::roles::RoleOrigin;
use jackfield_gateway::testing::{TestGateway, declaration};
use jackfield_gateway::{Error, Precondition, Session};
use jackfield_model::path::PatchKind;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, GroupMatch, Id, Kind, MappingRule, Origin, Principal};

use crate::harness::{create, delete, make, patch, refused, roles, set, start, user};

const OPBX: &str = include_str!("../../../../config/catalogues/opbx.toml");
const TENANT: &str = include_str!("../../../../config/catalogues/tenant.toml");

fn def(title: &str, permissions: &[&str]) -> RoleDef {
    RoleDef {
        title: title.into(),
        permissions: permissions.iter().map(|text| (*text).into()).collect(),
        ..RoleDef::default()
    }
}

fn act_as(test: &TestGateway, tenant: &str, principal: Principal) -> Session {
    let tenant = test.gateway.tenant(tenant).expect("the tenant");
    test.gateway
        .act_as(&tenant, principal, Origin::local("api"))
}

fn rule(name: &str, group: &str, role: &str) -> MappingRule {
    MappingRule {
        name: name.into(),
        groups: GroupMatch::Name(group.into()),
        connection: None,
        roles: vec![role.into()],
        nested: true,
        precedence: 0,
    }
}

fn group(name: &str, members: &[Id]) -> jackfield_gateway::Command {
    let bag = Attributes::new().with(attr::DISPLAY_NAME, name);
    let bag = members.iter().fold(bag, |bag, id| {
        let member = Attributes::new().with(attr::MEMBERS_VALUE, &*id.to_string());
        bag.with(attr::MEMBERS, member)
    });
    create(Kind::Group, bag)
}

#[tokio::test]
async fn a_custom_role_is_made_edited_assigned_and_deleted() {
    let test = start().await;
    let operator = test.operator("harbor").expect("the operator");
    let admin = make(&operator, user("admin", &["tenant_admin"])).await;
    let anna = make(&operator, user("anna", &[])).await;
    let admin = act_as(&test, "harbor", Principal::Person(admin));
    let key = || RoleKey::from("night");

    let made = admin
        .create_role(key(), def("Night", &["fax:view"]))
        .await
        .expect("made");
    assert_eq!((made.changed, made.warnings), (true, Vec::new()));
    admin.assign_role(anna, key()).await.expect("assigned");
    assert_eq!(
        roles(&admin.read().expect("a reader"), anna),
        ["tenant_user", "night"]
    );
    let info = admin.role("night").expect("the role");
    assert_eq!((info.origin, info.holders), (RoleOrigin::RunTime, 1));

    admin
        .edit_role(key(), def("Night", &["fax:edit"]), Precondition::None)
        .await
        .expect("edited");
    assert_eq!(
        admin.role("night").expect("the role").permissions,
        ["fax:edit"]
    );
    admin
        .delete_role(key(), Precondition::None)
        .await
        .expect("deleted");
    assert!(matches!(admin.role("night"), Err(Error::NotFound { .. })));
    assert!(
        admin
            .role_holders("tenant_user")
            .expect("holders")
            .iter()
            .any(|(id, _)| *id == anna)
    );
}

#[tokio::test]
async fn an_empty_role_and_a_custom_role_on_an_admin_earn_a_warning() {
    let test = start().await;
    let operator = test.operator("harbor").expect("the operator");
    let admin = make(&operator, user("admin", &["tenant_admin"])).await;
    let empty = operator
        .create_role("empty".into(), def("Empty", &[]))
        .await
        .expect("made");
    assert!(
        empty.warnings[0].contains("almost empty dashboard"),
        "{:?}",
        empty.warnings
    );
    let night = operator
        .create_role("night".into(), def("Night", &["fax:view"]))
        .await;
    assert!(night.expect("made").warnings.is_empty());
    let assigned = operator
        .assign_role(admin, "night".into())
        .await
        .expect("allowed");
    assert!(
        assigned.warnings[0].contains("Night has no effect"),
        "{:?}",
        assigned.warnings
    );
    assert!(
        assigned.warnings[0].contains("Tenant Admin"),
        "{:?}",
        assigned.warnings
    );
}

#[tokio::test]
async fn the_roles_page_is_for_those_who_may_see_it() {
    let test = start().await;
    let operator = test.operator("harbor").expect("the operator");
    let admin = make(&operator, user("admin", &["tenant_admin"])).await;
    let anna = make(&operator, user("anna", &[])).await;
    let admin = act_as(&test, "harbor", Principal::Person(admin));
    let person = act_as(&test, "harbor", Principal::Person(anna));
    assert_eq!(admin.roles().expect("the roles").len(), 2);
    assert_eq!(admin.role_templates().expect("templates").len(), 4);
    for refused in [
        person.roles().err(),
        person.role_templates().err(),
        person.role_holders("tenant_admin").err(),
        person.why(admin.principal().record().expect("an id")).err(),
    ] {
        assert!(matches!(refused, Some(Error::Forbidden(_))), "{refused:?}");
    }
    assert_eq!(person.why(anna).expect("the own").len(), 1);
}

#[tokio::test]
async fn each_grant_says_where_it_comes_from_and_by_which_groups() {
    let test = start().await;
    let operator = test.operator("acme").expect("the operator");
    let okta = test.connection("acme", "okta").await.expect("a connection");
    let connection = act_as(&test, "acme", Principal::Connection(okta.id));
    let mut declared = declaration("acme", OPBX).expect("a declaration");
    declared.settings.mappings = vec![rule("telecom", "Telecom", "pbx_admin")];
    let name = "acme".parse().expect("a name");
    test.gateway
        .declare(&name, declared)
        .await
        .expect("declared");
    let anna = make(&connection, user("anna", &["reporter"])).await;
    let inner = make(&connection, group("Night shift", &[anna])).await;
    make(&connection, group("Telecom", &[inner])).await;

    let why = operator.why(anna).expect("reasons");
    let said: Vec<_> = why
        .iter()
        .map(|own| (own.role.as_str(), own.source, own.by.as_deref(), own.shown))
        .collect();
    assert_eq!(
        said,
        [
            ("pbx_admin", "mapping", Some("telecom"), true),
            ("reporter", "connection", Some("okta"), false),
        ]
    );
    assert_eq!(why[0].groups, ["Night shift", "Telecom"]);
    let ben = make(&connection, user("ben", &[])).await;
    assert_eq!(operator.why(ben).expect("reasons")[0].source, "baseline");
    // What a rule gives is taken by the rule, with a word about it.
    let error = operator
        .unassign_role(anna, "pbx_admin".into())
        .await
        .expect_err("refused");
    assert!(error.to_string().contains("mapping rule"), "{error}");
    let assigned = operator
        .assign_role(anna, "pbx_user".into())
        .await
        .expect("done");
    assert!(
        assigned.warnings[0].contains("PBX Admin still"),
        "{:?}",
        assigned.warnings
    );
}

#[tokio::test]
async fn a_preview_shows_who_gains_and_loses_what_and_changes_nothing() {
    let test = start().await;
    let operator = test.operator("acme").expect("the operator");
    let name = "acme".parse().expect("a name");
    let mut declared = declaration("acme", OPBX).expect("a declaration");
    declared.settings.mappings = vec![rule("owners", "Bosses", "owner")];
    test.gateway
        .declare(&name, declared.clone())
        .await
        .expect("declared");
    let [anna, ben] = [
        make(&operator, user("anna", &[])).await,
        make(&operator, user("ben", &[])).await,
    ];
    make(&operator, group("Bosses", &[anna])).await;
    make(&operator, group("Admins", &[ben])).await;

    declared.settings.mappings = vec![rule("admins", "Admins", "pbx_admin")];
    let config = act_as(&test, "acme", Principal::Config);
    let shifts = config.preview(declared.clone()).await.expect("a preview");
    let said: Vec<_> = shifts
        .iter()
        .map(|own| {
            (
                own.name.as_str(),
                own.before.join(),
                own.after.join(),
                own.retained,
            )
        })
        .collect();
    let text = |text: &str| text.to_owned();
    assert_eq!(
        said,
        [
            ("anna", text("Owner"), text("Owner"), true),
            ("ben", text("PBX User"), text("PBX Admin"), false),
        ]
    );
    assert_eq!(
        roles(&operator.read().expect("a reader"), ben),
        ["pbx_user"]
    );
    test.gateway
        .declare(&name, declared)
        .await
        .expect("declared");
    assert_eq!(
        roles(&operator.read().expect("a reader"), ben),
        ["pbx_admin"]
    );
}

trait Join {
    fn join(&self) -> String;
}

impl Join for Vec<String> {
    fn join(&self) -> String {
        self.as_slice().join(", ")
    }
}

#[tokio::test]
async fn a_full_licence_is_said_in_so_many_words() {
    let test = start().await;
    let mut declared = declaration("acme", OPBX).expect("a declaration");
    declared.settings.seats = Some(1);
    let name = "acme".parse().expect("a name");
    test.gateway
        .declare(&name, declared)
        .await
        .expect("declared");
    let operator = test.operator("acme").expect("the operator");
    make(&operator, user("anna", &[])).await;
    let error = refused(operator.write(user("ben", &[])).await);
    assert!(matches!(error, Error::NoSeat(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "all 1 seats of the licence are taken: a holder of Owner or PBX Admin can free one by \
         deactivating a user, and the operator of the directory can raise the licence"
    );
}

#[tokio::test]
async fn nothing_reaches_into_another_tenant() {
    let test = start().await;
    let (acme, harbor) = (
        test.operator("acme").expect("one"),
        test.operator("harbor").expect("two"),
    );
    let victim = make(&harbor, user("victim", &["tenant_admin"])).await;
    let team = make(&harbor, group("Team", &[victim])).await;
    let boss = make(&acme, user("boss", &["owner"])).await;
    let okta = test
        .connection("acme", "okta")
        .await
        .expect("a connection")
        .id;
    let before = harbor
        .read()
        .expect("a reader")
        .entry(victim)
        .expect("the user")
        .record()
        .clone();
    for principal in [
        Principal::Person(boss),
        Principal::Connection(okta),
        Principal::Operator,
        Principal::System,
    ] {
        let session = act_as(&test, "acme", principal);
        for command in [
            delete(victim, Kind::User),
            set(victim, attr::ACTIVE, false),
            set(victim, attr::USER_NAME, "mine"),
            patch(
                victim,
                Kind::User,
                PatchKind::Add,
                attr::ROLES,
                vec!["owner".into()],
            ),
            patch(
                team,
                Kind::Group,
                PatchKind::Remove,
                attr::MEMBERS,
                Vec::new(),
            ),
        ] {
            let error = refused(session.write(command.clone()).await);
            let is_unknown = matches!(
                error,
                Error::NotFound { .. } | Error::InvalidValue { .. } | Error::Forbidden(_)
            );
            assert!(is_unknown, "{command:?}: {error:?}");
        }
        for outcome in [
            session.assign_role(victim, "owner".into()).await.err(),
            session.why(victim).err(),
        ] {
            assert!(
                matches!(outcome, Some(Error::NotFound { .. })),
                "{outcome:?}"
            );
        }
        assert!(session.read().expect("a reader").entry(victim).is_none());
    }
    let after = harbor
        .read()
        .expect("a reader")
        .entry(victim)
        .expect("the user")
        .record()
        .clone();
    assert_eq!(before, after);
    // A member that is not there waits for one of this tenant, not for somebody else's.
    let mine = make(
        &act_as(&test, "acme", Principal::Connection(okta)),
        group("Mine", &[victim]),
    )
    .await;
    let reader = acme.read().expect("a reader");
    assert!(
        reader
            .entry(mine)
            .expect("the group")
            .attribute(attr::MEMBERS)
            .is_empty()
    );
    let members = harbor
        .read()
        .expect("a reader")
        .entry(team)
        .expect("the group")
        .attribute(attr::MEMBERS)
        .len();
    assert_eq!(members, 1);
    // A principal of one tenant is nobody in another.
    let stranger = act_as(&test, "harbor", Principal::Person(boss));
    assert!(matches!(
        stranger.read().err(),
        Some(Error::InvalidCredentials)
    ));
    let error = refused(stranger.write(set(victim, attr::ACTIVE, false)).await);
    assert!(matches!(error, Error::InvalidCredentials), "{error:?}");
}

#[tokio::test]
async fn a_file_that_no_longer_fits_what_people_hold_is_refused_with_their_names() {
    let test = start().await;
    let operator = test.operator("harbor").expect("the operator");
    let name = "harbor".parse().expect("a name");
    let mut declared = declaration("harbor", TENANT).expect("a declaration");
    declared.custom_roles = vec![("auditor".into(), def("Auditor", &["*:view"]))];
    test.gateway
        .declare(&name, declared.clone())
        .await
        .expect("declared");
    for user_name in ["anna", "ben"] {
        make(&operator, user(user_name, &["auditor"])).await;
    }
    declared.custom_roles.clear();
    declared.settings.title = "Renamed".into();
    let error = test
        .gateway
        .declare(&name, declared)
        .await
        .expect_err("refused");
    let text = error.to_string();
    assert!(
        ["auditor", "anna", "ben"]
            .iter()
            .all(|word| text.contains(word)),
        "{text}"
    );
    let kept = operator.tenant().settings();
    assert_eq!(kept.title, "harbor", "the old one stays");
    assert!(operator.role("auditor").is_ok());
}
