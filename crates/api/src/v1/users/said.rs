//! What a body says of a user.

use jackfield_gateway::access::Roles;
use jackfield_gateway::{Error as Refusal, Session};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Value};

use crate::error::Error;
use crate::shape::patch::Patch;
use crate::shape::user::UserBody;
use crate::v1::own;
use crate::v1::said::Said;

/// What the body says but for the password.
///
/// # Errors
/// [`Refusal::InvalidValue`] for roles and own attributes that are not there.
pub(super) fn of(session: &Session, body: UserBody) -> Result<Said, Error> {
    let mut said = Said::default();
    said.say_texts([
        (attr::USER_NAME, body.user_name),
        (attr::DISPLAY_NAME, body.display_name),
        (attr::TITLE, body.title),
        (attr::DEPARTMENT, body.department),
        (attr::ORGANIZATION, body.organization),
        (attr::EMPLOYEE_NUMBER, body.employee_number),
        (attr::PREFERRED_LANGUAGE, body.preferred_language),
        (attr::LOCALE, body.locale),
        (attr::TIMEZONE, body.timezone),
    ]);
    said.say(attr::ACTIVE, body.active, |it| vec![it.into()]);
    said.say(attr::EMAIL_VERIFIED, body.email_verified, |it| {
        vec![it.into()]
    });
    said.say(attr::MANAGER, body.manager_id, |id| {
        let manager = Attributes::new().with(attr::MANAGER_VALUE, id.as_str());
        vec![manager.into()]
    });
    said.say_name(body.name);
    said.say_addresses(body.emails, body.phone_numbers, body.addresses);
    if let Patch::Set(keys) = &body.roles {
        check_roles(keys, &session.tenant().roles())?;
    }
    said.say(attr::ROLES, body.roles, |keys| {
        named(keys, attr::ROLES_VALUE)
    });
    said.say(attr::EXTENSIONS, body.extensions, extensions);
    said.say(attr::DESKS, body.desks, |names| {
        named(names, attr::DESKS_VALUE)
    });
    own::say(&mut said, &session.tenant().registry(), body.attributes)?;
    Ok(said)
}

fn check_roles(keys: &[String], roles: &Roles) -> Result<(), Error> {
    match keys.iter().find(|key| roles.get(key).is_none()) {
        Some(key) => {
            let problem = format!("there is no role {key:?}");
            Err(Refusal::invalid_value("roles", problem).into())
        }
        None => Ok(()),
    }
}

fn named(names: Vec<String>, value: AttrId) -> Vec<Value> {
    let names = names.into_iter();
    names
        .map(|name| Attributes::new().with(value, name.as_str()).into())
        .collect()
}

/// The first one is the primary one.
fn extensions(numbers: Vec<String>) -> Vec<Value> {
    let numbers = numbers.into_iter().enumerate();
    let one = |(at, number): (usize, String)| {
        let element = Attributes::new().with(attr::EXTENSIONS_VALUE, number.as_str());
        element.with(attr::EXTENSIONS_PRIMARY, at == 0).into()
    };
    numbers.map(one).collect()
}
