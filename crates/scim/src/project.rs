//! Entries into JSON, written in place: canonical names, only what is selected and may be read, and what a protocol
//! alone knows (`schemas`, `meta.location`, `$ref`).

use std::borrow::Cow;
use std::cell::OnceCell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jackfield_gateway::Entry;
use jackfield_model::schema::{Type, attr};
use jackfield_model::{AttrDef, AttrId, Attributes, Kind, Record, Value};

use crate::dialect::Dialect;
use crate::json::{self, Object};
use crate::resource::ResourceType;
use crate::select::Selection;

/// Attributes of a user that others change: they are in the tag of a version, so that a client
/// that has the tag has them too, and `lastModified` says nothing of them.
const BY_OTHERS: [AttrId; 5] = [
    attr::GROUPS,
    attr::ROLES,
    attr::MANAGER,
    attr::EXTENSIONS,
    attr::DESKS,
];

/// An entry that SCIM shows, with what is computed for it once: its version is made of attributes that
/// are written, too.
pub(crate) struct Resource<'e> {
    entry: Entry<'e>,
    by_others: OnceCell<[Cow<'e, [Value]>; BY_OTHERS.len()]>,
}

impl<'e> Resource<'e> {
    pub(crate) fn of(entry: Entry<'e>) -> Self {
        Self {
            entry,
            by_others: OnceCell::new(),
        }
    }

    /// Its version, as in the `ETag` header (RFC 7643 §3.1): that of the record, and for a user a
    /// fingerprint of what it has by others' doing, which changes no version of its own.
    pub(crate) fn version(&self) -> String {
        let record = self.entry.record();
        let mut fingerprint = Fingerprint::default();
        if ResourceType::of(record.kind) == Some(ResourceType::User) {
            for (attr, values) in BY_OTHERS.iter().zip(self.by_others()) {
                fingerprint.values(*attr, values);
            }
        }
        match fingerprint.0 {
            0 => format!("W/\"{}\"", record.version),
            fingerprint => format!("W/\"{}-{fingerprint:016x}\"", record.version),
        }
    }

    fn by_others(&self) -> &[Cow<'e, [Value]>; BY_OTHERS.len()] {
        self.by_others
            .get_or_init(|| BY_OTHERS.map(|attr| values(attr, self.entry)))
    }

    fn values(&self, attr: AttrId) -> Cow<'_, [Value]> {
        let mut by_others = BY_OTHERS.iter();
        let place = by_others.position(|other| *other == attr);
        match place.and_then(|place| self.by_others().get(place)) {
            Some(values) => Cow::Borrowed(values),
            None => values(attr, self.entry),
        }
    }
}

/// Writes entries as resources.
pub(crate) struct Projector<'p> {
    pub(crate) dialect: &'p Dialect,
    /// The URI below which the tenant's endpoints are.
    pub(crate) base: &'p str,
    pub(crate) selection: &'p Selection,
}

impl Projector<'_> {
    /// Writes the resource; says whether it did: SCIM does not show every record.
    pub(crate) fn resource(&self, out: &mut Vec<u8>, resource: &Resource<'_>) -> bool {
        let Some(ty) = ResourceType::of(resource.entry.record().kind) else {
            return false;
        };
        let registry = self.dialect.registry();
        let mut object = Object::begin(out);
        let mut schemas: Vec<&str> = ty.base().urn().into_iter().collect();
        for def in ty.own_attributes(registry) {
            self.put(&mut object, def, resource);
        }
        for extension in ty.extensions(registry) {
            let Some(urn) = registry.urn(extension) else {
                continue;
            };
            let is_there = object.member(urn, |out| {
                let mut members = Object::begin(out);
                for def in registry.attributes_of(extension) {
                    self.put(&mut members, def, resource);
                }
                members.end()
            });
            if is_there {
                schemas.push(urn);
            }
        }
        object.member("schemas", |out| json::list(out, schemas, json::text));
        object.end()
    }

    /// Writes what stands for the entry among the members of a group.
    pub(crate) fn member(&self, out: &mut Vec<u8>, entry: Entry<'_>) -> bool {
        let members = self.dialect.registry().get(attr::MEMBERS);
        members.is_some_and(|members| self.one(out, members, &entry.as_member()))
    }

    fn put(&self, object: &mut Object<'_>, def: &AttrDef, resource: &Resource<'_>) {
        if !self.selection.has(def) {
            return;
        }
        if def.id == attr::META {
            object.member(&def.name, |out| self.meta(out, def, resource));
            return;
        }
        let values = resource.values(def.id);
        if !values.is_empty() {
            object.member(&def.name, |out| self.values(out, def, &values));
        }
    }

    fn meta(&self, out: &mut Vec<u8>, def: &AttrDef, resource: &Resource<'_>) -> bool {
        let record = resource.entry.record();
        let ty = ResourceType::of(record.kind).filter(|_| resource.entry.may_read(attr::META));
        let Some(ty) = ty else { return false };
        let mut object = Object::begin(out);
        for sub in self.subs(def) {
            object.member(&sub.name, |out| match sub.id {
                attr::META_RESOURCE_TYPE => json::text(out, ty.name()),
                attr::META_CREATED => json::text(out, &record.created.to_rfc3339()),
                attr::META_LAST_MODIFIED => json::text(out, &record.modified.to_rfc3339()),
                attr::META_LOCATION => {
                    location(self.base, record).is_some_and(|location| json::text(out, &location))
                }
                attr::META_VERSION => json::text(out, &resource.version()),
                _ => false,
            });
        }
        object.end()
    }

    /// The sub-attributes that are in the answer.
    fn subs(&self, def: &AttrDef) -> impl Iterator<Item = &AttrDef> {
        let (registry, attr) = (self.dialect.registry(), def.id);
        let subs = registry.children(attr).iter();
        subs.filter_map(|sub| registry.get(*sub))
            .filter(move |sub| self.selection.has_sub(attr, sub))
    }

    fn values(&self, out: &mut Vec<u8>, def: &AttrDef, values: &[Value]) -> bool {
        if def.multi_valued {
            return json::list(out, values, |out, value| self.one(out, def, value));
        }
        values.iter().any(|value| self.one(out, def, value))
    }

    fn one(&self, out: &mut Vec<u8>, def: &AttrDef, value: &Value) -> bool {
        match value {
            Value::Str(text) => json::text(out, text),
            Value::Bool(value) => json::value(out, value),
            Value::Int(value) => json::value(out, value),
            Value::Time(at) => json::text(out, &at.to_rfc3339()),
            Value::Bytes(bytes) => json::text(out, &BASE64.encode(bytes)),
            Value::Complex(bag) => self.element(out, def, bag),
        }
    }

    fn element(&self, out: &mut Vec<u8>, def: &AttrDef, bag: &Attributes) -> bool {
        let mut object = Object::begin(out);
        for sub in self.subs(def) {
            let values = bag.values(sub.id);
            if !values.is_empty() {
                object.member(&sub.name, |out| self.values(out, sub, values));
            } else if sub.ty == Type::Reference
                && let Some(reference) = self.reference(def.id, bag)
            {
                object.member(&sub.name, |out| json::text(out, &reference));
            }
        }
        object.end()
    }

    /// The `$ref` of an element that stands for a resource.
    fn reference(&self, attr: AttrId, bag: &Attributes) -> Option<String> {
        let (ty, id) = match attr {
            attr::GROUPS => (ResourceType::Group, bag.text(attr::GROUPS_VALUE)?),
            attr::MEMBERS if bag.text(attr::MEMBERS_TYPE) == Some("Group") => {
                (ResourceType::Group, bag.text(attr::MEMBERS_VALUE)?)
            }
            attr::MEMBERS => (ResourceType::User, bag.text(attr::MEMBERS_VALUE)?),
            // A manager who is not here has no name, and nothing to refer to.
            attr::MANAGER if !bag.values(attr::MANAGER_DISPLAY_NAME).is_empty() => {
                (ResourceType::User, bag.text(attr::MANAGER_VALUE)?)
            }
            _ => return None,
        };
        Some([self.base, "/", ty.endpoint(), "/", id].concat())
    }
}

/// A resource's URI; `None` for records that SCIM does not show.
pub(crate) fn location(base: &str, record: &Record) -> Option<String> {
    let ty = ResourceType::of(record.kind)?;
    let id = record.id.text();
    Some([base, "/", ty.endpoint(), "/", &id].concat())
}

/// The values that a client sees. That a plain group is one goes without saying.
fn values(attr: AttrId, entry: Entry<'_>) -> Cow<'_, [Value]> {
    match (attr, entry.record().kind) {
        (attr::GROUP_KIND, Kind::Group) => Cow::Borrowed(&[]),
        _ => entry.attribute(attr),
    }
}

/// A number that is another, in all likelihood, once one of the values is another: the same on every
/// node. 0 without values.
#[derive(Default)]
struct Fingerprint(u64);

impl Fingerprint {
    fn values(&mut self, attr: AttrId, values: &[Value]) {
        for value in values {
            self.word(u64::from(attr.0) + 1);
            match value {
                Value::Str(text) => self.octets(text.as_bytes()),
                Value::Bool(value) => self.word(u64::from(*value)),
                Value::Int(value) => self.word(value.cast_unsigned()),
                Value::Time(at) => self.word(at.0.cast_unsigned()),
                Value::Bytes(bytes) => self.octets(bytes),
                Value::Complex(bag) => {
                    for (attr, values) in bag.iter() {
                        self.values(attr, values);
                    }
                }
            }
        }
    }

    fn octets(&mut self, octets: &[u8]) {
        let (words, rest) = octets.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        for (slot, octet) in last.iter_mut().zip(rest) {
            *slot = *octet;
        }
        self.word(u64::from_le_bytes(last));
        self.word(u64::try_from(octets.len()).unwrap_or(u64::MAX));
    }

    /// Each step can be undone, so what differs once differs until something else differs too.
    fn word(&mut self, word: u64) {
        let mixed = (self.0 ^ word)
            .wrapping_add(1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }
}
