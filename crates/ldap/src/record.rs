//! Entries that a record stands behind: what they show, written straight into the buffer.

mod ranged;

use std::fmt::{self, Write as _};
use std::ops::ControlFlow;

use bytes::{Bytes, BytesMut};
use jackfield_gateway::{Entry, Reader, ValueRef};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, Attributes, Id, Kind, MatchingRule, PasswordForm, Record, Timestamp, Value,
};

use crate::filter::fixed;
use crate::filter::value::lined;
use crate::schema::classes::{classes_of, common_classes_of, structural_of};
use crate::schema::lines::{Line, Needs};
use crate::schema::sid::Domain;
use crate::schema::{AttributeType, Family, SecretForm, Source, Typed};
use crate::selection::{Form, Shape};
use crate::subschema;
use crate::wire::response::{AttributeWriter, EntryWriter, ValueWriter};
use crate::wire::{Splice, ber};

pub(crate) use ranged::Ranged;

type Flow = ControlFlow<()>;

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
    let kind = entry.record().kind;
    for (kinds, source) in attribute.sources {
        if kinds.contains(kind) {
            let _ = values(reader, entry, *source, &mut |value| {
                each(value.to_text(reader));
                Flow::Continue(())
            });
        }
    }
}

/// Gives each value of an attribute as it is: text, or the octets of what is none.
pub(crate) fn octets(
    reader: &Reader,
    entry: Entry<'_>,
    attribute: &AttributeType,
    each: &mut dyn FnMut(&[u8]),
) {
    let kind = entry.record().kind;
    for (kinds, source) in attribute.sources {
        if kinds.contains(kind) {
            let _ = values(reader, entry, *source, &mut |value| {
                match value {
                    Shown::Octets(octets) => each(octets),
                    other => each(other.to_text(reader).as_bytes()),
                }
                Flow::Continue(())
            });
        }
    }
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
    let kind = entry.record().kind;
    for (kinds, source) in attribute.sources {
        if kinds.contains(kind) {
            let _ = values(reader, entry, *source, &mut |value| {
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
    /// A telephone number as it is written, which is shown as it is dialled.
    Number(&'v str),
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
            Self::Text(text) | Self::Number(text) => key_of_text(rule, family, text),
            Self::Lines(text) => rule.key(text).map(Key::Text),
            Self::Id(id) if rule == MatchingRule::Id => Some(Key::Id(id)),
            Self::Id(id) => rule.key(&id.to_string()).map(Key::Text),
            Self::Time(at) => Some(Key::Time(at)),
            Self::Integer(number) => Some(Key::Int(number)),
            Self::Octets(_) | Self::Name(_) => None,
        }
    }

    fn to_text(self, reader: &Reader) -> String {
        match self {
            Self::Text(text) | Self::Number(text) => text.to_owned(),
            Self::Octets(octets) => String::from_utf8_lossy(octets).into_owned(),
            Self::Name(entry) => reader.dn(entry),
            Self::Id(id) => id.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Time(at) => at.to_generalized_time(),
            Self::Lines(text) => {
                let mut lines = String::with_capacity(text.len());
                write_lines(text, &mut lines);
                lines
            }
        }
    }

    /// Appending to the buffer cannot fail, so what `write!` returns is dropped.
    fn write(self, reader: &Reader, attribute: &mut AttributeWriter<'_>) {
        match self {
            Self::Text(text) => attribute.value(text.as_bytes()),
            Self::Number(written) => {
                if let Some(dialled) = reader.dialled(written) {
                    attribute.value(dialled.as_bytes());
                }
            }
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
            Self::Lines(text) => attribute.value_with(|value| write_lines(text, value)),
        }
    }
}

/// A PostalAddress (RFC 4517 §3.3.28).
fn write_lines(text: &str, value: &mut impl fmt::Write) {
    for character in text.chars().filter(|character| *character != '\r') {
        // Nothing that is written to here can fail.
        let _ = match character {
            '\n' => value.write_char('$'),
            '$' => value.write_str("\\24"),
            '\\' => value.write_str("\\5C"),
            other => value.write_char(other),
        };
    }
}

/// Gives each value of a source.
fn values(
    reader: &Reader,
    entry: Entry<'_>,
    source: Source,
    each: &mut dyn FnMut(Shown<'_>) -> Flow,
) -> Flow {
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
        Source::CommonNameWithout(own) if !lacks(entry, own) => Flow::Continue(()),
        Source::CommonNameWithout(_) => {
            entry.leaf(attr::COMMON_NAME, &mut |value| each(Shown::of(value)))
        }
        Source::Typed(typed) => {
            let mut elements = entry.elements(typed.attr, typed.kind, typed.or_untyped);
            elements.try_for_each(|element| element_values(typed, element, &mut *each))
        }
        Source::References { attr, .. } => {
            entry.references(attr, &mut |other| each(Shown::Name(other)))
        }
        Source::Registration(name) => {
            let told = reader.registration(record.id);
            match told.as_ref().and_then(|told| told.get(name)) {
                Some(value) => each(Shown::Text(value)),
                None => Flow::Continue(()),
            }
        }
        Source::SipSecret(form) => match sip_secret(reader, record, form) {
            Some(secret) => each(Shown::Text(&secret)),
            None => Flow::Continue(()),
        },
        Source::Account(source) => match reader.sip_secret(record.id) {
            Some(_) => values(reader, entry, *source, each),
            None => Flow::Continue(()),
        },
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
        Source::Composed(template) => match entry.composed(template) {
            Some(text) => each(Shown::Text(&text)),
            None => Flow::Continue(()),
        },
        Source::MemberLogins => entry.references(attr::HOLDERS, &mut |member| {
            let member = member.record();
            match member.login().filter(|_| member.kind == Kind::User) {
                Some(login) => each(Shown::Text(login)),
                None => Flow::Continue(()),
            }
        }),
        Source::Guid => each(Shown::Octets(&record.id.0.to_bytes_le())),
        Source::Sid if entry.may_read(attr::NUMBER) => {
            let domain = Domain::of(reader.tenant());
            each(Shown::Octets(&domain.octets(record.number)))
        }
        Source::Category(category) => {
            let suffix = &reader.settings().suffix;
            each(Shown::Text(&category.dn(suffix)))
        }
        Source::AccountControl if entry.may_read(attr::ACTIVE) => {
            each(Shown::Integer(account_control(record.is_active())))
        }
        Source::WhenCreated if entry.may_read(attr::META_CREATED) => {
            each(Shown::Text(&windows_time(record.created)))
        }
        Source::WhenChanged if entry.may_read(attr::META_LAST_MODIFIED) => {
            each(Shown::Text(&windows_time(record.modified)))
        }
        Source::Sid | Source::AccountControl | Source::WhenCreated | Source::WhenChanged => {
            Flow::Continue(())
        }
        Source::EntryDn => each(Shown::Name(entry)),
        Source::Created if entry.may_read(attr::META_CREATED) => each(Shown::Time(record.created)),
        Source::Modified if entry.may_read(attr::META_LAST_MODIFIED) => {
            each(Shown::Time(record.modified))
        }
        Source::Created | Source::Modified => Flow::Continue(()),
        Source::ObjectClass => {
            let is_account = reader.sip_secret(record.id).is_some();
            let mut classes = classes_of(record.kind, reader.views(), is_account);
            classes.try_for_each(|class| each(Shown::Text(class)))
        }
        Source::StructuralClass => each(Shown::Text(structural_of(common_classes_of(record.kind)))),
        Source::Subschema => each(Shown::Text(subschema::NAME)),
        Source::Constant(value) => each(Shown::Text(value)),
    }
}

/// Whether the entry has no value of a leaf, as far as the reader may know.
pub(crate) fn lacks(entry: Entry<'_>, leaf: AttrId) -> bool {
    entry.may_read(leaf) && entry.leaf(leaf, &mut |_| Flow::Break(())).is_continue()
}

/// The SIP secret of an extension in this form, if the reader is told it.
fn sip_secret(reader: &Reader, extension: &Record, form: SecretForm) -> Option<String> {
    let secret = reader.sip_secret(extension.id)?;
    let sip = &reader.settings().sip;
    match form.password(sip) {
        PasswordForm::Clear => Some(secret.clear().to_owned()),
        PasswordForm::Ha1 => {
            let hash = secret.ha1(extension.login()?, sip.realm.as_deref()?);
            Some(hash.to_string())
        }
    }
}

/// `userAccountControl` of an ordinary account: NORMAL_ACCOUNT, and ACCOUNTDISABLE if it may not be
/// used ([MS-ADTS] §2.2.16).
pub(crate) fn account_control(is_active: bool) -> i64 {
    if is_active { 0x200 } else { 0x202 }
}

/// The moment with a tenth of a second that is always 0, without which clients of Active Directory
/// do not read it.
pub(crate) fn windows_time(at: Timestamp) -> String {
    at.to_generalized_time().replace('Z', ".0Z")
}

fn element_values(
    typed: Typed,
    element: &Attributes,
    mut each: impl FnMut(Shown<'_>) -> Flow,
) -> Flow {
    let texts = element.values(typed.value).iter().filter_map(Value::as_str);
    for text in texts {
        each(match typed.attr {
            attr::PHONE_NUMBERS => Shown::Number(text),
            _ if typed.lines => Shown::Lines(text),
            _ => Shown::Text(text),
        })?;
    }
    Flow::Continue(())
}
