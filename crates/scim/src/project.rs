//! Entries into JSON, written in place: canonical names, only what is selected and may be read, and what a protocol
//! alone knows (`schemas`, `meta.location`, `$ref`).

use std::borrow::Cow;

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

/// Writes entries as resources.
pub(crate) struct Projector<'p> {
    pub(crate) dialect: &'p Dialect,
    /// The URI below which the tenant's endpoints are.
    pub(crate) base: &'p str,
    pub(crate) selection: &'p Selection,
    /// The version of what is written, where it is known already.
    pub(crate) version: Option<&'p str>,
}

impl Projector<'_> {
    /// Writes the resource; says whether it did: SCIM does not show every record.
    pub(crate) fn resource(&self, out: &mut Vec<u8>, entry: Entry<'_>) -> bool {
        let Some(ty) = ResourceType::of(entry.record().kind) else {
            return false;
        };
        let registry = self.dialect.registry();
        let mut object = Object::begin(out);
        let mut schemas: Vec<&str> = ty.base().urn().into_iter().collect();
        for def in ty.own_attributes(registry) {
            self.put(&mut object, def, entry);
        }
        for extension in ty.extensions(registry) {
            let Some(urn) = registry.urn(extension) else {
                continue;
            };
            let is_there = object.member(urn, |out| {
                let mut members = Object::begin(out);
                for def in registry.attributes_of(extension) {
                    self.put(&mut members, def, entry);
                }
                members.end()
            });
            if is_there {
                schemas.push(urn);
            }
        }
        object.member("schemas", |out| json::list(out, schemas, json::value));
        object.end()
    }

    /// Writes what stands for the entry among the members of a group.
    pub(crate) fn member(&self, out: &mut Vec<u8>, entry: Entry<'_>) -> bool {
        let members = self.dialect.registry().get(attr::MEMBERS);
        members.is_some_and(|members| self.one(out, members, &entry.as_member()))
    }

    fn put(&self, object: &mut Object<'_>, def: &AttrDef, entry: Entry<'_>) {
        if !self.selection.has(def) {
            return;
        }
        object.member(&def.name, |out| {
            if def.id == attr::META {
                return self.meta(out, def, entry);
            }
            self.values(out, def, &values(def.id, entry))
        });
    }

    fn meta(&self, out: &mut Vec<u8>, def: &AttrDef, entry: Entry<'_>) -> bool {
        let values = entry.attribute(attr::META);
        let Some(meta) = values.first().and_then(Value::as_complex) else {
            return false;
        };
        let mut meta = meta.clone();
        if let Some(location) = location(self.base, entry.record()) {
            meta.put(attr::META_LOCATION, location.as_str());
        }
        match self.version {
            Some(version) => meta.put(attr::META_VERSION, version),
            None => meta.put(attr::META_VERSION, version(entry).as_str()),
        }
        self.values(out, def, &[meta.into()])
    }

    fn values(&self, out: &mut Vec<u8>, def: &AttrDef, values: &[Value]) -> bool {
        if def.multi_valued {
            return json::list(out, values, |out, value| self.one(out, def, value));
        }
        values.iter().any(|value| self.one(out, def, value))
    }

    fn one(&self, out: &mut Vec<u8>, def: &AttrDef, value: &Value) -> bool {
        match value {
            Value::Str(text) => json::value(out, text.as_str()),
            Value::Bool(value) => json::value(out, value),
            Value::Int(value) => json::value(out, value),
            Value::Time(at) => json::value(out, &*at.to_rfc3339()),
            Value::Bytes(bytes) => json::value(out, &*BASE64.encode(bytes)),
            Value::Complex(bag) => self.element(out, def, bag),
        }
    }

    fn element(&self, out: &mut Vec<u8>, def: &AttrDef, bag: &Attributes) -> bool {
        let registry = self.dialect.registry();
        let mut object = Object::begin(out);
        let subs = registry
            .children(def.id)
            .iter()
            .filter_map(|sub| registry.get(*sub));
        for sub in subs.filter(|sub| self.selection.has_sub(def.id, sub)) {
            let values = bag.values(sub.id);
            let reference = match sub.ty {
                Type::Reference if values.is_empty() => self.reference(def.id, bag),
                _ => None,
            };
            object.member(&sub.name, |out| match reference {
                Some(reference) => json::value(out, &*reference),
                None => self.values(out, sub, values),
            });
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
        Some(format!("{}/{}/{id}", self.base, ty.endpoint()))
    }
}

/// A resource's URI; `None` for records that SCIM does not show.
pub(crate) fn location(base: &str, record: &Record) -> Option<String> {
    let ty = ResourceType::of(record.kind)?;
    Some(format!("{base}/{}/{}", ty.endpoint(), record.id))
}

/// A resource's version, as in the `ETag` header (RFC 7643 §3.1): that of the record, and for a user a
/// fingerprint of what it has by others' doing, which changes no version of its own.
pub(crate) fn version(entry: Entry<'_>) -> String {
    let mut by_others = Attributes::new();
    if ResourceType::of(entry.record().kind) == Some(ResourceType::User) {
        for attr in BY_OTHERS {
            by_others.set(attr, values(attr, entry).into_owned());
        }
    }
    let version = entry.record().version;
    match serde_json::to_vec(&by_others) {
        Ok(bytes) if !by_others.is_empty() => {
            format!("W/\"{version}-{:016x}\"", fingerprint(&bytes))
        }
        _ => format!("W/\"{version}\""),
    }
}

/// The values that a client sees. The baseline role is nobody's grant: it shows in `groups`
/// and not among the `roles` that clients write, so that they read back what they wrote. That
/// a plain group is one goes without saying.
fn values(attr: AttrId, entry: Entry<'_>) -> Cow<'_, [Value]> {
    let values = entry.attribute(attr);
    match (attr, entry.record().kind) {
        (attr::GROUP_KIND, Kind::Group) => return Cow::Borrowed(&[]),
        (attr::ROLES, _) if !values.is_empty() => {}
        _ => return values,
    }
    let Some(baseline) = entry.baseline_role() else {
        return values;
    };
    let is_baseline = |value: &Value| {
        let key = value
            .as_complex()
            .and_then(|role| role.text(attr::ROLES_VALUE));
        key == Some(baseline)
    };
    values
        .iter()
        .filter(|value| !is_baseline(value))
        .cloned()
        .collect()
}

/// FNV-1a, 64 bits: the same on every node.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
