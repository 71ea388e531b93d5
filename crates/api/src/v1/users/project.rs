//! What clients are shown of a user: what they may read, and no more.

use std::ops::ControlFlow;

use jackfield_gateway::{Entry, Reader};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Kind, Timestamp, Value};

use crate::shape::user::{Address, Group, HeldRole, Name, PostalAddress, User};

pub(super) fn user(reader: &Reader, user: Entry<'_>) -> User {
    let record = user.record();
    let said = Shown(user);
    User {
        id: record.id.to_string(),
        login: said.text(attr::USER_NAME).unwrap_or_default(),
        display_name: user.common_name().to_string(),
        name: said.name(),
        active: user.may_read(attr::ACTIVE).then(|| record.is_active()),
        emails: said.addresses(attr::EMAILS, EMAIL),
        phone_numbers: said.addresses(attr::PHONE_NUMBERS, PHONE),
        addresses: said.postal(),
        title: said.text(attr::TITLE),
        department: said.text(attr::DEPARTMENT),
        organization: said.text(attr::ORGANIZATION),
        employee_number: said.text(attr::EMPLOYEE_NUMBER),
        preferred_language: said.text(attr::PREFERRED_LANGUAGE),
        locale: said.text(attr::LOCALE),
        timezone: said.text(attr::TIMEZONE),
        roles: user.may_read(attr::ROLES).then(|| said.roles(reader)),
        groups: said.groups(),
        extensions: said.names(attr::EXTENSIONS, attr::EXTENSIONS_VALUE),
        desks: said.names(attr::DESKS, attr::DESKS_VALUE),
        email_verified: said.flag(attr::EMAIL_VERIFIED),
        seat: said.flag(attr::SEAT),
        last_login: said.time(attr::LAST_LOGIN),
        created: record.created.to_millis_precision().to_rfc3339(),
        modified: record.modified.to_millis_precision().to_rfc3339(),
    }
}

/// The attributes of an element: value, type, primary.
pub(super) type Element = [AttrId; 3];

pub(super) const EMAIL: Element = [attr::EMAILS_VALUE, attr::EMAILS_TYPE, attr::EMAILS_PRIMARY];
pub(super) const PHONE: Element = [
    attr::PHONE_NUMBERS_VALUE,
    attr::PHONE_NUMBERS_TYPE,
    attr::PHONE_NUMBERS_PRIMARY,
];

struct Shown<'e>(Entry<'e>);

impl Shown<'_> {
    fn text(&self, attr: AttrId) -> Option<String> {
        let values = self.0.attribute(attr);
        values.first().and_then(Value::as_str).map(str::to_owned)
    }

    fn flag(&self, attr: AttrId) -> Option<bool> {
        match self.0.attribute(attr).first() {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    fn time(&self, attr: AttrId) -> Option<String> {
        match self.0.attribute(attr).first() {
            Some(Value::Time(at)) => Some(Timestamp::to_rfc3339(*at)),
            _ => None,
        }
    }

    fn name(&self) -> Option<Name> {
        let values = self.0.attribute(attr::NAME);
        let name = values.first().and_then(Value::as_complex)?;
        Some(Name {
            given: part(name, attr::NAME_GIVEN_NAME),
            family: part(name, attr::NAME_FAMILY_NAME),
            formatted: part(name, attr::NAME_FORMATTED),
        })
    }

    fn addresses(&self, attr: AttrId, [value, kind, primary]: Element) -> Vec<Address> {
        self.elements(attr, |element| Address {
            value: part(element, value).unwrap_or_default(),
            kind: part(element, kind),
            primary: element.flag(primary) == Some(true),
        })
    }

    fn postal(&self) -> Vec<PostalAddress> {
        self.elements(attr::ADDRESSES, |element| PostalAddress {
            formatted: part(element, attr::ADDRESSES_FORMATTED),
            street_address: part(element, attr::ADDRESSES_STREET_ADDRESS),
            locality: part(element, attr::ADDRESSES_LOCALITY),
            region: part(element, attr::ADDRESSES_REGION),
            postal_code: part(element, attr::ADDRESSES_POSTAL_CODE),
            country: part(element, attr::ADDRESSES_COUNTRY),
            kind: part(element, attr::ADDRESSES_TYPE),
            primary: element.flag(attr::ADDRESSES_PRIMARY) == Some(true),
        })
    }

    fn names(&self, attr: AttrId, value: AttrId) -> Vec<String> {
        self.elements(attr, |element| part(element, value).unwrap_or_default())
    }

    /// Those that the role system knows; the values that name no role are data of provisioning
    /// clients.
    fn roles(&self, reader: &Reader) -> Vec<HeldRole> {
        let baseline = self.0.baseline_role();
        let mut roles = Vec::new();
        for role in self.elements(attr::ROLES, |role| part(role, attr::ROLES_VALUE)) {
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

    fn groups(&self) -> Vec<Group> {
        let mut groups = Vec::new();
        let _ = self.0.references(attr::GROUPS, &mut |group| {
            if group.record().kind == Kind::Group {
                groups.push(Group {
                    id: group.record().id.to_string(),
                    name: group.common_name().to_string(),
                });
            }
            ControlFlow::Continue(())
        });
        groups
    }

    fn elements<T>(&self, attr: AttrId, one: impl Fn(&Attributes) -> T) -> Vec<T> {
        let values = self.0.attribute(attr);
        values
            .iter()
            .filter_map(Value::as_complex)
            .map(one)
            .collect()
    }
}

fn part(element: &Attributes, attr: AttrId) -> Option<String> {
    element.text(attr).map(str::to_owned)
}
