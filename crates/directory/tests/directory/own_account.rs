//! What users may do with their own account, and what an account leaves behind.

use jackfield_directory::{Command, Refusal};
use jackfield_model::path::PatchKind::Replace;
use jackfield_model::schema::attr;
use jackfield_model::{
    Attributes, Credential, CredentialKind, Id, Kind, Principal, Timestamp, Value,
};

use crate::role_commands::assign;
use crate::world::{
    OPBX, PBX_IM, PBX_STATS, World, declaration, delete, named, op, patch, with_extensions,
};

#[test]
fn users_edit_the_own_name_phone_number_and_address_and_nothing_else() {
    let mut world = World::new(OPBX);
    let own = |world: &mut World, role: &str, path: &str, value: Value| {
        let user = world.user(&format!("{role}-{path}"), &[role]);
        let change = patch(user, Kind::User, vec![op(Replace, path, &[value])]);
        world.run(Principal::Person(user), change).is_ok()
    };
    let number = || {
        Attributes::new()
            .with(attr::PHONE_NUMBERS_VALUE, "100")
            .into()
    };
    for (role, path, value, expected) in [
        ("pbx_user", "displayName", "New".into(), true),
        ("pbx_user", "phoneNumbers", number(), true),
        ("pbx_user", "title", "Boss".into(), false),
        ("pbx_user", "userName", "boss".into(), false),
        ("pbx_user", "active", false.into(), false),
        ("pbx_admin", "displayName", "New".into(), true),
        ("pbx_admin", "title", "Boss".into(), false),
        ("owner", "displayName", "New".into(), true),
        ("owner", "title", "Boss".into(), true),
        ("reporter", "displayName", "New".into(), false),
    ] {
        assert_eq!(
            own(&mut world, role, path, value),
            expected,
            "{role} {path}"
        );
    }
    let anna = world.user("anna", &[]);
    let ben = Principal::Person(world.user("ben", &[]));
    let other = patch(
        anna,
        Kind::User,
        vec![op(Replace, "displayName", &["X".into()])],
    );
    let refused = world.run(ben, other);
    assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
}

fn credential(id: u128, principal: Id, kind: CredentialKind) -> Command {
    let id = Id(uuid::Uuid::from_u128(id));
    Command::AddCredential(Credential::new(id, principal, kind, Timestamp(0)))
}

#[test]
fn whenever_a_password_changes_every_token_of_that_user_is_revoked() {
    let mut world = World::new(OPBX);
    let (anna, ben) = (world.user("anna", &[]), world.user("ben", &[]));
    for (id, user, kind) in [
        (1, anna, CredentialKind::Password),
        (2, anna, CredentialKind::Token),
        (3, ben, CredentialKind::Token),
    ] {
        world.must(Principal::Operator, credential(id, user, kind));
    }
    world.must(
        Principal::Person(anna),
        credential(4, anna, CredentialKind::Password),
    );
    let left: Vec<u128> = world
        .now
        .credentials_of(anna)
        .map(|own| own.id.0.as_u128())
        .collect();
    assert_eq!(left, [4]);
    assert_eq!(world.now.credentials_of(ben).count(), 1);
    let refused = world.run(
        Principal::Person(ben),
        credential(5, anna, CredentialKind::Password),
    );
    assert!(matches!(refused, Err(Refusal::Forbidden(_))), "{refused:?}");
}

#[test]
fn a_temporary_password_is_changed_by_its_owner_whatever_the_roles_say() {
    let mut world = World::new(PBX_IM);
    let declared = declaration(PBX_IM, &[("billing", "Billing only")]);
    world.must(Principal::Config, Command::Declare(Box::new(declared)));
    let anna = world.user("anna", &["billing"]);
    let password = |id, must_change| match credential(id, anna, CredentialKind::Password) {
        Command::AddCredential(credential) => Command::AddCredential(Credential {
            must_change,
            ..credential
        }),
        other => other,
    };
    for (id, is_temporary) in [(1, true), (2, false), (3, true)] {
        world.must(Principal::Operator, password(id, is_temporary));
        let own = world.run(Principal::Person(anna), password(id + 10, false));
        assert_eq!(own.is_ok(), is_temporary, "{own:?}");
    }
}

#[test]
fn inactive_users_hold_no_seat_keep_everything_and_return() {
    let mut world = World::new(OPBX);
    let bag = with_extensions(named("anna"), &["100"]);
    let anna = world.create(Principal::Operator, Kind::User, bag);
    let set_active = |is_active: bool| {
        patch(
            anna,
            Kind::User,
            vec![op(Replace, "active", &[is_active.into()])],
        )
    };
    world.must(Principal::Operator, assign(anna, "reporter"));
    assert_eq!(world.now.seats_taken(), 1);
    world.must(Principal::Operator, set_active(false));
    assert_eq!(world.now.seats_taken(), 0);
    assert!(world.roles_of(anna).is_empty());
    assert_eq!(
        world
            .values(Principal::System, anna, attr::EXTENSIONS)
            .len(),
        1
    );
    world.must(Principal::Operator, set_active(true));
    assert_eq!(
        (world.roles_of(anna), world.now.seats_taken()),
        (vec!["reporter".to_owned()], 1)
    );
}

#[test]
fn a_deleted_user_frees_the_extensions_and_desks() {
    let mut world = World::new(PBX_STATS);
    let bag = with_extensions(named("anna"), &["100"]).with(
        attr::DESKS,
        Attributes::new().with(attr::DESKS_VALUE, "Front"),
    );
    let anna = world.create(Principal::Operator, Kind::User, bag.clone());
    world.must(Principal::Operator, delete(anna, Kind::User));
    assert_eq!(world.now.len(Kind::Extension), 1, "the extension stays");
    let bag = with_extensions(named("ben"), &["100"]).with(
        attr::DESKS,
        Attributes::new().with(attr::DESKS_VALUE, "Front"),
    );
    let ben = world.create(Principal::Operator, Kind::User, bag);
    assert_eq!(
        world.values(Principal::System, ben, attr::EXTENSIONS).len(),
        1
    );
    assert_eq!(world.values(Principal::System, ben, attr::DESKS).len(), 1);
}
