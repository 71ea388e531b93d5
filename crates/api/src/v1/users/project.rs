//! What clients are shown of a user: what they may read, and no more.

use jackfield_gateway::{Entry, Reader};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Kind};

use crate::shape::user::{HeldRole, User};
use crate::v1::own;
use crate::v1::project::{Shown, part};

pub(super) fn user(reader: &Reader, user: Entry<'_>) -> User {
    let record = user.record();
    let said = Shown(user);
    User {
        person: said.person(),
        login: said.text(attr::USER_NAME).unwrap_or_default(),
        active: user.may_read(attr::ACTIVE).then(|| record.is_active()),
        employee_number: said.text(attr::EMPLOYEE_NUMBER),
        manager_id: said
            .elements(attr::MANAGER, |manager| part(manager, attr::MANAGER_VALUE))
            .pop()
            .flatten(),
        preferred_language: said.text(attr::PREFERRED_LANGUAGE),
        locale: said.text(attr::LOCALE),
        timezone: said.text(attr::TIMEZONE),
        roles: user.may_read(attr::ROLES).then(|| roles(&said, reader)),
        groups: said.named(attr::GROUPS, |group| group.record().kind == Kind::Group),
        extensions: names(&said, attr::EXTENSIONS, attr::EXTENSIONS_VALUE),
        desks: names(&said, attr::DESKS, attr::DESKS_VALUE),
        email_verified: said.flag(attr::EMAIL_VERIFIED),
        seat: said.flag(attr::SEAT),
        attributes: own::shown(reader, user),
        last_login: said.time(attr::LAST_LOGIN),
    }
}

fn names(said: &Shown<'_>, attr: AttrId, value: AttrId) -> Vec<String> {
    said.elements(attr, |element| part(element, value).unwrap_or_default())
}

/// Those that the role system knows; the values that name no role are data of provisioning
/// clients.
fn roles(said: &Shown<'_>, reader: &Reader) -> Vec<HeldRole> {
    let baseline = said.0.baseline_role();
    let mut roles = Vec::new();
    for role in said.elements(attr::ROLES, |role| part(role, attr::ROLES_VALUE)) {
        let key = role.unwrap_or_default();
        if let Some((role, is_custom)) = reader.role(&key) {
            roles.push(HeldRole {
                baseline: baseline == Some(key.as_str()),
                title: role.to_owned(),
                custom: is_custom,
                key,
            });
        }
    }
    roles
}
