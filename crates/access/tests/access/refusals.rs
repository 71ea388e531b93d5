//! What a refusal says: why, and who could do it instead.

use crate::table::{OPBX, TENANT, denial, edited, roles, with_custom};

#[test]
fn a_refusal_says_why_and_who_could_do_it_instead() {
    let roles = roles(OPBX);
    let may_edit = "Ask a holder of Owner or PBX Admin.";
    for (who, deed, what, why, instead) in [
        (
            "owner",
            "delete!",
            "owner",
            "This is the last active Owner, and at least one must remain: make another user Owner \
             first.",
            "",
        ),
        (
            "owner",
            "delete",
            "self",
            "You cannot delete your own account.",
            "Ask another holder of Owner.",
        ),
        (
            "owner",
            "change",
            "self->reporter",
            "You cannot change your own role.",
            "Ask another holder of Owner.",
        ),
        (
            "pbx_user",
            "change",
            "self->reporter",
            "You cannot change your own role.",
            may_edit,
        ),
        (
            "owner",
            "change",
            "reporter->pbx_admin",
            "Reporter cannot become PBX Admin in one step.",
            "Ask the operator of the directory.",
        ),
        (
            "pbx_admin",
            "edit",
            "owner",
            "Your roles do not let you edit users with the role Owner.",
            "Ask a holder of Owner.",
        ),
        (
            "pbx_admin",
            "change",
            "pbx_user->owner",
            "Your roles do not let you assign the role Owner.",
            "Ask a holder of Owner.",
        ),
        (
            "reporter",
            "view",
            "owner",
            "Your roles do not give you the permission users:view.",
            may_edit,
        ),
        (
            "reporter",
            "edit-own-profile",
            "self",
            "Your roles do not give you the permission profile:edit.",
            may_edit,
        ),
        (
            "connection:below_kept",
            "create",
            "owner",
            "The role Owner is above what this connection may reach.",
            "Ask a holder of Owner.",
        ),
        (
            "reader",
            "delete",
            "reporter",
            "This account can only read.",
            may_edit,
        ),
        (
            "system",
            "delete-role",
            "reporter",
            "Reporter is a built-in role and cannot be changed or deleted.",
            "",
        ),
    ] {
        let told = denial(&roles, who, deed, what);
        assert_eq!(told, format!("{why} {instead}").trim_end());
    }
}

#[test]
fn who_could_do_it_follows_the_catalogue_and_the_roles_of_the_tenant() {
    let only_owners = edited(OPBX, &[("    \"users:change-role\",\n", "")]);
    let told = denial(&only_owners, "pbx_admin", "change", "pbx_user->reporter");
    assert!(told.ends_with("Ask a holder of Owner."), "{told}");
    let lead = "[role.lead]\ntitle = \"Team lead\"\npermissions = [\"users:view\"]";
    let told = denial(&with_custom(TENANT, lead), "tenant_user", "view", "lead");
    assert!(
        told.ends_with("Ask a holder of Tenant Admin or Team lead."),
        "{told}"
    );
}
