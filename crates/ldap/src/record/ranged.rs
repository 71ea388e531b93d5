//! A part of an attribute's values, as software for Active Directory asks for it:
//! `member;range=0-1499` ([MS-ADTS] §3.1.1.3.1.3.3).

use jackfield_gateway::{Entry, Reader};
use jackfield_model::View;
use smol_str::SmolStr;

use super::each_value;
use crate::schema::{AttributeType, Schema};
use crate::selection::Shape;
use crate::wire::response::EntryWriter;

/// Which values of an attribute are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Ranged {
    attribute: &'static AttributeType,
    /// As the client spelled it.
    name: SmolStr,
    /// The first one, counted from 0.
    from: usize,
    /// The last one; all that there are, if it is not said.
    to: Option<usize>,
}

impl Ranged {
    /// What an attribute description asks for, if it has this option, several values, and the client
    /// sees Active Directory.
    pub(crate) fn read(schema: &Schema, description: &str) -> Option<Self> {
        let (name, option) = description.split_once(';')?;
        let (key, range) = option.split_once('=')?;
        let is_known =
            key.eq_ignore_ascii_case("range") && schema.views().contains(View::ActiveDirectory);
        let attribute = schema.attribute_type(name)?;
        let (from, to) = range.split_once('-')?;
        let from = from.parse().ok()?;
        let to = match to {
            "*" => None,
            to => Some(to.parse().ok().filter(|to| *to >= from)?),
        };
        (is_known && !attribute.single_valued).then(|| Self {
            attribute,
            name: name.into(),
            from,
            to,
        })
    }

    /// Whether both ask for values of one attribute.
    pub(crate) fn is_of(&self, other: &Self) -> bool {
        std::ptr::eq(self.attribute, other.attribute)
    }

    /// Writes them, if there are any, under a description that says which they are: `*` tells that
    /// the last is among them.
    pub(super) fn write(
        &self,
        writer: &mut EntryWriter<'_>,
        reader: &Reader,
        entry: Entry<'_>,
        shape: &Shape,
    ) {
        let mut total = 0;
        each_value(reader, entry, self.attribute, |_| total += 1);
        if total <= self.from {
            return;
        }
        let last = self.to.filter(|to| *to < total - 1);
        let last = last.map_or_else(|| "*".to_owned(), |to| to.to_string());
        let description = format!("{};range={}-{last}", self.name, self.from);
        let mut written = writer.attribute(&description);
        let mut at = 0;
        each_value(reader, entry, self.attribute, |value| {
            if at >= self.from && self.to.is_none_or(|to| at <= to) {
                value.write(reader, &mut written);
            }
            at += 1;
        });
        match shape.types_only {
            true => written.finish_without_values(),
            false => written.finish(),
        };
    }
}
