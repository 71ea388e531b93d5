//! What each view publishes beside what everybody knows: one table of attribute types and one of
//! object classes for each, and which classes which kinds of record have.

mod active_directory;
mod asterisk;
mod freeswitch;
mod grandstream;
mod h350;
mod posix;

use std::sync::LazyLock;

use jackfield_model::{Kind, KindSet, View, ViewSet};

#[cfg(doc)]
use super::Source;
use super::{AttributeType, Named, ObjectClass, find};

/// What one view publishes.
pub(crate) struct Published {
    view: View,
    /// Its attribute types. One of a name that everybody knows takes its place.
    pub(crate) attributes: &'static [AttributeType],
    /// Its object classes.
    pub(crate) classes: &'static [ObjectClass],
    /// The classes that it adds to entries, general ones first.
    pub(crate) entries: &'static [(KindSet, &'static [&'static str])],
    /// Those that it adds to extensions that are SIP accounts ([`Source::Account`]).
    pub(crate) accounts: &'static [&'static str],
    names: LazyLock<Named>,
}

impl Published {
    /// Its attribute type with this name or numeric OID, in any case.
    pub(crate) fn attribute_type(&self, name: &str) -> Option<&'static AttributeType> {
        find(&self.names, name)
    }

    /// The classes that it adds to entries of a kind, general ones first.
    pub(crate) fn classes_of(
        &self,
        kind: Kind,
        is_account: bool,
    ) -> impl Iterator<Item = &'static str> {
        let of_kind = (self.entries.iter()).filter(move |(kinds, _)| kinds.contains(kind));
        let of_accounts = is_account && kind == Kind::Extension;
        let of_accounts = if of_accounts { self.accounts } else { &[] };
        let of_kind = of_kind.flat_map(|(_, classes)| classes.iter());
        of_kind.chain(of_accounts).copied()
    }
}

/// Every view.
pub(crate) static ALL: [&Published; View::ALL.len()] = [
    &posix::PUBLISHED,
    &active_directory::PUBLISHED,
    &asterisk::PUBLISHED,
    &h350::PUBLISHED,
    &freeswitch::PUBLISHED,
    &grandstream::PUBLISHED,
];

/// Those of the set.
pub(crate) fn of(views: ViewSet) -> impl Iterator<Item = &'static Published> {
    let all: &[&Published] = if views.is_empty() { &[] } else { &ALL };
    let known = all.iter().copied();
    known.filter(move |published| views.contains(published.view))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_view_has_its_table_and_no_two_have_one_name() {
        assert!(
            View::ALL
                .iter()
                .all(|view| ALL.iter().any(|table| table.view == *view))
        );
        let mut seen = HashSet::new();
        for attribute in ALL.iter().flat_map(|table| table.attributes) {
            for name in attribute.names.iter().chain([&attribute.oid]) {
                assert!(seen.insert(name.to_ascii_lowercase()), "{name}");
            }
        }
    }
}
