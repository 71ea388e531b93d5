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
                Part::Folder(attr) => {
                    let mut name = String::new();
                    self.push_leaf(*attr, &mut name)?;
                    text.push_str(&as_folder(&name));
                }
                Part::Name => text.extend(line(&self.seen_name()?).map(without_braces)),
                Part::QuotedName => push_quoted(&self.seen_name()?, &mut text),
                Part::NameField => text.extend(line(&self.seen_name()?).map(in_field)),
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
                ValueRef::Str(value) => text.extend(line(value)),
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

/// The text without control characters: blanks in place of those that move on, nothing in place of
/// others (RFC 4518 §2.2, by which the whole is compared with what is asserted of it).
fn line(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter_map(|c| match c.is_control() {
        false => Some(c),
        true => c.is_whitespace().then_some(' '),
    })
}

fn without_braces(c: char) -> char {
    match c {
        '{' => '(',
        '}' => ')',
        other => other,
    }
}

fn in_field(c: char) -> char {
    if matches!(c, ':' | ',') { ' ' } else { c }
}

fn as_folder(name: &str) -> String {
    let is_dots = name.chars().all(|c| c == '.');
    let fit = |c: char| match c {
        '/' | ':' => '_',
        '.' if is_dots => '_',
        other => other,
    };
    name.chars().map(fit).collect()
}

fn push_quoted(name: &str, text: &mut String) {
    text.push('"');
    for c in line(name) {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
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
            // Of which names `_` is made cannot be told.
            Part::Folder(attr) if leaf.is_none() && !whole.contains('_') => leaf = Some(*attr),
            Part::AtDomain => {
                may_lack_domain = true;
                if let Some(domain) = settings.domains.first() {
                    affix.push('@');
                    affix.push_str(domain);
                }
            }
            Part::SipDomain => affix.push_str(settings.sip.domain.as_deref().unwrap_or_default()),
            Part::SipContext => affix.push_str(context(settings)),
            Part::Leaf(_)
            | Part::Folder(_)
            | Part::Name
            | Part::QuotedName
            | Part::NameField
            | Part::Mail
            | Part::PublicNumber => return None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_folder_and_one_field() {
        for (name, folder) in [
            ("anna.meier", "anna.meier"),
            ("../../etc:x", ".._.._etc_x"),
            ("..", "__"),
            (".", "_"),
            ("...a", "...a"),
        ] {
            assert_eq!(as_folder(name), folder);
        }
    }

    #[test]
    fn a_name_says_nothing_else_in_the_text_that_it_stands_in() {
        for (name, plain, quoted, field) in [
            (
                "Anna Müller",
                "Anna Müller",
                r#""Anna Müller""#,
                "Anna Müller",
            ),
            ("x\" <110>", "x\" <110>", r#""x\" <110>""#, "x\" <110>"),
            ("a\\", "a\\", r#""a\\""#, "a\\"),
            ("a\r\nb\0\x7fc\u{85}", "a  bc ", r#""a  bc ""#, "a  bc "),
            (
                "${system(x)}",
                "$(system(x))",
                r#""${system(x)}""#,
                "${system(x)}",
            ),
            ("a:0:0,b", "a:0:0,b", r#""a:0:0,b""#, "a 0 0 b"),
        ] {
            let mut text = String::new();
            push_quoted(name, &mut text);
            assert_eq!(text, quoted);
            let seen = |shown: fn(char) -> char| line(name).map(shown).collect::<String>();
            assert_eq!(
                (seen(without_braces), seen(in_field)),
                (plain.into(), field.into())
            );
        }
    }
}
