//! What a body says of a user, as attributes of a new one or as operations on one who is there.

use jackfield_gateway::Error as Refusal;
use jackfield_gateway::access::Roles;
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Registry, Value};

use super::project::{EMAIL, Element, PHONE};
use crate::error::Error;
use crate::shape::patch::Patch;
use crate::shape::user::{Address, NameBody, PostalAddress, UserBody};

/// What was said, attribute by attribute: no values take an attribute away.
pub(super) struct Said {
    all: Vec<(AttrId, Option<AttrId>, Vec<Value>)>,
    /// Of the password of a new user.
    password: Option<String>,
}

impl Said {
    /// # Errors
    /// [`Refusal::InvalidValue`] for roles that are not there.
    pub(super) fn of(body: UserBody, roles: &Roles) -> Result<Self, Error> {
        let mut said = Self {
            all: Vec::new(),
            password: body.password.value(),
        };
        for (attr, text) in [
            (attr::USER_NAME, body.user_name),
            (attr::DISPLAY_NAME, body.display_name),
            (attr::TITLE, body.title),
            (attr::DEPARTMENT, body.department),
            (attr::ORGANIZATION, body.organization),
            (attr::EMPLOYEE_NUMBER, body.employee_number),
            (attr::PREFERRED_LANGUAGE, body.preferred_language),
            (attr::LOCALE, body.locale),
            (attr::TIMEZONE, body.timezone),
        ] {
            said.say(attr, None, text, |text| vec![text.as_str().into()]);
        }
        said.say(attr::ACTIVE, None, body.active, |it| vec![it.into()]);
        said.say(attr::EMAIL_VERIFIED, None, body.email_verified, |it| {
            vec![it.into()]
        });
        said.say_name(body.name);
        let addresses = |all: Vec<Address>, element: Element| {
            let all = all.into_iter();
            all.map(|address| of_address(address, element)).collect()
        };
        said.say(attr::EMAILS, None, body.emails, |all| addresses(all, EMAIL));
        said.say(attr::PHONE_NUMBERS, None, body.phone_numbers, |all| {
            addresses(all, PHONE)
        });
        said.say(attr::ADDRESSES, None, body.addresses, |all| {
            all.into_iter().map(of_postal).collect()
        });
        if let Patch::Set(keys) = &body.roles {
            check_roles(keys, roles)?;
        }
        said.say(attr::ROLES, None, body.roles, |keys| {
            named(keys, attr::ROLES_VALUE)
        });
        said.say(attr::EXTENSIONS, None, body.extensions, extensions);
        said.say(attr::DESKS, None, body.desks, |names| {
            named(names, attr::DESKS_VALUE)
        });
        Ok(said)
    }

    /// The attributes of a new user.
    ///
    /// # Errors
    /// [`Refusal::InvalidValue`] for a user without a name.
    pub(super) fn attributes(self) -> Result<Attributes, Error> {
        let mut attributes = Attributes::new().with(attr::ACTIVE, true);
        let mut name = Attributes::new();
        for (attr, sub, values) in self.all {
            match sub {
                Some(part) => name.set(part, values),
                None => attributes.set(attr, values),
            }
        }
        if !name.is_empty() {
            attributes.put(attr::NAME, name);
        }
        if let Some(password) = &self.password {
            attributes.put(attr::PASSWORD, password.as_str());
        }
        match attributes.text(attr::USER_NAME) {
            Some(name) if !name.trim().is_empty() => Ok(attributes),
            _ => Err(Refusal::invalid_value("userName", "it is required").into()),
        }
    }

    /// The operations that change a user.
    ///
    /// # Errors
    /// [`Refusal::Mutability`] for the password, which changes elsewhere.
    pub(super) fn operations(self) -> Result<Vec<PatchOp>, Error> {
        if self.password.is_some() {
            return Err(Refusal::Mutability {
                path: "password".to_owned(),
                problem: "it is set by PUT of the user's password".to_owned(),
            }
            .into());
        }
        let all = self.all.into_iter();
        Ok(all
            .map(|(attr, sub, values)| replace(attr, sub, values))
            .collect())
    }

    fn say<T>(
        &mut self,
        attr: AttrId,
        sub: Option<AttrId>,
        patch: Patch<T>,
        values: impl FnOnce(T) -> Vec<Value>,
    ) {
        let values = match patch {
            Patch::Keep => return,
            Patch::Clear => Vec::new(),
            Patch::Set(value) => values(value),
        };
        self.all.push((attr, sub, values));
    }

    fn say_name(&mut self, name: Patch<NameBody>) {
        match name {
            Patch::Keep => {}
            Patch::Clear => self.all.push((attr::NAME, None, Vec::new())),
            Patch::Set(parts) => {
                for (sub, text) in [
                    (attr::NAME_GIVEN_NAME, parts.given_name),
                    (attr::NAME_FAMILY_NAME, parts.family_name),
                    (attr::NAME_FORMATTED, parts.formatted),
                ] {
                    self.say(attr::NAME, Some(sub), text, |text| {
                        vec![text.as_str().into()]
                    });
                }
            }
        }
    }
}

/// Puts values in place of those that are there; none takes the attribute away.
pub(super) fn replace(attr: AttrId, sub: Option<AttrId>, values: Vec<Value>) -> PatchOp {
    let kind = match values.is_empty() {
        true => PatchKind::Remove,
        false => PatchKind::Replace,
    };
    PatchOp {
        kind,
        path: Path {
            attr,
            filter: None,
            sub,
            text: Registry::core().path(sub.unwrap_or(attr)).to_string(),
        },
        values,
        create_missing: false,
    }
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

fn of_address(address: Address, [value, kind, primary]: Element) -> Value {
    let mut element = Attributes::new().with(value, address.value.as_str());
    put(&mut element, kind, address.kind);
    if address.primary {
        element.put(primary, true);
    }
    element.into()
}

fn of_postal(address: PostalAddress) -> Value {
    let mut element = Attributes::new();
    for (attr, text) in [
        (attr::ADDRESSES_FORMATTED, address.formatted),
        (attr::ADDRESSES_STREET_ADDRESS, address.street_address),
        (attr::ADDRESSES_LOCALITY, address.locality),
        (attr::ADDRESSES_REGION, address.region),
        (attr::ADDRESSES_POSTAL_CODE, address.postal_code),
        (attr::ADDRESSES_COUNTRY, address.country),
        (attr::ADDRESSES_TYPE, address.kind),
    ] {
        put(&mut element, attr, text);
    }
    if address.primary {
        element.put(attr::ADDRESSES_PRIMARY, true);
    }
    element.into()
}

fn put(element: &mut Attributes, attr: AttrId, text: Option<String>) {
    if let Some(text) = text {
        element.put(attr, text.as_str());
    }
}
