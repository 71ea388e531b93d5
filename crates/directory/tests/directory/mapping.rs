//! Roles by mapping rules: who is in a group has them, for as long as that is so.

use jackfield_directory::plan::Declaration;
use jackfield_directory::{Command, Refusal};
use jackfield_model::path::PatchKind::{Add, Remove, Replace};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, AuditEntry, GroupMatch, Id, Kind, MappingRule, Principal};

use crate::world::{
    OPBX, PBX_IM, PBX_STATS, TENANT, World, declaration, delete, member, op, patch,
};

pub(crate) fn rule(name: &str, groups: GroupMatch, roles: &[&str]) -> MappingRule {
    MappingRule {
        name: name.into(),
        groups,
        connection: None,
        roles: roles.iter().map(|role| (*role).into()).collect(),
        nested: true,
        precedence: 0,
    }
}

pub(crate) fn by_name(name: &str, group: &str, roles: &[&str]) -> MappingRule {
    rule(name, GroupMatch::Name(group.into()), roles)
}

pub(crate) fn declared(catalogue: &str, rules: &[MappingRule]) -> Declaration {
    let mut declared = declaration(catalogue, &[]);
    declared.settings.mappings = rules.to_vec();
    declared
}

pub(crate) fn declare(world: &mut World, catalogue: &str, rules: &[MappingRule]) {
    let declared = declared(catalogue, rules);
    world.must(Principal::Config, Command::Declare(Box::new(declared)));
}

/// An OPBX tenant with these rules, and a connection with the lowest ceiling.
pub(crate) fn world(rules: &[MappingRule]) -> (World, Principal) {
    let mut world = World::new(OPBX);
    declare(&mut world, OPBX, rules);
    let okta = world.connection("okta", "reporter");
    (world, okta)
}

pub(crate) fn join(group: Id, who: Id) -> Command {
    patch(
        group,
        Kind::Group,
        vec![op(Add, "members", &[member(who).into()])],
    )
}

pub(crate) fn leave(group: Id, who: Id) -> Command {
    let this = format!("members[value eq \"{who}\"]");
    patch(group, Kind::Group, vec![op(Remove, &this, &[])])
}

fn rename(group: Id, name: &str) -> Command {
    patch(
        group,
        Kind::Group,
        vec![op(Replace, "displayName", &[name.into()])],
    )
}

/// The audit entries of the last change set of this action.
pub(crate) fn told(world: &World, action: &str) -> Vec<AuditEntry> {
    let last = world.sets.last().expect("a set");
    last.audit
        .iter()
        .filter(|entry| entry.action == action)
        .cloned()
        .collect()
}

#[test]
fn members_of_a_group_have_its_role_in_the_same_change_set() {
    let (mut world, okta) = world(&[by_name("admins", "telecom  ADMINS", &["pbx_admin"])]);
    let (anna, ben) = (
        world.user_by(okta, "anna", &[]),
        world.user_by(okta, "ben", &[]),
    );
    let sets = world.sets.len();
    let group = world.group(okta, "Telecom Admins", &[anna]);
    assert_eq!(world.sets.len(), sets + 1, "one change set");
    assert_eq!(world.roles_of(anna), ["pbx_admin"]);
    assert_eq!(world.grants_of(anna), ["pbx_admin by mapping"]);
    let [entry] = told(&world, "user.roles").try_into().expect("one entry");
    assert_eq!(entry.actor, okta);
    assert_eq!(entry.changes[0].before.as_deref(), Some("PBX User"));
    assert_eq!(entry.changes[0].after.as_deref(), Some("PBX Admin"));
    assert_eq!(entry.changes[1].after.as_deref(), Some("admins"));

    world.must(okta, join(group, ben));
    assert_eq!(world.holders("pbx_admin"), ["anna", "ben"]);
    world.must(okta, leave(group, anna));
    assert_eq!(world.roles_of(anna), ["pbx_user"]);
    world.must(okta, delete(group, Kind::Group));
    assert_eq!(world.roles_of(ben), ["pbx_user"]);
    assert!(world.grants_of(ben).is_empty());
}

#[test]
fn a_rule_gives_above_the_ceiling_of_the_connection_that_fills_the_group() {
    let (mut world, okta) = world(&[by_name("owners", "Bosses", &["owner"])]);
    let anna = world.user_by(okta, "anna", &[]);
    let by_hand = world.run(
        okta,
        patch(anna, Kind::User, vec![op(Add, "roles", &["owner".into()])]),
    );
    assert!(matches!(by_hand, Err(Refusal::Forbidden(_))), "{by_hand:?}");
    world.group(okta, "Bosses", &[anna]);
    assert_eq!(world.roles_of(anna), ["owner"]);
}

#[test]
fn a_group_comes_under_a_rule_by_its_name_and_leaves_it_by_another() {
    let (mut world, okta) = world(&[by_name("admins", "Admins", &["pbx_admin"])]);
    let anna = world.user_by(okta, "anna", &[]);
    let group = world.group(okta, "Chess", &[anna]);
    assert_eq!(world.roles_of(anna), ["pbx_user"]);
    world.must(okta, rename(group, "admins"));
    assert_eq!(world.roles_of(anna), ["pbx_admin"]);
    world.must(okta, rename(group, "Chess"));
    assert_eq!(world.roles_of(anna), ["pbx_user"]);
}

#[test]
fn a_rule_is_by_id_by_external_id_or_by_pattern() {
    let (mut world, okta) = world(&[]);
    let [anna, ben, cleo] = ["anna", "ben", "cleo"].map(|name| world.user_by(okta, name, &[]));
    let first = world.group(okta, "First", &[anna]);
    let bag = Attributes::new()
        .with(attr::DISPLAY_NAME, "Second")
        .with(attr::EXTERNAL_ID, "f0a1")
        .with(attr::MEMBERS, member(ben));
    let second = world.create(okta, Kind::Group, bag);
    world.group(okta, "pbx-night", &[cleo]);
    let rules = [
        rule(
            "one",
            GroupMatch::Id(first.to_string().into()),
            &["pbx_admin"],
        ),
        rule("two", GroupMatch::Id("f0a1".into()), &["reporter"]),
        rule("three", GroupMatch::Pattern("PBX-*".into()), &["pbx_admin"]),
    ];
    declare(&mut world, OPBX, &rules);
    assert_eq!(world.roles_of(anna), ["pbx_admin"]);
    assert_eq!(world.roles_of(ben), ["reporter"]);
    assert_eq!(world.roles_of(cleo), ["pbx_admin"]);
    // The other id by which the connection knows the group is another group to the rule.
    let other = patch(
        second,
        Kind::Group,
        vec![op(Replace, "externalId", &["f0a2".into()])],
    );
    world.must(okta, other);
    assert_eq!(world.roles_of(ben), ["pbx_user"]);
    declare(&mut world, OPBX, &[]);
    assert!(
        [anna, ben, cleo]
            .iter()
            .all(|user| world.grants_of(*user).is_empty())
    );
}

#[test]
fn a_rule_may_ask_for_the_connection_that_owns_the_group() {
    let mut owned = by_name("admins", "Admins", &["pbx_admin"]);
    owned.connection = Some("Okta".into());
    let (mut world, okta) = world(&[owned]);
    let entra = world.connection("entra", "reporter");
    let (anna, ben) = (
        world.user_by(okta, "anna", &[]),
        world.user_by(entra, "ben", &[]),
    );
    world.group(okta, "Admins", &[anna]);
    world.group(entra, "Admins", &[ben]);
    assert_eq!(world.roles_of(anna), ["pbx_admin"]);
    assert_eq!(world.roles_of(ben), ["pbx_user"], "a group of another's");
}

/// Anybody who may write groups could call it anything.
#[test]
fn what_others_than_its_owner_call_a_group_is_nothing_to_rules() {
    for connection in [None, Some("okta")] {
        let mut by_id = rule("ext", GroupMatch::Id("e3".into()), &["pbx_admin"]);
        by_id.connection = connection.map(Into::into);
        let (mut world, okta) = world(&[by_id]);
        let other = world.connection("other", "reporter");
        let anna = world.user_by(okta, "anna", &[]);
        let group = world.group(okta, "Staff", &[anna]);
        let call = || {
            let name = op(Replace, "externalId", &["e3".into()]);
            patch(group, Kind::Group, vec![name])
        };
        world.must(other, call());
        assert_eq!(world.roles_of(anna), ["pbx_user"], "{connection:?}");
        world.must(okta, call());
        assert_eq!(world.roles_of(anna), ["pbx_admin"], "{connection:?}");
    }
}

#[test]
fn nested_groups_count_unless_the_rule_says_otherwise() {
    let mut direct = by_name("direct", "Staff", &["reporter"]);
    direct.nested = false;
    direct.precedence = 5;
    let (mut world, okta) = world(&[by_name("all", "Staff", &["pbx_admin"]), direct]);
    let (anna, ben) = (
        world.user_by(okta, "anna", &[]),
        world.user_by(okta, "ben", &[]),
    );
    let inner = world.group(okta, "Inner", &[anna]);
    let middle = world.group(okta, "Middle", &[inner]);
    let outer = world.group(okta, "Staff", &[ben, middle]);
    assert_eq!(world.roles_of(anna), ["pbx_admin"]);
    assert_eq!(world.roles_of(ben), ["reporter"], "the higher precedence");
    let path = world
        .now
        .mapping_path(world.record(anna), "all")
        .expect("a path");
    let names: Vec<_> = path.iter().map(|group| group.common_name()).collect();
    assert_eq!(names, ["Inner", "Middle", "Staff"]);
    assert!(
        world
            .now
            .mapping_path(world.record(anna), "direct")
            .is_none()
    );

    world.must(okta, leave(outer, middle));
    assert_eq!(world.roles_of(anna), ["pbx_user"]);
    world.must(okta, join(outer, inner));
    assert_eq!(world.roles_of(anna), ["pbx_admin"]);
    world.must(okta, delete(inner, Kind::Group));
    assert_eq!(world.roles_of(anna), ["pbx_user"]);
}

#[test]
fn where_one_role_is_held_precedence_decides_and_then_rank() {
    let mut reports = by_name("reports", "Analysts", &["reporter"]);
    let admins = by_name("admins", "Admins", &["pbx_admin"]);
    let (mut world, okta) = world(&[reports.clone(), admins.clone()]);
    let anna = world.user_by(okta, "anna", &[]);
    world.group(okta, "Analysts", &[anna]);
    world.group(okta, "Admins", &[anna]);
    assert_eq!(world.roles_of(anna), ["pbx_admin"], "the highest rank");
    reports.precedence = 1;
    declare(&mut world, OPBX, &[reports, admins]);
    assert_eq!(world.roles_of(anna), ["reporter"]);
    assert_eq!(world.grants_of(anna), ["reporter by mapping"]);
}

#[test]
fn where_several_roles_are_held_every_matching_rule_gives_its_own() {
    let mut world = World::new(PBX_STATS);
    let mut first = by_name("first", "Floor", &["viewer"]);
    first.precedence = 9;
    declare(
        &mut world,
        PBX_STATS,
        &[first, by_name("second", "Leads", &["manager"])],
    );
    let anna = world.user("anna", &[]);
    world.group(Principal::Operator, "Floor", &[anna]);
    world.group(Principal::Operator, "Leads", &[anna]);
    assert_eq!(world.roles_of(anna), ["manager", "viewer"]);
}

#[test]
fn a_custom_role_by_a_rule_stands_beside_the_built_in_one_or_in_its_place() {
    let with = |catalogue: &str, roles: &[&str]| {
        let mut world = World::new(catalogue);
        let mut declared = declaration(catalogue, &[("night", "Night")]);
        let mut low = by_name("low", "All", &[roles[0]]);
        low.precedence = -1;
        declared.settings.mappings = vec![low, by_name("high", "Night shift", &["night"])];
        declared.custom_roles[0].1.permissions.clear();
        world.must(Principal::Config, Command::Declare(Box::new(declared)));
        let anna = world.user("anna", &[]);
        world.group(Principal::Operator, "All", &[anna]);
        world.group(Principal::Operator, "Night shift", &[anna]);
        world.grants_of(anna)
    };
    assert_eq!(
        with(TENANT, &["tenant_admin"]),
        ["night by mapping", "tenant_admin by mapping"]
    );
    assert_eq!(with(PBX_IM, &["supervisor"]), ["night by mapping"]);
}

#[test]
fn what_change_sets_made_is_what_loading_them_makes() {
    let (mut world, okta) = world(&[by_name("owners", "Bosses", &["owner"])]);
    let anna = world.user_by(okta, "anna", &[]);
    let group = world.group(okta, "Bosses", &[anna]);
    world.must(okta, leave(group, anna));
    let mut again = jackfield_directory::Snapshot::empty();
    for set in &world.sets {
        let json = serde_json::to_string(set).expect("json");
        again
            .apply(&serde_json::from_str(&json).expect("a set"))
            .expect("it fits");
    }
    world.now = again;
    assert_eq!(world.grants_of(anna), ["owner by retained"]);
    world.user("ben", &["owner"]);
    assert!(world.grants_of(anna).is_empty());
}
