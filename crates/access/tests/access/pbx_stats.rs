//! PBX Stats, sentence by sentence.

use crate::table::{PBX_STATS, check, keys, roles, user, with_custom};

#[test]
fn a_user_has_any_number_of_roles_and_the_permissions_of_all() {
    let roles = with_custom(
        PBX_STATS,
        "[role.floor]\ntitle = \"Floor\"\nlevels.desks = \"read_only\"",
    );
    let both = user(&roles, "viewer+manager+floor");
    assert_eq!(
        keys(both.shown().iter().copied()),
        ["manager", "viewer", "floor"]
    );
    assert_eq!(both.top().unwrap().key().as_str(), "manager");
    check(
        &roles,
        "viewer         use desks:view            needs
         viewer+floor   use desks:view            yes
         viewer+floor   use dashboards:view:own   yes
         viewer+floor   use dashboards:view       needs
         viewer+manager use dashboards:view       yes",
    );
}

#[test]
fn a_user_without_a_role_may_do_nothing() {
    let roles = roles(PBX_STATS);
    assert!(user(&roles, "-").permissions().is_empty());
    assert!(user(&roles, "-").shown().is_empty());
    check(&roles, "- use dashboards:view:own needs");
}

#[test]
fn only_users_whose_roles_permit_it_view_create_edit_or_delete_users() {
    let roles = with_custom(
        PBX_STATS,
        "[role.personnel]
         title = \"Personnel\"
         rank = 30
         permissions = [\"users:view\", \"users:create\", \"users:edit\"]
         [role.powerless]
         title = \"Powerless\"
         permissions = [\"users:edit\"]
         manages = []",
    );
    check(
        &roles,
        "administrator create administrator     yes
         administrator delete manager           yes
         administrator delete -                 yes
         administrator reset  viewer            yes
         administrator deactivate manager       yes
         manager       view   viewer            yes
         manager       edit   viewer            needs
         viewer        view   manager           needs
         personnel     create viewer            yes
         personnel     edit   viewer+manager    yes
         personnel     edit   viewer+administrator manages
         personnel     edit   -                 yes
         personnel     delete viewer            needs
         personnel     change viewer->viewer+manager       yes
         personnel     change viewer->viewer+administrator assigns
         personnel     change viewer->viewer+personnel     assigns
         powerless     edit   -                 manages
         powerless+manager edit viewer          manages",
    );
}

#[test]
fn roles_with_users_roles_or_settings_are_marked_special() {
    let roles = with_custom(
        PBX_STATS,
        "[role.setter]\ntitle = \"Setter\"\npermissions = [\"settings:view\"]",
    );
    let special: Vec<_> = roles.iter().filter(|role| role.is_special()).collect();
    assert_eq!(keys(special), ["administrator", "manager", "setter"]);
}

#[test]
fn the_last_administrator_stays() {
    check(
        &roles(PBX_STATS),
        "administrator delete!     administrator                           keep_holder
         administrator deactivate! administrator+viewer                    keep_holder
         administrator change!     administrator+viewer->viewer            keep_holder
         administrator change!     administrator->administrator+viewer     yes
         administrator delete      administrator                           yes
         administrator delete      self                                    delete_own_account",
    );
}

#[test]
fn nobody_defines_a_role_beyond_the_own_permissions_or_reach() {
    let roles = with_custom(
        PBX_STATS,
        "[role.designer]
         title = \"Designer\"
         rank = 30
         permissions = [\"roles:*\", \"desks:*\", \"users:edit\"]
         manages = [\"viewer\"]
         [role.desks]
         title = \"Desks\"
         permissions = [\"desks:*\"]
         [role.listener]
         title = \"Listener\"
         permissions = [\"recordings:view\"]
         [role.lead]
         title = \"Lead\"
         permissions = [\"users:edit\"]
         manages = [\"manager\"]
         [role.auditor]
         title = \"Auditor\"
         rank = 35
         permissions = [\"desks:view\"]
         [role.peer]
         title = \"Peer\"
         rank = 30
         permissions = [\"desks:view\"]",
    );
    check(
        &roles,
        "designer      create-role desks      yes
         designer      edit-role   desks      yes
         designer      edit-role   designer   yes
         designer      edit-role   listener   beyond_own
         designer      delete-role listener   beyond_own
         designer      create-role lead       beyond_own
         designer      edit-role   viewer     beyond_own
         designer      create-role auditor    beyond_own
         designer      edit-role   auditor    beyond_own
         designer      delete-role peer       beyond_own
         designer      delete-role designer   change_own_role
         administrator edit-role   auditor    yes
         administrator create-role lead       yes
         administrator delete-role designer   yes
         administrator edit-role   viewer     built_in
         manager       create-role desks      needs
         desks         view-roles             needs
         designer      view-roles             yes",
    );
}

#[test]
fn administrator_manager_and_viewer_are_as_shipped() {
    check(
        &roles(PBX_STATS),
        "administrator use settings:delete     yes
         manager       use desks:edit          yes
         manager       use desks:delete        needs
         manager       use reports:create      yes
         manager       use reports:export      yes
         manager       use dashboards:export   yes
         manager       use recordings:view     yes
         manager       use settings:view       needs
         viewer        use reports:view:own    yes
         viewer        use reports:export:own  needs
         viewer        use recordings:view     needs",
    );
}
