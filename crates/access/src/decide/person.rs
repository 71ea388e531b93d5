//! What a person may do.

use super::{Action, Deed, Subject, gained, no_forbidden_transition};
use crate::permission::Permission;
use crate::reason::Reason;
use crate::role::Power;
use crate::roles::{Effective, Role, Roles};

pub(super) fn may(roles: &Roles, own: &Effective<'_>, action: Action<'_>) -> Result<(), Reason> {
    let needs = &roles.catalogue().needs;
    match action {
        Action::User(deed, subject) => may_do(roles, own, deed, subject),
        Action::ChangeRoles(subject, after) => may_change_roles(roles, own, subject, after),
        Action::EditOwnProfile(_) => have_optional(own, needs.edit_own_profile.as_ref()),
        Action::ChangeOwnPassword(_) => have_optional(own, needs.change_own_password.as_ref()),
        Action::ViewRoles => may_define(roles, own, needs.view_roles.as_ref()),
        Action::CreateRole(role) => {
            may_define(roles, own, needs.create_role.as_ref())?;
            is_within(roles, own, role)
        }
        Action::EditRole { before, after } => {
            may_define(roles, own, needs.edit_role.as_ref())?;
            is_within(roles, own, before)?;
            is_within(roles, own, after)
        }
        Action::DeleteRole(role) => {
            may_define(roles, own, needs.delete_role.as_ref())?;
            let is_own = own.granted().any(|own| own.key() == role.key());
            if is_own && !roles.catalogue().rules.change_own_role {
                return Err(Reason::OwnRole);
            }
            is_within(roles, own, role)
        }
        Action::Use(permission) => have(own, permission),
    }
}

fn may_do(
    roles: &Roles,
    own: &Effective<'_>,
    deed: Deed,
    subject: Subject<'_>,
) -> Result<(), Reason> {
    let rules = &roles.catalogue().rules;
    match deed.power() {
        None if subject.is_self => Ok(()),
        None => have(own, &roles.catalogue().needs.view_user),
        Some(Power::Delete) if subject.is_self && !rules.delete_own_account => {
            Err(Reason::OwnAccount)
        }
        Some(power) => {
            have(own, roles.catalogue().needs.of(power))?;
            reach_all(roles, own, power, subject.roles.shown().iter().copied())
        }
    }
}

fn may_change_roles(
    roles: &Roles,
    own: &Effective<'_>,
    subject: Subject<'_>,
    after: &Effective<'_>,
) -> Result<(), Reason> {
    let catalogue = roles.catalogue();
    if subject.is_self && !catalogue.rules.change_own_role {
        return Err(Reason::OwnRole);
    }
    have(own, &catalogue.needs.change_roles)?;
    reach_all(
        roles,
        own,
        Power::ChangeRoles,
        subject.roles.shown().iter().copied(),
    )?;
    for role in gained(subject.roles, after) {
        reach(roles, own, Power::Assign, role)?;
    }
    no_forbidden_transition(roles, subject.roles, after)
}

/// Defining roles takes the permission, where the catalogue names one, and one of the roles that
/// may.
fn may_define(
    roles: &Roles,
    own: &Effective<'_>,
    needed: Option<&Permission>,
) -> Result<(), Reason> {
    have_optional(own, needed)?;
    let editors = &roles.catalogue().rules.role_editors;
    let is_editor = |role: &&Role| {
        editors
            .iter()
            .any(|key| key.is_every() || key == role.key())
    };
    if own.acting().iter().any(is_editor) {
        Ok(())
    } else {
        Err(Reason::RoleEditors)
    }
}

/// Nobody defines a role that does not rank below the own ones, unless one of these manages it: who
/// lowered it could then do to its holders what they could not do before. An own role stays one
/// that may be edited, but not above itself.
fn is_below(own: &Effective<'_>, role: &Role) -> Result<(), Reason> {
    let is_below = own.acting().iter().any(|own| {
        let is_it = own.key() == role.key() && own.rank() == role.rank();
        is_it || role.rank() < own.rank() || own.reaches(Power::ChangeRoles, role)
    });
    match is_below {
        true => Ok(()),
        false => Err(Reason::BeyondOwnRank(role.name())),
    }
}

/// Nobody defines a role that permits or reaches what is beyond the own permissions and reach:
/// holding it would be a promotion. What takes something away may always be given.
fn is_within(roles: &Roles, own: &Effective<'_>, role: &Role) -> Result<(), Reason> {
    is_below(own, role)?;
    let catalogue = roles.catalogue();
    let is_own =
        |permission: &&Permission| own.allows(permission) || catalogue.takes_away(permission);
    if let Some(permission) = role
        .permissions()
        .iter()
        .find(|permission| !is_own(permission))
    {
        return Err(Reason::BeyondOwnPermissions(permission.clone()));
    }
    for power in Power::ALL {
        if !role.permits(catalogue.needs.of(power)) {
            continue; // a reach without the permission comes to nothing
        }
        for other in roles.iter().filter(|other| role.reaches(power, other)) {
            if reach(roles, own, power, other).is_err() {
                return Err(Reason::BeyondOwnReach(power, other.name()));
            }
        }
    }
    Ok(())
}

fn have(own: &Effective<'_>, permission: &Permission) -> Result<(), Reason> {
    if own.allows(permission) {
        Ok(())
    } else {
        Err(Reason::Permission(permission.clone()))
    }
}

fn have_optional(own: &Effective<'_>, permission: Option<&Permission>) -> Result<(), Reason> {
    permission.map_or(Ok(()), |permission| have(own, permission))
}

/// Whether the power reaches a user with all these roles; one with none is reached by whoever
/// reaches anybody.
fn reach_all<'a>(
    roles: &Roles,
    own: &Effective<'_>,
    power: Power,
    others: impl Iterator<Item = &'a Role>,
) -> Result<(), Reason> {
    let mut others = others.peekable();
    if others.peek().is_none()
        && !powerful(roles, own, power).any(|own| own.reaches_somebody(power))
    {
        return Err(Reason::Reach(power, None));
    }
    others
        .into_iter()
        .try_for_each(|role| reach(roles, own, power, role))
}

fn reach(roles: &Roles, own: &Effective<'_>, power: Power, other: &Role) -> Result<(), Reason> {
    let is_reached = powerful(roles, own, power).any(|own| own.reaches(power, other));
    if is_reached {
        Ok(())
    } else {
        Err(Reason::Reach(power, Some(other.name())))
    }
}

/// Those of the own roles that have the power. The permission of one role does not lend itself to
/// the reach of another.
fn powerful<'a>(
    roles: &'a Roles,
    own: &'a Effective<'a>,
    power: Power,
) -> impl Iterator<Item = &'a Role> {
    let needed = roles.catalogue().needs.of(power);
    own.acting()
        .iter()
        .copied()
        .filter(move |role| role.permits(needed))
}
