//! Text that is made of an entry's attributes, and which entries can have a given one.

use std::borrow::Cow;

use jackfield_model::schema::attr;
use jackfield_model::template::{Part, Template};
use jackfield_model::{AttrId, EdgeKind, Kind, Settings, text};
use smol_str::SmolStr;

use super::{Entry, Flow, ValueRef};

impl<'a> Entry<'a> {
    /// Whether the principal may read all that the text is made of.
    pub fn may_read_all(&self, template: &Template) -> bool {
        let mut attrs = template.iter().filter_map(|part| part.attr());
        attrs.all(|attr| self.may_read(attr))
    }

    /// The text; `None` if a part of it has no value or may not be read.
    pub fn composed(&self, template: &Template) -> Option<String> {
        let settings = self.snapshot.settings();
        let mut text = String::new();
        for part in template {
            match part {
                Part::Text(fixed) => text.push_str(fixed),
                Part::Leaf(attr) => self.push_leaf(*attr, &mut text)?,
                Part::Name => text.push_str(&self.seen_name()?),
                Part::Mail => self.bearer().push_leaf(attr::EMAILS_VALUE, &mut text)?,
                Part::AtDomain => {
                    if let Some(domain) = settings.domains.first().filter(|_| !text.contains('@')) {
                        text.push('@');
                        text.push_str(domain);
                    }
                }
                Part::SipDomain => text.push_str(settings.sip.domain.as_deref()?),
                Part::SipContext => text.push_str(context(settings)),
                Part::PublicNumber => text.push_str(&self.public_number()?),
            }
        }
        Some(text)
    }

    fn public_number(&self) -> Option<SmolStr> {
        let mut number = String::new();
        self.push_leaf(attr::EXTENSION_NUMBER, &mut number)?;
        let known = self.snapshot.settings().numbering.canonical(&number)?;
        Some(known).filter(|number| number.starts_with('+'))
    }

    fn push_leaf(&self, attr: AttrId, text: &mut String) -> Option<()> {
        let before = text.len();
        let _ = self.leaf(attr, &mut |value| {
            match value {
                ValueRef::Str(value) => text.push_str(value),
                ValueRef::Int(value) => text.push_str(&value.to_string()),
                ValueRef::Id(id) => text.push_str(&id.to_string()),
                ValueRef::Bool(_) | ValueRef::Time(_) | ValueRef::Bytes(_) => {}
            }
            Flow::Break(())
        });
        (text.len() > before).then_some(())
    }

    fn seen_name(&self) -> Option<Cow<'a, str>> {
        let name = self.bearer().common_name();
        Some(name).filter(|name| !name.is_empty())
    }

    /// Whose name and address people see: of an extension its first holder that is seen.
    fn bearer(&self) -> Self {
        let holders = match self.record.kind {
            Kind::Extension => self.snapshot.targets(EdgeKind::Extension, self.record),
            _ => Vec::new(),
        };
        let mut seen = holders.into_iter().filter(|(holder, _)| self.sees(holder));
        seen.next().map_or(*self, |(holder, _)| self.of(holder))
    }
}

fn context(settings: &Settings) -> &str {
    settings.sip.context.as_deref().unwrap_or("default")
}

/// The one leaf of a template, and the keys of it that an entry can have whose whole text this is;
/// `None` if more than one leaf, or what is another's, is in it.
pub(crate) fn narrowed(
    template: &Template,
    settings: &Settings,
    whole: &str,
) -> Option<(AttrId, Vec<SmolStr>)> {
    let mut leaf = None;
    let (mut before, mut after) = (String::new(), String::new());
    let mut may_lack_domain = false;
    for part in template {
        let affix = if leaf.is_none() {
            &mut before
        } else {
            &mut after
        };
        match part {
            Part::Text(fixed) => affix.push_str(fixed),
            Part::Leaf(attr) if leaf.is_none() => leaf = Some(*attr),
            Part::AtDomain => {
                may_lack_domain = true;
                if let Some(domain) = settings.domains.first() {
                    affix.push('@');
                    affix.push_str(domain);
                }
            }
            Part::SipDomain => affix.push_str(settings.sip.domain.as_deref().unwrap_or_default()),
            Part::SipContext => affix.push_str(context(settings)),
            Part::Leaf(_) | Part::Name | Part::Mail | Part::PublicNumber => return None,
        }
    }
    let (before, after) = (text::case_ignore(&before), text::case_ignore(&after));
    let rest = whole.strip_prefix(before.as_str());
    let keys = rest
        .and_then(|rest| rest.strip_suffix(after.as_str()))
        .into_iter()
        .chain(rest.filter(|_| may_lack_domain))
        .map(text::case_ignore);
    Some((leaf?, keys.collect()))
}
