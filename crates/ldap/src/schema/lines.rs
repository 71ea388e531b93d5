//! What an entry of each kind can show, so that writing one asks for no attribute that it cannot
//! have.

use std::sync::LazyLock;

use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Kind, Registry};

use super::{ATTRIBUTES, AttributeType, Source};

/// An attribute type that entries of one kind can have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) attribute: &'static AttributeType,
    /// Without what an entry has no value of it.
    pub(crate) needs: Needs,
}

impl Line {
    /// That of an attribute type of which nothing is known beforehand, if entries of this kind can
    /// have it.
    pub(crate) fn of(attribute: &'static AttributeType, kind: Kind) -> Option<Self> {
        let mut kinds = attribute.sources.iter().map(|(kinds, _)| kinds);
        let can_have = kinds.any(|kinds| kinds.contains(kind));
        can_have.then_some(Self {
            attribute,
            needs: Needs::Nothing,
        })
    }

    /// The same, with what is known of the sources.
    fn looked_into(self, kind: Kind) -> Self {
        let sources = self.attribute.sources.iter();
        let of_kind = sources.filter(|(kinds, _)| kinds.contains(kind));
        let mut all = of_kind.map(|(_, source)| needs(*source));
        let first = all.next().unwrap_or(Needs::Nothing);
        let needs = match all.all(|other| other == first) {
            true => first,
            false => Needs::Nothing,
        };
        Self { needs, ..self }
    }
}

/// What must be there for an attribute to have values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing that is known beforehand.
    Nothing,
    /// This attribute in the record itself.
    Held(AttrId),
    /// Something that a telephone system has told.
    Registration,
}

/// The attribute types of the product that entries of this kind can have, in the order in which
/// they are shown.
pub(crate) fn of(kind: Kind) -> &'static [Line] {
    static ALL: LazyLock<Vec<(Kind, Vec<Line>)>> = LazyLock::new(|| {
        let lines = |kind| {
            let all = ATTRIBUTES.iter();
            let lines = all.filter_map(move |attribute| Line::of(attribute, kind));
            lines.map(move |line| line.looked_into(kind)).collect()
        };
        let all = Kind::ALL.into_iter();
        all.map(|kind| (kind, lines(kind))).collect()
    });
    let found = ALL.iter().find(|(own, _)| *own == kind);
    found.map_or(&[], |(_, lines)| lines)
}

fn needs(source: Source) -> Needs {
    match source {
        Source::Leaf(attr) | Source::References { attr, .. } => held(attr),
        Source::Typed(typed) => held(typed.attr),
        Source::Registration(_) => Needs::Registration,
        _ => Needs::Nothing,
    }
}

/// Of what is computed it cannot be told; a user's roles are more than those in the record.
fn held(attr: AttrId) -> Needs {
    let registry = Registry::core();
    let top = registry.top(attr);
    match registry.get(top) {
        Some(def) if !def.derived && top != attr::ROLES => Needs::Held(top),
        _ => Needs::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs_of(kind: Kind, name: &str) -> Option<Needs> {
        let line = of(kind).iter().find(|line| line.attribute.name() == name);
        line.map(|line| line.needs)
    }

    #[test]
    fn what_is_only_in_the_record_is_not_asked_for_where_it_is_not() {
        for (kind, name, expected) in [
            (Kind::User, "title", Some(Needs::Held(attr::TITLE))),
            (Kind::User, "mail", Some(Needs::Held(attr::EMAILS))),
            (Kind::User, "mobile", Some(Needs::Held(attr::PHONE_NUMBERS))),
            (Kind::User, "manager", Some(Needs::Held(attr::MANAGER))),
            (Kind::User, "AstAccountPort", Some(Needs::Registration)),
            (Kind::User, "cn", Some(Needs::Nothing)),
            (Kind::User, "pbxRole", Some(Needs::Nothing)),
            (Kind::User, "memberOf", Some(Needs::Nothing)),
            (Kind::User, "member", None),
            (Kind::Group, "member", Some(Needs::Nothing)),
            (Kind::Extension, "cn", Some(Needs::Nothing)),
        ] {
            assert_eq!(needs_of(kind, name), expected, "{name} of {kind:?}");
        }
    }
}
