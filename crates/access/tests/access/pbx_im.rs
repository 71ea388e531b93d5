//! PBX.IM, sentence by sentence.

use crate::table::{PBX_IM, catalogue, check, keys, roles, user, with_custom};

const BUILT: &str = r#"
[role.phone_only]
title = "Phone only"
levels = { cdr = "read_only", account = "disabled", users-and-roles = "default" }

[role.billing]
title = "Billing only"
specials = ["finance"]

[role.monitor]
title = "Monitoring supervisor"
specials = ["listen-own-recordings"]
levels = { cdr = "read_only", call-queues = "read_only", extensions = "read_only" }

[role.team_lead]
title = "Team lead"
rank = 18
levels = { users-and-roles = "read_write", extensions = "read_write", ring-groups = "read_write" }

[role.keeps_on]
title = "No pauses"
specials = ["disallow-changing-pause"]

[role.groups]
title = "Permission groups"
levels = { permission-groups = "read_write" }
"#;

#[test]
fn there_are_23_modules_and_6_special_permissions() {
    let catalogue = catalogue(PBX_IM);
    assert_eq!((catalogue.areas.len(), catalogue.specials.len()), (23, 6));
    for level in ["default", "disabled", "read_only", "read_write"] {
        assert!(catalogue.levels.contains_key(level), "{level}");
    }
}

#[test]
fn the_default_roles_have_their_levels_and_special_permissions() {
    check(
        &roles(PBX_IM),
        "agent      use call-forwarding:edit:own  yes
         agent      use call-forwarding:edit      needs
         agent      use voicemail:view:own        yes
         agent      use contacts:view             yes
         agent      use contacts:edit             needs
         agent      use cdr:view:own              yes
         agent      use cdr:view                  needs
         agent      use listen-own-recordings:use yes
         agent      use finance:use               needs
         supervisor use call-queues:view          yes
         supervisor use call-queues:edit          needs
         supervisor use account:view              needs
         supervisor use permission-groups:view    needs
         supervisor use call-center-api:use       needs
         financial  use account:view              yes
         financial  use account:edit              needs
         financial  use phone-numbers:view        yes
         financial  use finance:use               yes
         financial  use listen-own-recordings:use needs
         admin      use account:edit              yes
         admin      use permission-groups:edit    yes
         admin      use call-center-api:use       yes
         admin      use disallow-changing-pause:use needs",
    );
}

#[test]
fn a_toggle_takes_away_the_own_pause() {
    check(
        &with_custom(PBX_IM, BUILT),
        "agent    use call-queues:pause:own       yes
         admin    use call-queues:pause:own       yes
         keeps_on use call-queues:pause:own       needs
         keeps_on use disallow-changing-pause:use yes",
    );
}

#[test]
fn what_one_role_takes_away_no_other_gives_back() {
    let text = crate::table::edit(
        PBX_IM,
        &[
            ("custom_role = \"instead\"", "custom_role = \"adds\""),
            ("custom = \"one\"", "custom = \"any\""),
        ],
    );
    let roles = with_custom(&text, BUILT);
    check(
        &roles,
        "agent+billing          use call-queues:pause:own yes
         agent+billing+keeps_on use call-queues:pause:own needs
         agent+billing+keeps_on use finance:use           yes",
    );
    let listed = user(&roles, "agent+keeps_on").permissions();
    assert!(!listed.contains_str("call-queues:pause:own"));
    assert!(listed.contains_str("contacts:view"));
}

#[test]
fn a_user_has_one_role_and_a_custom_one_is_in_place_of_a_default_one() {
    let roles = with_custom(PBX_IM, BUILT);
    for (granted, shown) in [
        ("-", "agent"),
        ("agent", "agent"),
        ("billing", "billing"),
        ("agent+billing", "billing"),
        ("billing+supervisor", "supervisor"),
        ("billing+team_lead", "team_lead"),
        ("financial+team_lead", "team_lead"),
    ] {
        assert_eq!(
            keys(user(&roles, granted).shown().iter().copied()),
            [shown],
            "{granted}"
        );
    }
    check(&roles, "agent+billing use contacts:view needs");
}

#[test]
fn default_roles_cannot_be_edited_or_deleted_and_custom_ones_can() {
    check(
        &with_custom(PBX_IM, BUILT),
        "admin  edit-role   agent    built_in
         admin  delete-role agent    built_in
         system edit-role   agent    built_in
         admin  create-role keeps_on yes
         admin  edit-role   billing  yes
         admin  delete-role billing  yes",
    );
}

#[test]
fn only_an_admin_whose_level_on_permission_groups_is_read_write_adds_or_edits_roles() {
    let roles = with_custom(PBX_IM, BUILT);
    check(
        &roles,
        "admin      create-role billing yes
         groups     create-role billing role_editors
         groups     view-roles          role_editors
         supervisor view-roles          needs
         agent      edit-role   billing needs",
    );
    let weak = crate::table::edit(
        PBX_IM,
        &[(
            "\"*\" = \"read_write\"",
            "\"*\" = \"read_write\"\npermission-groups = \"read_only\"",
        )],
    );
    check(
        &with_custom(&weak, BUILT),
        "admin create-role billing needs
         admin view-roles          yes",
    );
}

#[test]
fn the_roles_that_people_build_do_what_they_are_for() {
    check(
        &with_custom(PBX_IM, BUILT),
        "phone_only use cdr:view             yes
         phone_only use account:view         needs
         phone_only use users-and-roles:view needs
         billing    use finance:use          yes
         billing    use cdr:view             needs
         monitor    use call-queues:view     yes
         monitor    use call-queues:edit     needs
         monitor    use listen-own-recordings:use yes
         team_lead  use extensions:edit      yes
         team_lead  edit   agent             yes
         team_lead  create billing           yes
         team_lead  edit   supervisor        manages
         team_lead  edit   admin             manages
         team_lead  change agent->billing    yes
         team_lead  change agent->admin      assigns
         team_lead  change agent->team_lead  assigns",
    );
}

#[test]
fn the_roles_that_people_build_ship_as_templates() {
    let catalogue = catalogue(PBX_IM);
    let built: crate::table::Custom = toml::from_str(BUILT).unwrap();
    let shipped = jackfield_access::Roles::new(
        std::sync::Arc::new(catalogue.clone()),
        catalogue.templates.clone(),
    );
    let tested = with_custom(PBX_IM, BUILT);
    assert_eq!(catalogue.templates.len(), 4);
    for key in catalogue
        .templates
        .keys()
        .map(jackfield_access::RoleKey::as_str)
    {
        assert!(built.role.contains_key(key), "{key}");
        let of = |roles: &jackfield_access::Roles| roles.get(key).unwrap().permissions().clone();
        assert_eq!(of(&shipped), of(&tested), "{key}");
    }
}

#[test]
fn own_profile_and_own_password_are_special_permissions() {
    check(
        &with_custom(PBX_IM, BUILT),
        "agent   edit-own-profile    yes
         agent   change-own-password yes
         billing edit-own-profile    needs
         billing change-own-password needs",
    );
}

#[test]
fn the_last_admin_stays() {
    check(
        &with_custom(PBX_IM, BUILT),
        "admin delete!     admin                   keep_holder
         admin deactivate! admin                   keep_holder
         admin change!     admin->agent            keep_holder
         admin change!     admin->admin+team_lead  yes
         admin change      admin->agent            yes",
    );
}
