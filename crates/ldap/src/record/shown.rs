//! One value as the directory shows it: as text, as octets on the wire, and as a rule compares it.

use std::fmt::{self, Write as _};

use jackfield_gateway::{Entry, Reader, ValueRef};
use jackfield_model::rule::Key;
use jackfield_model::{Id, MatchingRule, Timestamp};

use crate::filter::value::lined;
use crate::schema::Family;
use crate::wire::response::AttributeWriter;

/// One value, in the form in which the directory has it.
#[derive(Clone, Copy)]
pub(super) enum Shown<'v> {
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
    pub(super) fn of(value: ValueRef<'v>) -> Self {
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

    pub(super) fn key(self, rule: MatchingRule, family: Family) -> Option<Key> {
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

    pub(super) fn to_text(self, reader: &Reader) -> String {
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
    pub(super) fn write(self, reader: &Reader, attribute: &mut AttributeWriter<'_>) {
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
