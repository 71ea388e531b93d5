//! What clients are shown of records: what they may read, and no more.

use std::ops::ControlFlow;

use jackfield_gateway::Entry;
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Timestamp, Value};

use crate::shape::person::{Address, Name, Person, PostalAddress};
use crate::shape::record::Named;

/// The attributes of an element: value, type, primary.
pub(super) type Element = [AttrId; 3];

pub(super) const EMAIL: Element = [attr::EMAILS_VALUE, attr::EMAILS_TYPE, attr::EMAILS_PRIMARY];
pub(super) const PHONE: Element = [
    attr::PHONE_NUMBERS_VALUE,
    attr::PHONE_NUMBERS_TYPE,
    attr::PHONE_NUMBERS_PRIMARY,
];

/// A record, as far as the client may read it.
pub(super) struct Shown<'e>(pub(super) Entry<'e>);

impl<'e> Shown<'e> {
    /// Those who have it: the users of an extension or a desk.
    pub(super) fn holders(&self) -> Vec<Named> {
        self.named(attr::HOLDERS, |_| true)
    }

    /// The records of an attribute, by id and name.
    pub(super) fn named(&self, attr: AttrId, is_one: impl Fn(&Entry<'e>) -> bool) -> Vec<Named> {
        let mut all = Vec::new();
        let _ = self.0.references(attr, &mut |other| {
            if is_one(&other) {
                all.push(Named {
                    id: other.record().id.to_string(),
                    name: other.common_name().to_string(),
                });
            }
            ControlFlow::Continue(())
        });
        all
    }

    /// When it was made, and when it was last changed.
    pub(super) fn times(&self) -> [String; 2] {
        let record = self.0.record();
        [record.created, record.modified].map(|at| at.to_millis_precision().to_rfc3339())
    }

    pub(super) fn text(&self, attr: AttrId) -> Option<String> {
        let values = self.0.attribute(attr);
        values.first().and_then(Value::as_str).map(str::to_owned)
    }

    pub(super) fn flag(&self, attr: AttrId) -> Option<bool> {
        match self.0.attribute(attr).first() {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub(super) fn time(&self, attr: AttrId) -> Option<String> {
        match self.0.attribute(attr).first() {
            Some(Value::Time(at)) => Some(Timestamp::to_rfc3339(*at)),
            _ => None,
        }
    }

    /// What users and contacts have in common.
    pub(super) fn person(&self) -> Person {
        let [created, modified] = self.times();
        Person {
            id: self.0.record().id.to_string(),
            display_name: self.0.common_name().to_string(),
            name: self.name(),
            emails: self.addresses(attr::EMAILS, EMAIL),
            phone_numbers: self.addresses(attr::PHONE_NUMBERS, PHONE),
            addresses: self.postal(),
            title: self.text(attr::TITLE),
            department: self.text(attr::DEPARTMENT),
            organization: self.text(attr::ORGANIZATION),
            created,
            modified,
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

    pub(super) fn elements<T>(&self, attr: AttrId, one: impl Fn(&Attributes) -> T) -> Vec<T> {
        let values = self.0.attribute(attr);
        values
            .iter()
            .filter_map(Value::as_complex)
            .map(one)
            .collect()
    }
}

pub(super) fn part(element: &Attributes, attr: AttrId) -> Option<String> {
    element.text(attr).map(str::to_owned)
}
