//! What an entry of each kind can show, so that writing one asks for no attribute that it cannot
//! have.

use std::borrow::Cow;
use std::sync::LazyLock;

use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Kind, Registry};
use smallvec::SmallVec;

use super::{ATTRIBUTES, AttributeType, Source, views};
use crate::wire::response::Head;

/// An attribute type that entries of one kind can have.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) attribute: &'static AttributeType,
    /// Where entries of the kind have its values from.
    pub(crate) sources: SmallVec<[Source; 1]>,
    /// Without what an entry has no value of it.
    pub(crate) needs: Needs,
    /// How it begins in an entry, under its own name.
    pub(crate) head: Head,
}

impl Line {
    /// That of an attribute type, if entries of this kind can have it.
    fn of(attribute: &'static AttributeType, kind: Kind) -> Option<Self> {
        let sources = attribute.sources.iter();
        let of_kind = sources.filter(|(kinds, _)| kinds.contains(kind));
        let sources: SmallVec<[Source; 1]> = of_kind.map(|(_, source)| *source).collect();
        let first = needs(*sources.first()?);
        let needs = match sources.iter().all(|other| needs(*other) == first) {
            true => first,
            false => Needs::Nothing,
        };
        Some(Self {
            attribute,
            sources,
            needs,
            head: Head::new(attribute.name()),
        })
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

/// The lines of one kind of entry.
struct Lines {
    /// Those that everybody sees, in the order in which they are shown.
    common: Vec<Line>,
    /// Of these those that come without being asked for by name or with `+`.
    user: Vec<Line>,
    /// All of the product's, in the order of the addresses of their attribute types.
    by_address: Vec<Line>,
}

/// The attribute types that everybody sees and entries of this kind can have, in the order in which
/// they are shown.
pub(crate) fn common(kind: Kind) -> &'static [Line] {
    of(kind).map_or(&[], |lines| &lines.common)
}

/// What entries of this kind have of an attribute type, if they can have it.
pub(crate) fn line(attribute: &'static AttributeType, kind: Kind) -> Option<Cow<'static, Line>> {
    let all = &of(kind)?.by_address;
    match all.binary_search_by_key(&address(attribute), |line| address(line.attribute)) {
        Ok(at) => all.get(at).map(Cow::Borrowed),
        // A tenant's own, or one that they cannot have.
        Err(_) => Line::of(attribute, kind).map(Cow::Owned),
    }
}

/// Those of [`common`] that come without being asked for by name or with `+` (RFC 3673).
pub(crate) fn user(kind: Kind) -> &'static [Line] {
    of(kind).map_or(&[], |lines| &lines.user)
}

fn of(kind: Kind) -> Option<&'static Lines> {
    static ALL: LazyLock<Vec<Lines>> = LazyLock::new(|| {
        let lines = |kind| {
            let line = move |attribute| Line::of(attribute, kind);
            let common: Vec<Line> = ATTRIBUTES.iter().filter_map(line).collect();
            let of_views = views::ALL.iter().flat_map(|view| view.attributes);
            let mut by_address = common.clone();
            by_address.extend(of_views.filter_map(line));
            by_address.sort_unstable_by_key(|line| address(line.attribute));
            let is_user =
                |line: &&Line| !line.attribute.operational && !line.attribute.by_name_only;
            let user = common.iter().filter(is_user).cloned().collect();
            Lines {
                common,
                user,
                by_address,
            }
        };
        Kind::ALL.map(lines).into()
    });
    ALL.get(Kind::ALL.iter().position(|own| *own == kind)?)
}

fn address(attribute: &'static AttributeType) -> usize {
    std::ptr::from_ref(attribute).addr()
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
        let line = common(kind)
            .iter()
            .find(|line| line.attribute.name() == name);
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
