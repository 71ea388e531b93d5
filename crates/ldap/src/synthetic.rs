//! Entries that no record stands behind: the root DSE, the subschema, a tenant's own entry, the
//! branches of its tree, and the computed groups of permissions.

use std::borrow::Cow;

use bytes::BytesMut;
use jackfield_gateway::{Container, Located, Node, Reader};
use jackfield_model::dn::Rdn;
use jackfield_model::{Dn, Truth};

use crate::filter::{Condition, Item, Test, fixed};
use crate::schema::classes::structural_of;
use crate::schema::{AttributeType, attribute_type};
use crate::selection::Selection;
use crate::subschema;
use crate::wire::response::EntryWriter;

/// One such entry.
#[derive(Clone, Debug)]
pub(crate) struct Synthetic {
    dn: Dn,
    values: Vec<(&'static AttributeType, Vec<Cow<'static, str>>)>,
    /// The permission whose computed group it is.
    permission: Option<String>,
}

impl Synthetic {
    /// An entry of these classes, general ones first, with what every entry has.
    pub(crate) fn new(dn: Dn, classes: &[&'static str], has_subordinates: bool) -> Self {
        let name = dn.to_string();
        let subordinates = if has_subordinates { "TRUE" } else { "FALSE" };
        Self {
            dn,
            values: Vec::new(),
            permission: None,
        }
        .with("objectClass", classes.iter().copied())
        .with("structuralObjectClass", [structural_of(classes)])
        .with("entryDN", [name])
        .with("subschemaSubentry", [subschema::NAME])
        .with("hasSubordinates", [subordinates])
    }

    /// The same with one more attribute.
    #[must_use]
    pub(crate) fn with<V: Into<Cow<'static, str>>>(
        mut self,
        attribute: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values: Vec<_> = values.into_iter().map(Into::into).collect();
        if let (Some(attribute), false) = (attribute_type(attribute), values.is_empty()) {
            self.values.push((attribute, values));
        }
        self
    }

    /// Whether the entry satisfies the condition. The reader tells the members of a permission's
    /// group.
    pub(crate) fn matches(&self, condition: &Condition, reader: Option<&Reader>) -> Truth {
        fixed::evaluate(condition, &self.dn, &|item| {
            if let (Some(permission), Some(reader), "member") =
                (&self.permission, reader, item.attribute.name())
            {
                return has_member(reader, permission, &item.test);
            }
            self.values_of(item.attribute)
                .iter()
                .any(|value| fixed::satisfies(&item.test, value))
                .into()
        })
    }

    /// Writes the entry in answer to the search with this message ID.
    pub(crate) fn write(
        &self,
        out: &mut BytesMut,
        id: i32,
        reader: Option<&Reader>,
        selection: &Selection,
        types_only: bool,
    ) {
        let mut writer = EntryWriter::new(out, id, &self.dn.to_string());
        for (attribute, name) in selection.iter() {
            let values = self.values_of(attribute);
            if types_only && !values.is_empty() {
                writer.attribute_type(name);
                continue;
            }
            let mut written = writer.attribute(name);
            for value in values {
                written.value(value.as_bytes());
            }
            if let (Some(permission), Some(reader), "member") =
                (&self.permission, reader, attribute.name())
                && selection.names(attribute)
            {
                reader.permission_holders(permission, &mut |holder| {
                    written.value_with(|value| {
                        // Appending to the buffer cannot fail.
                        let _ = reader.write_dn(holder, value);
                    });
                });
            }
            written.finish();
        }
        writer.finish();
    }

    fn values_of(&self, attribute: &AttributeType) -> &[Cow<'static, str>] {
        let found = self
            .values
            .iter()
            .find(|(known, _)| std::ptr::eq(*known, attribute));
        found.map_or(&[], |(_, values)| values)
    }
}

/// The entry of what stands at a node; `None` for a record.
pub(crate) fn at(reader: &Reader, node: &Node) -> Option<Synthetic> {
    match node {
        Node::Suffix => Some(suffix(reader)),
        Node::Container(container) => Some(branch(reader, *container)),
        Node::Permission(name) => Some(permission_group(reader, name)),
        Node::Record(_) => None,
    }
}

/// The entries of the branches that the reader sees and that satisfy the condition.
pub(crate) fn branches(reader: &Reader, condition: &Condition) -> Vec<Synthetic> {
    if !may_match(condition, &["ou"], &["top", "organizationalUnit"]) {
        return Vec::new();
    }
    Container::ALL
        .into_iter()
        .filter(|container| shows(reader, *container))
        .map(|container| branch(reader, container))
        .filter(|entry| entry.matches(condition, Some(reader)).holds())
        .collect()
}

/// The computed groups that satisfy the condition.
pub(crate) fn permission_groups(reader: &Reader, condition: &Condition) -> Vec<Synthetic> {
    if !reader.sees_permissions() || !may_match(condition, &["cn", "member"], &PERMISSION_CLASSES) {
        return Vec::new();
    }
    reader
        .permissions()
        .map(|name| permission_group(reader, name))
        .filter(|entry| entry.matches(condition, Some(reader)).holds())
        .collect()
}

/// Whether the reader sees anything of a branch, and so the branch.
pub(crate) fn shows(reader: &Reader, container: Container) -> bool {
    match container {
        Container::Permissions => reader.sees_permissions(),
        other => !reader.sees_kinds().intersection(other.kinds()).is_empty(),
    }
}

const PERMISSION_CLASSES: [&str; 2] = ["top", "groupOfNames"];

/// Whether an entry with the attributes that all have, and these, of these classes, can satisfy
/// the condition at all.
fn may_match(condition: &Condition, attributes: &[&str], classes: &[&str]) -> bool {
    const ALWAYS: [&str; 5] = [
        "objectClass",
        "structuralObjectClass",
        "entryDN",
        "subschemaSubentry",
        "hasSubordinates",
    ];
    let known = |item: &Item| {
        let name = item.attribute.name();
        match (name, &item.test) {
            ("objectClass", test) => Some(
                classes
                    .iter()
                    .any(|class| fixed::satisfies(test, class))
                    .into(),
            ),
            (name, Test::Present) if ALWAYS.contains(&name) => Some(Truth::True),
            (name, _) if ALWAYS.contains(&name) || attributes.contains(&name) => None,
            _ => Some(Truth::False),
        }
    };
    fixed::decided(condition, &known).is_none_or(Truth::holds)
}

/// The tenant's own entry, by the attribute of its RDN (RFC 2247 §4, RFC 4519 §3.8).
pub(crate) fn suffix(reader: &Reader) -> Synthetic {
    let settings = reader.snapshot().settings();
    let dn = settings.suffix.clone();
    let rdn = dn
        .rdn()
        .and_then(Rdn::single)
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (attribute, value) = rdn.unwrap_or_default();
    let named = attribute_type(&attribute).map_or("", AttributeType::name);
    let classes: &[&'static str] = match named {
        "dc" => &["top", "organization", "dcObject"],
        "ou" => &["top", "organizationalUnit"],
        _ => &["top", "organization"],
    };
    let mut organization = vec![settings.title.clone()];
    let entry = Synthetic::new(dn, classes, true);
    let entry = match named {
        "o" if value != settings.title => {
            organization.insert(0, value);
            entry
        }
        "o" | "" => entry,
        other => entry.with(other, [value]),
    };
    entry.with(
        "o",
        organization.into_iter().filter(|title| !title.is_empty()),
    )
}

fn branch(reader: &Reader, container: Container) -> Synthetic {
    let dn = child(reader, Rdn::new("ou", container.ou()));
    let has_subordinates = match container {
        Container::Permissions => reader.permissions().next().is_some(),
        other => other
            .kinds()
            .iter()
            .any(|kind| reader.snapshot().len(kind) > 0),
    };
    Synthetic::new(dn, &["top", "organizationalUnit"], has_subordinates)
        .with("ou", [container.ou()])
}

fn permission_group(reader: &Reader, name: &str) -> Synthetic {
    let dn = child(reader, Rdn::new("ou", Container::Permissions.ou())).child(Rdn::new("cn", name));
    let mut entry = Synthetic::new(dn, &PERMISSION_CLASSES, false).with("cn", [name.to_owned()]);
    entry.permission = Some(name.to_owned());
    entry
}

fn child(reader: &Reader, rdn: Rdn) -> Dn {
    reader.snapshot().settings().suffix.child(rdn)
}

fn has_member(reader: &Reader, permission: &str, test: &Test) -> Truth {
    let mut found = false;
    match test {
        Test::Present => reader.permission_holders(permission, &mut |_| found = true),
        Test::Dn(dn) => {
            let Located::Found(Node::Record(id)) = reader.locate(dn) else {
                return Truth::False;
            };
            if let Some(member) = reader.entry(id) {
                member.permissions(&mut |held| found |= held == permission);
            }
        }
        Test::Match(..) | Test::Oid(_) => return Truth::Undefined,
    }
    found.into()
}
