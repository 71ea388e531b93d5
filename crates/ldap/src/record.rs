//! Entries that a record stands behind: what they show, written straight into the buffer.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use bytes::BytesMut;
use jackfield_gateway::{Entry, Reader, ValueRef};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, MatchingRule, Timestamp, Value};

use crate::filter::value::lined;
use crate::schema::classes::{classes_of, structural_of};
use crate::schema::{AttributeType, Family, Source, Typed};
use crate::selection::Selection;
use crate::subschema;
use crate::wire::response::{AttributeWriter, EntryWriter};

type Flow = ControlFlow<()>;

/// Writes the entry in answer to the search with this message ID.
pub(crate) fn write(
    out: &mut BytesMut,
    id: i32,
    reader: &Reader,
    entry: Entry<'_>,
    selection: &Selection,
    types_only: bool,
) {
    let mut writer = EntryWriter::with_dn(out, id, |dn| {
        // Appending to the buffer cannot fail.
        let _ = reader.write_dn(entry, dn);
    });
    let kind = entry.record().kind;
    for (attribute, name) in selection.iter() {
        if !attribute
            .sources
            .iter()
            .any(|(kinds, _)| kinds.contains(kind))
        {
            continue;
        }
        let mut written = writer.attribute(name);
        for (kinds, source) in attribute.sources {
            if kinds.contains(kind) {
                let _ = values(entry, *source, &mut |value| {
                    value.write(reader, &mut written);
                    // One is enough to tell that there are values.
                    if types_only {
                        Flow::Break(())
                    } else {
                        Flow::Continue(())
                    }
                });
            }
        }
        if types_only {
            written.finish_without_values();
        } else {
            written.finish();
        }
    }
    writer.finish();
}

/// Gives each value of an attribute as a rule compares it; what it cannot compare is left out.
pub(crate) fn keys(
    entry: Entry<'_>,
    attribute: &AttributeType,
    rule: MatchingRule,
    family: Family,
    each: &mut dyn FnMut(Key),
) {
    let kind = entry.record().kind;
    for (kinds, source) in attribute.sources {
        if kinds.contains(kind) {
            let _ = values(entry, *source, &mut |value| {
                value.key(rule, family).into_iter().for_each(&mut *each);
                Flow::Continue(())
            });
        }
    }
}

/// A value as a rule compares it, from the form in which it is shown.
pub(crate) fn key_of_text(rule: MatchingRule, family: Family, text: &str) -> Option<Key> {
    match rule {
        MatchingRule::Boolean => Some(Key::Bool(text == "TRUE")),
        MatchingRule::Integer => text.parse().ok().map(Key::Int),
        MatchingRule::Time => Timestamp::parse_generalized_time(text).map(Key::Time),
        MatchingRule::Id => Id::parse(text).map(Key::Id),
        _ => rule.key(&lined(family, text.into())).map(Key::Text),
    }
}

/// One value, in the form in which the directory has it.
#[derive(Clone, Copy)]
enum Shown<'v> {
    Text(&'v str),
    Lines(&'v str),
    Octets(&'v [u8]),
    Name(Entry<'v>),
    Id(Id),
    Time(Timestamp),
    Integer(i64),
}

impl<'v> Shown<'v> {
    fn of(value: ValueRef<'v>) -> Self {
        match value {
            ValueRef::Str(text) => Self::Text(text),
            ValueRef::Bool(true) => Self::Text("TRUE"),
            ValueRef::Bool(false) => Self::Text("FALSE"),
            ValueRef::Int(value) => Self::Integer(value),
            ValueRef::Time(at) => Self::Time(at),
            ValueRef::Bytes(octets) => Self::Octets(octets),
            ValueRef::Id(id) => Self::Id(id),
        }
    }

    fn key(self, rule: MatchingRule, family: Family) -> Option<Key> {
        match self {
            Self::Text(text) => key_of_text(rule, family, text),
            Self::Lines(text) => rule.key(text).map(Key::Text),
            Self::Id(id) if rule == MatchingRule::Id => Some(Key::Id(id)),
            Self::Id(id) => rule.key(&id.to_string()).map(Key::Text),
            Self::Time(at) => Some(Key::Time(at)),
            Self::Integer(number) => Some(Key::Int(number)),
            Self::Octets(_) | Self::Name(_) => None,
        }
    }

    /// Appending to the buffer cannot fail, so what `write!` returns is dropped.
    fn write(self, reader: &Reader, attribute: &mut AttributeWriter<'_>) {
        match self {
            Self::Text(text) => attribute.value(text.as_bytes()),
            Self::Octets(octets) => attribute.value(octets),
            Self::Name(entry) => attribute.value_with(|value| {
                let _ = reader.write_dn(entry, value);
            }),
            Self::Id(id) => attribute.value_with(|value| {
                let _ = write!(value, "{id}");
            }),
            Self::Integer(number) => attribute.value_with(|value| {
                let _ = write!(value, "{number}");
            }),
            Self::Time(at) => attribute.value(at.to_generalized_time().as_bytes()),
            Self::Lines(text) => attribute.value_with(|value| {
                // RFC 4517 §3.3.28
                for character in text.chars().filter(|character| *character != '\r') {
                    let _ = match character {
                        '\n' => value.write_char('$'),
                        '$' => value.write_str("\\24"),
                        '\\' => value.write_str("\\5C"),
                        other => value.write_char(other),
                    };
                }
            }),
        }
    }
}

/// Gives each value of a source.
fn values(entry: Entry<'_>, source: Source, each: &mut dyn FnMut(Shown<'_>) -> Flow) -> Flow {
    let record = entry.record();
    match source {
        Source::Leaf(attr) => entry.leaf(attr, &mut |value| each(Shown::of(value))),
        Source::NumberAsName => {
            let name = entry.common_name();
            entry.leaf(attr::EXTENSION_NUMBER, &mut |value| match value {
                ValueRef::Str(number) if number == name => Flow::Continue(()),
                value => each(Shown::of(value)),
            })
        }
        Source::Typed(typed) => {
            entry.typed(typed.attr, typed.kind, typed.or_untyped, &mut |element| {
                element_values(typed, element, each)
            })
        }
        Source::References { attr, .. } => {
            entry.references(attr, &mut |other| each(Shown::Name(other)))
        }
        Source::Permissions => {
            let mut flow = Flow::Continue(());
            entry.permissions(&mut |permission| {
                if flow.is_continue() {
                    flow = each(Shown::Text(permission));
                }
            });
            flow
        }
        Source::Uuid => each(Shown::Id(record.id)),
        Source::EntryDn => each(Shown::Name(entry)),
        Source::Created if entry.may_read(attr::META_CREATED) => each(Shown::Time(record.created)),
        Source::Modified if entry.may_read(attr::META_LAST_MODIFIED) => {
            each(Shown::Time(record.modified))
        }
        Source::Created | Source::Modified => Flow::Continue(()),
        Source::ObjectClass => classes_of(record.kind)
            .iter()
            .try_for_each(|class| each(Shown::Text(class))),
        Source::StructuralClass => each(Shown::Text(structural_of(classes_of(record.kind)))),
        Source::Subschema => each(Shown::Text(subschema::NAME)),
        Source::HasSubordinates => each(Shown::Text("FALSE")),
        Source::NumSubordinates => each(Shown::Text("0")),
    }
}

fn element_values(
    typed: Typed,
    element: &Attributes,
    each: &mut dyn FnMut(Shown<'_>) -> Flow,
) -> Flow {
    let texts = element.values(typed.value).iter().filter_map(Value::as_str);
    for text in texts {
        each(if typed.lines {
            Shown::Lines(text)
        } else {
            Shown::Text(text)
        })?;
    }
    Flow::Continue(())
}
