//! Entries that no record stands behind.

use std::borrow::Cow;

use bytes::BytesMut;
use jackfield_gateway::{Located, Node, Reader};
use jackfield_model::{Dn, Truth};

use crate::filter::{Condition, Test, fixed};
use crate::schema::classes::structural_of;
use crate::schema::{AttributeType, any_attribute_type};
use crate::selection::Shape;
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
    /// An entry of these classes, general ones first, with what every entry has, and with so many
    /// right below it.
    pub(crate) fn new(dn: Dn, classes: &[&'static str], subordinates: usize) -> Self {
        let name = dn.to_string();
        let has_subordinates = if subordinates > 0 { "TRUE" } else { "FALSE" };
        Self {
            dn,
            values: Vec::new(),
            permission: None,
        }
        .with("objectClass", classes.iter().copied())
        .with("structuralObjectClass", [structural_of(classes)])
        .with("entryDN", [name])
        .with("subschemaSubentry", [subschema::NAME])
        .with("hasSubordinates", [has_subordinates])
        .with("numSubordinates", [subordinates.to_string()])
    }

    /// Its name.
    pub(crate) fn dn(&self) -> &Dn {
        &self.dn
    }

    /// The same with one more attribute.
    #[must_use]
    pub(crate) fn with<V: Into<Cow<'static, str>>>(
        mut self,
        attribute: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values: Vec<_> = values.into_iter().map(Into::into).collect();
        if let (Some(attribute), false) = (any_attribute_type(attribute), values.is_empty()) {
            self.values.push((attribute, values));
        }
        self
    }

    /// The same as the computed group of a permission.
    #[must_use]
    pub(crate) fn with_holders_of(mut self, permission: &str) -> Self {
        self.permission = Some(permission.to_owned());
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
        shape: &Shape,
    ) {
        let mut writer = EntryWriter::new(out, id, &self.dn.to_string());
        for (attribute, name) in shape.selection.iter() {
            let tests = shape.tests_of(attribute);
            let is_wanted =
                |value: &str| tests.is_none_or(|tests| fixed::satisfies_one(tests, value));
            let members =
                reader.filter(|_| attribute.name() == "member" && shape.selection.names(attribute));
            let members = self.permission.as_deref().zip(members);
            let mut written = writer.attribute(name);
            let own = self.values_of(attribute);
            own.iter()
                .filter(|value| is_wanted(value))
                .for_each(|value| written.value(value.as_bytes()));
            if let Some((permission, reader)) = members {
                reader.permission_holders(permission, &mut |holder| {
                    let dn = reader.dn(holder);
                    if is_wanted(&dn) {
                        written.value(dn.as_bytes());
                    }
                });
            }
            if shape.types_only {
                written.finish_without_values();
            } else if tests.is_some() && !own.is_empty() {
                written.finish_anyway();
            } else {
                written.finish();
            }
        }
        writer.finish();
    }

    /// The values of an attribute, in the form in which they are shown.
    pub(crate) fn values_of(&self, attribute: &AttributeType) -> &[Cow<'static, str>] {
        let found = self
            .values
            .iter()
            .find(|(known, _)| std::ptr::eq(*known, attribute));
        found.map_or(&[], |(_, values)| values)
    }
}

fn has_member(reader: &Reader, permission: &str, test: &Test) -> Truth {
    let mut found = false;
    match test {
        Test::Present => reader.permission_holders(permission, &mut |_| found = true),
        Test::Dn(dn) | Test::Chain(dn) => {
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
