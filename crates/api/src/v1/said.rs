//! What a body says of a record, as attributes of a new one or as operations on one that is there.

use jackfield_gateway::Error as Refusal;
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Kind, Record, Value};

use super::project::{EMAIL, Element, PHONE};
use crate::error::Error;
use crate::shape::patch::Patch;
use crate::shape::person::{Address, NameBody, PostalAddress};

/// What was said, attribute by attribute: no values take an attribute away.
#[derive(Default)]
pub(super) struct Said(Vec<(AttrId, Option<AttrId>, Vec<Value>)>);

impl Said {
    /// The attributes of a new record of this kind, which must have what clients call `name`.
    ///
    /// # Errors
    /// [`Refusal::InvalidValue`] for a record without a name.
    pub(super) fn attributes(self, kind: Kind, name: &str) -> Result<Attributes, Error> {
        let mut attributes = Attributes::new();
        let mut parts = Attributes::new();
        for (attr, sub, values) in self.0 {
            match sub {
                Some(part) => parts.set(part, values),
                None => attributes.set(attr, values),
            }
        }
        if !parts.is_empty() {
            attributes.put(attr::NAME, parts);
        }
        check_name(name, attributes.values(Record::naming(kind)))?;
        Ok(attributes)
    }

    /// The operations that change a record of this kind.
    ///
    /// # Errors
    /// [`Refusal::InvalidValue`] for a name without a letter; whether it may go is not decided here.
    pub(super) fn operations(self, kind: Kind, name: &str) -> Result<Vec<PatchOp>, Error> {
        let said = self.0.iter().filter(|it| it.0 == Record::naming(kind));
        for (.., values) in said.filter(|(.., values)| !values.is_empty()) {
            check_name(name, values)?;
        }
        let all = self.0.into_iter();
        Ok(all
            .map(|(attr, sub, values)| replace(attr, sub, values))
            .collect())
    }

    /// Says what else is said.
    pub(super) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Says these values of an attribute; none take it away.
    pub(super) fn put(&mut self, attr: AttrId, values: Vec<Value>) {
        self.0.push((attr, None, values));
    }

    /// Says what the patch does of an attribute.
    pub(super) fn say<T>(
        &mut self,
        attr: AttrId,
        patch: Patch<T>,
        values: impl FnOnce(T) -> Vec<Value>,
    ) {
        self.say_part(attr, None, patch, values);
    }

    /// Says texts.
    pub(super) fn say_texts<const N: usize>(&mut self, all: [(AttrId, Patch<String>); N]) {
        for (attr, patch) in all {
            self.say(attr, patch, text);
        }
    }

    /// Says parts of the name.
    pub(super) fn say_name(&mut self, name: Patch<NameBody>) {
        match name {
            Patch::Keep => {}
            Patch::Clear => self.put(attr::NAME, Vec::new()),
            Patch::Set(parts) => {
                for (sub, patch) in [
                    (attr::NAME_GIVEN_NAME, parts.given_name),
                    (attr::NAME_FAMILY_NAME, parts.family_name),
                    (attr::NAME_FORMATTED, parts.formatted),
                ] {
                    self.say_part(attr::NAME, Some(sub), patch, text);
                }
            }
        }
    }

    /// Says how somebody is reached.
    pub(super) fn say_addresses(
        &mut self,
        emails: Patch<Vec<Address>>,
        numbers: Patch<Vec<Address>>,
        postal: Patch<Vec<PostalAddress>>,
    ) {
        let addresses = |all: Vec<Address>, element: Element| {
            let all = all.into_iter();
            all.map(|address| of_address(address, element)).collect()
        };
        self.say(attr::EMAILS, emails, |all| addresses(all, EMAIL));
        self.say(attr::PHONE_NUMBERS, numbers, |all| addresses(all, PHONE));
        self.say(attr::ADDRESSES, postal, |all| {
            all.into_iter().map(of_postal).collect()
        });
    }

    fn say_part<T>(
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
        self.0.push((attr, sub, values));
    }
}

/// Those of a record that are checked by the gateway.
impl From<jackfield_gateway::administer::Said> for Said {
    fn from(said: jackfield_gateway::administer::Said) -> Self {
        let all = said.into_iter();
        Self(all.map(|(attr, values)| (attr, None, values)).collect())
    }
}

fn check_name(name: &str, values: &[Value]) -> Result<(), Error> {
    match values.first().and_then(Value::as_str) {
        Some(text) if !text.trim().is_empty() => Ok(()),
        _ => Err(Refusal::invalid_value(name, "it is required").into()),
    }
}

/// Puts values in place of those that are there; none takes the attribute away.
pub(super) fn replace(attr: AttrId, sub: Option<AttrId>, values: Vec<Value>) -> PatchOp {
    let kind = match values.is_empty() {
        true => PatchKind::Remove,
        false => PatchKind::Replace,
    };
    PatchOp::new(kind, Path::of(attr, sub), values)
}

fn text(text: String) -> Vec<Value> {
    vec![Value::Str(text.into())]
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
