//! Entries that a record stands behind: what they show, written straight into the buffer.

mod ranged;
mod shown;
mod values;
mod windows;

use bytes::{Bytes, BytesMut};
use jackfield_gateway::{Entry, Reader};
use jackfield_model::MatchingRule;
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;

use self::shown::Shown;
use self::values::{Flow, element_values, values};
use crate::filter::fixed;
use crate::schema::lines::{Line, Needs};
use crate::schema::{AttributeType, Family, Source};
use crate::selection::{Form, Shape};
use crate::wire::response::{AttributeWriter, EntryWriter, ValueWriter};
use crate::wire::{Splice, ber};

pub(crate) use ranged::Ranged;
pub(crate) use shown::key_of_text;
pub(crate) use values::lacks;
pub(crate) use windows::{account_control, windows_time};

/// Writes the entry in answer to the search with this message ID; without one, as it stands in a
/// control. Gives what belongs to it and was not written into the buffer.
#[must_use]
pub(crate) fn write(
    out: &mut BytesMut,
    id: Option<i32>,
    reader: &Reader,
    entry: Entry<'_>,
    shape: &Shape,
    form: &Form,
) -> Vec<Splice> {
    let dn = |dn: &mut ValueWriter<'_>| {
        // Appending to the buffer cannot fail.
        let _ = reader.write_dn(entry, dn);
    };
    let mut writer = match id {
        Some(id) => EntryWriter::with_dn(out, id, dn),
        None => EntryWriter::bare(out, dn),
    };
    let held = form.is_long().then(|| entry.held());
    let is_registered = reader.registration(entry.record().id).is_some();
    for (line, head) in form.iter() {
        let can_have = match line.needs {
            Needs::Nothing => true,
            Needs::Held(attr) => held.is_none_or(|held| held.contains(attr)),
            Needs::Registration => is_registered,
        };
        if can_have {
            let written = writer.attribute_under(head);
            write_attribute(written, reader, entry, line, shape);
        }
    }
    for ranged in shape.selection.ranges() {
        ranged.write(&mut writer, reader, entry, shape);
    }
    writer.finish()
}

/// Writes what an entry has of one attribute.
fn write_attribute(
    mut written: AttributeWriter<'_>,
    reader: &Reader,
    entry: Entry<'_>,
    line: &Line,
    shape: &Shape,
) {
    if !shape.types_only && shape.values.is_none() {
        for source in &line.sources {
            write_values(&mut written, reader, entry, *source, line.needs);
        }
        written.finish();
        return;
    }
    let tests = shape.tests_of(line.attribute);
    let mut any = false;
    for source in &line.sources {
        let _ = values(reader, entry, *source, &mut |value| {
            any = true;
            let is_wanted =
                tests.is_none_or(|tests| fixed::satisfies_one(tests, &value.to_text(reader)));
            if is_wanted {
                value.write(reader, &mut written);
            }
            // One is enough to tell that there are values.
            match shape.types_only {
                true => Flow::Break(()),
                false => Flow::Continue(()),
            }
        });
    }
    if shape.types_only {
        written.finish_without_values();
    } else if any {
        written.finish_anyway();
    } else {
        written.finish();
    }
}

/// Writes each value of a source: those that are in the record itself, as most are, and names that
/// are kept by a shorter way than [`values`].
fn write_values(
    written: &mut AttributeWriter<'_>,
    reader: &Reader,
    entry: Entry<'_>,
    source: Source,
    needs: Needs,
) {
    match (source, needs) {
        (Source::Leaf(attr::COMMON_NAME), _) if entry.may_read(attr::COMMON_NAME) => {
            written.value(entry.common_name().as_bytes());
        }
        (Source::Leaf(attr), Needs::Held(top)) => {
            let each = |value| Shown::of(value).write(reader, written);
            entry.stored(top, attr).for_each(each);
        }
        (Source::Typed(typed), Needs::Held(_)) => {
            let elements = entry.elements(typed.attr, typed.kind, typed.or_untyped);
            for element in elements {
                let _ = element_values(typed, element, |value| {
                    value.write(reader, written);
                    Flow::Continue(())
                });
            }
        }
        _ => match kept(reader, entry, source) {
            Some(octets) => written.values_from(octets),
            None => {
                let _ = values(reader, entry, source, &mut |value| {
                    value.write(reader, written);
                    Flow::Continue(())
                });
            }
        },
    }
}

/// The names of the members of a large group, as they stand in its entry.
fn kept(reader: &Reader, entry: Entry<'_>, source: Source) -> Option<Bytes> {
    let Source::References {
        attr: attr::HOLDERS,
        ..
    } = source
    else {
        return None;
    };
    let mut name = BytesMut::new();
    let octets = entry.kept_members(&mut |member, octets| {
        name.clear();
        ber::write::nested(&mut name, ber::OCTET_STRING, |name| {
            // Appending to the buffer cannot fail.
            let _ = reader.write_dn(member, &mut *name);
        });
        octets.extend_from_slice(&name);
    });
    octets.map(Bytes::from_owner)
}

/// Gives each value of an attribute in the form in which it is shown.
pub(crate) fn texts(
    reader: &Reader,
    entry: Entry<'_>,
    attribute: &AttributeType,
    each: &mut dyn FnMut(String),
) {
    each_value(reader, entry, attribute, |value| {
        each(value.to_text(reader));
    });
}

/// Gives each value of an attribute as it is: text, or the octets of what is none.
pub(crate) fn octets(
    reader: &Reader,
    entry: Entry<'_>,
    attribute: &AttributeType,
    each: &mut dyn FnMut(&[u8]),
) {
    each_value(reader, entry, attribute, |value| match value {
        Shown::Octets(octets) => each(octets),
        other => each(other.to_text(reader).as_bytes()),
    });
}

/// Gives each value of an attribute as a rule compares it; what it cannot compare is left out.
pub(crate) fn keys(
    reader: &Reader,
    entry: Entry<'_>,
    attribute: &AttributeType,
    rule: MatchingRule,
    family: Family,
    each: &mut dyn FnMut(Key),
) {
    each_value(reader, entry, attribute, |value| {
        value.key(rule, family).into_iter().for_each(&mut *each);
    });
}

fn each_value(
    reader: &Reader,
    entry: Entry<'_>,
    attribute: &AttributeType,
    mut each: impl FnMut(Shown<'_>),
) {
    let kind = entry.record().kind;
    for (_, source) in attribute
        .sources
        .iter()
        .filter(|(kinds, _)| kinds.contains(kind))
    {
        let _ = values(reader, entry, *source, &mut |value| {
            each(value);
            Flow::Continue(())
        });
    }
}
