//! OPBX, sentence by sentence.

use crate::table::{OPBX, check, edit, edited, keys, roles, user, with_custom};

#[test]
fn only_an_owner_or_a_pbx_admin_within_pbx_user_and_reporter_creates_edits_or_deletes_a_user() {
    let ask = |deed: &str, target: &str| {
        let is_managed = matches!(target, "pbx_user" | "reporter");
        let admin = if is_managed { "yes" } else { "manages" };
        format!(
            "owner     {deed} {target} yes
             pbx_admin {deed} {target} {admin}
             pbx_user  {deed} {target} needs
             reporter  {deed} {target} needs
             -         {deed} {target} needs\n"
        )
    };
    let deeds = [
        "create",
        "edit",
        "activate",
        "deactivate",
        "delete",
        "reset",
    ];
    let targets = ["owner", "pbx_admin", "pbx_user", "reporter"];
    let table = deeds.map(|deed| targets.map(|target| ask(deed, target)).concat());
    check(&roles(OPBX), &table.concat());
}

#[test]
fn viewing_users_is_for_owner_and_pbx_admin_only() {
    check(
        &roles(OPBX),
        "owner     view pbx_admin yes
         pbx_admin view owner     yes
         pbx_user  view reporter  needs
         reporter  view pbx_user  needs
         reporter  view self      yes",
    );
}

#[test]
fn another_page_lets_a_pbx_admin_edit_everybody_but_owners() {
    let other = edited(OPBX, &[("# edits =", "edits =")]);
    check(
        &other,
        "pbx_admin edit   pbx_admin            yes
         pbx_admin edit   pbx_user             yes
         pbx_admin edit   owner                manages
         pbx_admin delete pbx_admin            manages
         pbx_admin change pbx_admin->pbx_user  manages",
    );
}

#[test]
fn a_pbx_admin_configures_the_phone_system_but_not_the_cloudonix_integration() {
    check(
        &roles(OPBX),
        "pbx_admin use settings:edit      yes
         pbx_admin use extensions:edit    yes
         pbx_admin use ring-groups:edit   yes
         pbx_admin use ivr:edit           yes
         pbx_admin use cloudonix:view     needs
         pbx_admin use cloudonix:edit     needs
         owner     use cloudonix:edit     yes
         owner     use organization:delete yes
         pbx_admin use organization:delete needs",
    );
}

#[test]
fn another_page_leaves_settings_to_the_owner_alone() {
    let lines =
        ["settings", "extensions", "ring-groups", "ivr"].map(|a| format!("    \"{a}:*\",\n"));
    let edits: Vec<_> = lines.iter().map(|line| (line.as_str(), "")).collect();
    check(
        &edited(OPBX, &edits),
        "pbx_admin use settings:edit   needs
         pbx_admin use extensions:edit needs
         owner     use settings:edit   yes",
    );
}

#[test]
fn an_owner_changes_any_role_but_the_own_one() {
    check(
        &roles(OPBX),
        "owner change pbx_user->owner     yes
         owner change owner->reporter     yes
         owner change reporter->owner     yes
         owner change -->pbx_admin        yes
         owner change self->pbx_admin     change_own_role",
    );
}

#[test]
fn a_pbx_admin_changes_roles_only_among_pbx_user_and_reporter() {
    check(
        &roles(OPBX),
        "pbx_admin change pbx_user->reporter    yes
         pbx_admin change reporter->pbx_user    yes
         pbx_admin change reporter->-           yes
         pbx_admin change pbx_user->pbx_admin   assigns
         pbx_admin change pbx_user->owner       assigns
         pbx_admin change pbx_admin->pbx_user   manages
         pbx_admin change owner->pbx_user       manages
         pbx_user  change reporter->pbx_user    needs
         reporter  change pbx_user->reporter    needs",
    );
}

#[test]
fn a_stricter_page_lets_only_owners_change_roles() {
    check(
        &edited(OPBX, &[("    \"users:change-role\",\n", "")]),
        "pbx_admin change pbx_user->reporter needs
         pbx_admin create reporter           yes
         owner     change pbx_user->reporter yes",
    );
}

#[test]
fn a_looser_row_lets_a_pbx_admin_promote_a_pbx_user_to_pbx_admin() {
    check(
        &edited(OPBX, &[("# assigns =", "assigns =")]),
        "pbx_admin change pbx_user->pbx_admin yes
         pbx_admin change pbx_admin->pbx_user manages
         pbx_admin change pbx_user->owner     assigns
         pbx_admin change reporter->pbx_admin forbidden_transitions
         pbx_admin create pbx_admin           manages",
    );
}

#[test]
fn only_owners_promote_to_owner() {
    check(
        &roles(OPBX),
        "owner     change pbx_admin->owner yes
         pbx_admin change pbx_user->owner  assigns
         pbx_user  change pbx_user->owner  needs
         pbx_admin change self->owner      change_own_role",
    );
}

#[test]
fn a_reporter_never_becomes_pbx_admin_in_one_step() {
    check(
        &roles(OPBX),
        "owner change reporter->pbx_admin              forbidden_transitions
         owner change reporter->pbx_user               yes
         owner change pbx_user->pbx_admin              yes
         connection:full change reporter->pbx_admin    yes
         system change reporter->pbx_admin             yes",
    );
    let free = "forbidden_transitions = [] #";
    check(
        &edited(OPBX, &[("forbidden_transitions = ", free)]),
        "owner change reporter->pbx_admin yes",
    );
    let bound = ("connections = false", "connections = true");
    check(
        &edited(OPBX, &[bound]),
        "connection:full change reporter->pbx_admin forbidden_transitions",
    );
}

#[test]
fn nobody_changes_the_own_role_and_nobody_deletes_the_own_account() {
    check(
        &roles(OPBX),
        "owner     change self->reporter  change_own_role
         pbx_user  change self->owner     change_own_role
         owner     delete self            delete_own_account
         pbx_admin delete self            delete_own_account
         reporter  delete self            delete_own_account",
    );
}

#[test]
fn the_last_owner_can_be_neither_deleted_demoted_nor_deactivated() {
    let ask = |actor: &str| {
        format!(
            "{actor} delete!          owner              keep_holder
             {actor} deactivate!      owner              keep_holder
             {actor} change!          owner->pbx_user    keep_holder
             {actor} change!          owner->-           keep_holder
             {actor} delete           owner              yes
             {actor} deactivate       owner              yes
             {actor} change           owner->pbx_user    yes
             {actor} edit!            owner              yes
             {actor} inactive-delete! owner              yes
             {actor} delete!          pbx_admin          yes\n"
        )
    };
    let actors = [
        "owner",
        "system",
        "connection:full",
        "connection:below_kept",
    ];
    check(&roles(OPBX), &actors.map(ask).concat());
}

#[test]
fn a_role_that_still_shows_through_another_grant_is_not_lost() {
    check(&roles(OPBX), "owner change! owner+pbx_user->owner yes");
}

#[test]
fn everybody_but_a_reporter_edits_the_own_profile() {
    let table = "owner     edit-own-profile yes
                 pbx_admin edit-own-profile yes
                 pbx_user  edit-own-profile yes\n";
    check(
        &roles(OPBX),
        &format!("{table} reporter edit-own-profile needs"),
    );
    let other = edited(OPBX, &[("    # \"profile:edit\"", "    \"profile:edit\"")]);
    check(&other, &format!("{table} reporter edit-own-profile yes"));
}

#[test]
fn a_pbx_user_has_the_phone_and_own_data_only() {
    check(
        &roles(OPBX),
        "pbx_user use calls:make            yes
         pbx_user use calls:transfer        yes
         pbx_user use voicemail:use:own     yes
         pbx_user use voicemail:use         needs
         pbx_user use call-history:view:own yes
         pbx_user use call-history:view     needs
         pbx_user use reports:view:own      yes
         pbx_user use reports:export:own    yes
         pbx_user use reports:view          needs
         pbx_user use extensions:edit       needs
         -        use calls:make            yes",
    );
}

#[test]
fn a_reporter_has_all_reports_and_nothing_else() {
    check(
        &roles(OPBX),
        "reporter use reports:view          yes
         reporter use reports:export        yes
         reporter use reports:view:own      yes
         reporter use calls:make            needs
         reporter use voicemail:use:own     needs
         reporter use extensions:view:own   needs
         reporter use users:view            needs",
    );
    assert_eq!(user(&roles(OPBX), "reporter").permissions().len(), 4);
}

#[test]
fn a_user_has_one_role_and_the_highest_rank_wins() {
    let roles = roles(OPBX);
    for (granted, shown) in [
        ("-", ["pbx_user"]),
        ("reporter", ["reporter"]),
        ("reporter+pbx_user", ["pbx_user"]),
        ("pbx_admin+owner+reporter", ["owner"]),
    ] {
        assert_eq!(
            keys(user(&roles, granted).shown().iter().copied()),
            shown,
            "{granted}"
        );
    }
    assert!(user(&roles, "-").baseline().is_some());
    assert!(user(&roles, "reporter").baseline().is_none());
}

#[test]
fn a_grant_that_a_higher_one_covers_still_has_to_be_assignable() {
    let covered = "pbx_admin change pbx_user->pbx_user+reporter";
    check(&roles(OPBX), &format!("{covered} yes"));
    let line = "# assigns = [\"pbx_admin\", \"pbx_user\", \"reporter\"]";
    check(
        &edited(OPBX, &[(line, "assigns = [\"pbx_user\"]")]),
        &format!("{covered} assigns"),
    );
    let roles = roles(OPBX);
    assert_eq!(
        keys(user(&roles, "owner+reporter").granted()),
        ["owner", "reporter"]
    );
}

#[test]
fn the_licence_limits_pbx_users_and_reporters() {
    let roles = roles(OPBX);
    for (granted, is_seat) in [
        ("owner", false),
        ("pbx_admin", false),
        ("pbx_user", true),
        ("reporter", true),
        ("-", true),
    ] {
        assert_eq!(
            roles.takes_seat(&user(&roles, granted)),
            is_seat,
            "{granted}"
        );
    }
    assert!(
        !roles.takes_seat(&jackfield_access::Effective::default()),
        "inactive"
    );
}

#[test]
fn custom_roles_are_off_and_may_be_switched_on() {
    let night = "[role.night_desk]\ntitle = \"Night desk\"\npermissions = [\"ring-groups:edit\"]";
    let off = roles(OPBX);
    let custom: crate::table::Custom = toml::from_str(night).unwrap();
    assert_eq!(
        off.catalogue().validate_custom(&custom.role)[0].path,
        "role"
    );
    let sneaked = jackfield_access::Roles::new(off.catalogue().clone(), custom.role);
    check(
        &sneaked,
        "owner  create-role night_desk                 custom
         owner  change pbx_user->pbx_user+night_desk   custom
         system change pbx_user->pbx_user+night_desk   custom
         owner  create night_desk                      custom
         owner  edit-role   night_desk                 custom
         owner  delete-role night_desk                 yes
         night_desk use ring-groups:edit               needs",
    );
    let on = with_custom(
        &edit(OPBX, &[("custom = \"none\"", "custom = \"one\"")]),
        night,
    );
    check(
        &on,
        "owner      create-role night_desk                 yes
         pbx_admin  create-role night_desk                 role_editors
         owner      change pbx_user->pbx_user+night_desk   yes
         pbx_admin  change pbx_user->pbx_user+night_desk   assigns
         night_desk use ring-groups:edit                   yes
         night_desk use calls:make                         yes
         owner      edit-role pbx_user                     built_in
         system     delete-role pbx_user                   built_in",
    );
}

#[test]
fn a_connection_gives_roles_up_to_its_ceiling() {
    check(
        &roles(OPBX),
        "connection:below_kept change pbx_user->pbx_admin  yes
         connection:below_kept change pbx_user->owner      ceiling
         connection:below_kept create owner                ceiling
         connection:below_kept create pbx_admin            yes
         connection:below_kept reset  owner                ceiling
         connection:below_kept reset  pbx_admin            yes
         connection:below_kept delete owner                yes
         connection:full       change pbx_user->owner      yes
         connection:full       create owner                yes
         connection:pbx_user   change reporter->pbx_user   yes
         connection:pbx_user   change pbx_user->pbx_admin  ceiling
         connection:reporter   create -                    yes
         connection:reporter   change reporter->-          yes
         connection:no_role    create reporter             ceiling
         connection:full       edit-own-profile            people_only
         connection:full       use reports:view            people_only",
    );
}

#[test]
fn readers_change_nothing_and_the_program_may_do_what_no_rule_forbids() {
    check(
        &roles(OPBX),
        "reader edit pbx_user             reads_only
         reader use  reports:view         reads_only
         system create owner              yes
         system change reporter->owner    yes
         system use  cloudonix:edit       yes",
    );
}

#[test]
fn an_inactive_holder_counts_as_the_role_it_would_have() {
    check(
        &roles(OPBX),
        "pbx_admin inactive-activate owner    manages
         pbx_admin inactive-reset    owner    manages
         pbx_admin inactive-activate reporter yes",
    );
}
