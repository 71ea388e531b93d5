//! Tenant PBX, sentence by sentence.

use crate::table::{TENANT, catalogue, check, edit, keys, roles, user, with_custom};

const BUILT: &str = r#"
[role.receptionist]
title = "Receptionist"
permissions = [
    "extensions:view", "call-flows:view", "ring-groups:view", "call-queues:view", "call-history:view",
    "voicemail:view", "voicemail:create", "voicemail:edit", "media:view", "media:create", "media:edit",
]
[role.manager]
title = "Manager"
permissions = ["call-history:view", "analytics:view", "call-queues:edit"]
[role.billing_person]
title = "Billing Person"
permissions = ["billing:view"]
[role.auditor]
title = "Auditor"
permissions = ["*:view"]
[role.empty]
title = "Empty"
[role.personnel]
title = "Personnel"
rank = 20
permissions = ["users:*"]
"#;

#[test]
fn there_are_20_categories_with_four_actions_each() {
    let catalogue = catalogue(TENANT);
    assert_eq!((catalogue.areas.len(), catalogue.actions.len()), (20, 4));
    assert!(catalogue.areas.values().all(|area| area.actions.is_none()));
}

#[test]
fn a_tenant_admin_may_do_everything_and_sees_the_roles_page() {
    let roles = with_custom(TENANT, BUILT);
    let admin = user(&roles, "tenant_admin");
    assert_eq!(admin.permissions(), *roles.permissions());
    check(
        &roles,
        "tenant_admin view-roles               yes
         tenant_admin create-role receptionist yes
         tenant_user  view-roles               role_editors
         auditor      view-roles               role_editors",
    );
}

#[test]
fn a_custom_role_cannot_restrict_an_admin() {
    for effect in ["adds", "replaces"] {
        let text = edit(
            TENANT,
            &[(
                "custom_role = \"adds\"",
                &format!("custom_role = \"{effect}\""),
            )],
        );
        let roles = with_custom(&text, BUILT);
        check(
            &roles,
            "tenant_admin               change tenant_admin->tenant_admin+billing_person yes
             tenant_admin+billing_person use   extensions:delete                         yes
             tenant_admin+billing_person edit  tenant_user                               yes",
        );
        let restricted = user(&roles, "tenant_admin+billing_person");
        assert_eq!(keys(restricted.without_effect()), ["billing_person"]);
        assert_eq!(
            keys(restricted.shown().iter().copied()),
            ["tenant_admin", "billing_person"]
        );
        assert!(
            user(&roles, "billing_person")
                .without_effect()
                .next()
                .is_none()
        );
    }
}

#[test]
fn a_tenant_user_has_own_voicemail_own_call_history_and_the_directory() {
    check(
        &roles(TENANT),
        "tenant_user use voicemail:view:own    yes
         tenant_user use voicemail:delete:own  yes
         tenant_user use voicemail:view        needs
         tenant_user use call-history:view:own yes
         tenant_user use call-history:view     needs
         tenant_user use directory:use         yes
         tenant_user use extensions:view       needs
         tenant_user view tenant_user          needs
         tenant_user edit tenant_user          needs",
    );
    assert_eq!(user(&roles(TENANT), "tenant_user").permissions().len(), 6);
}

#[test]
fn a_custom_role_adds_to_these_defaults() {
    check(
        &with_custom(TENANT, BUILT),
        "billing_person             use billing:view          yes
         billing_person             use billing:edit          needs
         billing_person             use call-history:view:own yes
         tenant_user+billing_person use directory:use         yes",
    );
}

#[test]
fn or_its_holder_has_exactly_the_roles_permissions() {
    let text = edit(
        TENANT,
        &[("custom_role = \"adds\"", "custom_role = \"replaces\"")],
    );
    let roles = with_custom(&text, BUILT);
    check(
        &roles,
        "billing_person use billing:view          yes
         billing_person use call-history:view:own needs
         billing_person use directory:use         needs
         tenant_user    use directory:use         yes",
    );
    let holder = user(&roles, "billing_person");
    assert_eq!(
        keys(holder.shown().iter().copied()),
        ["billing_person", "tenant_user"]
    );
    assert_eq!(keys(holder.acting().iter().copied()), ["billing_person"]);
}

#[test]
fn a_user_has_one_custom_role_at_most() {
    let roles = with_custom(TENANT, BUILT);
    let both = user(&roles, "auditor+personnel");
    assert_eq!(
        keys(both.shown().iter().copied()),
        ["tenant_user", "personnel"]
    );
    assert_eq!(both.granted().count(), 2);
}

#[test]
fn the_examples_of_custom_roles_do_what_they_are_for() {
    check(
        &with_custom(TENANT, BUILT),
        "receptionist use voicemail:edit      yes
         receptionist use voicemail:delete    needs
         receptionist use call-queues:edit    needs
         manager      use call-queues:edit    yes
         manager      use call-queues:delete  needs
         auditor      use billing:view        yes
         auditor      use billing:edit        needs
         auditor      view tenant_admin       yes
         auditor      edit tenant_user        needs",
    );
    let roles = with_custom(TENANT, BUILT);
    let auditor = roles.get("auditor").unwrap().permissions();
    assert!(
        auditor
            .iter()
            .all(|permission| permission.action() == "view")
    );
    assert_eq!(
        auditor
            .iter()
            .filter(|permission| !permission.is_own())
            .count(),
        20
    );
}

#[test]
fn the_examples_of_custom_roles_ship_as_templates() {
    let catalogue = catalogue(TENANT);
    let keys: Vec<&str> = catalogue
        .templates
        .keys()
        .map(jackfield_access::RoleKey::as_str)
        .collect();
    assert_eq!(
        keys,
        ["auditor", "billing_person", "manager", "receptionist"]
    );
    let built: crate::table::Custom = toml::from_str(BUILT).unwrap();
    for (key, template) in &catalogue.templates {
        assert_eq!(template.permissions, built.role[key].permissions, "{key}");
    }
}

#[test]
fn a_custom_role_that_manages_users_reaches_the_ranks_below_its_own() {
    check(
        &with_custom(TENANT, BUILT),
        "personnel create tenant_user                           yes
         personnel edit   receptionist                          yes
         personnel edit   tenant_admin                          manages
         personnel edit   personnel                             manages
         personnel change tenant_user->tenant_user+receptionist yes
         personnel change tenant_user->tenant_admin             assigns
         personnel change tenant_user->tenant_user+personnel    assigns
         personnel reset  tenant_admin                          manages",
    );
}

#[test]
fn deleting_a_custom_role_leaves_its_holders_their_built_in_role() {
    let mut left = user(&with_custom(TENANT, BUILT), "tenant_user+auditor")
        .granted()
        .count();
    assert_eq!(left, 2);
    let without = roles(TENANT);
    let holder = without.effective(["tenant_user", "auditor"]);
    left = holder.granted().count();
    assert_eq!(
        (left, keys(holder.shown().iter().copied())),
        (1, vec!["tenant_user"])
    );
}

#[test]
fn a_custom_role_with_nothing_checked_is_told_apart() {
    let roles = with_custom(TENANT, BUILT);
    let blank: Vec<_> = roles.iter().filter(|role| role.is_blank()).collect();
    assert_eq!(keys(blank), ["empty"]);
}

#[test]
fn the_last_tenant_admin_stays_and_an_invite_lasts_7_days() {
    let roles = roles(TENANT);
    check(
        &roles,
        "tenant_admin delete!     tenant_admin              keep_holder
         tenant_admin deactivate! tenant_admin              keep_holder
         tenant_admin change!     tenant_admin->tenant_user keep_holder
         tenant_admin delete      tenant_admin              yes",
    );
    assert_eq!(roles.catalogue().invite.lifetime_days, 7);
}
