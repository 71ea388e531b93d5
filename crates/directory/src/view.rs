//! What one principal may read.

use std::sync::LazyLock;

use jackfield_model::schema::attr;
use jackfield_model::schema::own::Readers;
use jackfield_model::{AttrId, KindSet, Principal, Record, Registry, ViewSet};

/// A set of attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttrSet([u64; WORDS]);

/// Room for 256 attributes of the product and 64 of a tenant.
const WORDS: usize = 5;

impl AttrSet {
    /// No attribute.
    pub const NONE: Self = Self([0; WORDS]);
    /// Every attribute.
    pub const ALL: Self = Self([u64::MAX; WORDS]);

    /// These attributes, complex ones with all their sub-attributes.
    pub fn of(attributes: &[AttrId]) -> Self {
        let mut set = Self::NONE;
        for attr in attributes {
            set.insert(*attr);
            for child in Registry::core().children(*attr) {
                set.insert(*child);
            }
        }
        set
    }

    /// Those with these names, complex ones with all their sub-attributes, and with what entries
    /// are named after. A name that nothing bears stands for nothing.
    pub fn named<'n>(registry: &Registry, names: impl Iterator<Item = &'n str>) -> Self {
        let mut set = Self::of(&NAMES);
        for name in names {
            if let Some(attr) = named(registry, name) {
                set.insert(attr);
                for child in registry.children(attr) {
                    set.insert(*child);
                }
            }
        }
        set
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(mut self, other: &Self) -> Self {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own &= other;
        }
        self
    }

    /// Whether `attr` is in it.
    pub fn contains(&self, attr: AttrId) -> bool {
        let (word, bit) = place(attr);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    fn insert(&mut self, attr: AttrId) {
        let (word, bit) = place(attr);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    fn remove(&mut self, attr: AttrId) {
        let (word, bit) = place(attr);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }
}

impl FromIterator<AttrId> for AttrSet {
    fn from_iter<T: IntoIterator<Item = AttrId>>(attributes: T) -> Self {
        let mut set = Self::NONE;
        attributes.into_iter().for_each(|attr| set.insert(attr));
        set
    }
}

fn place(attr: AttrId) -> (usize, u64) {
    (usize::from(attr.0) / 64, 1 << (attr.0 % 64))
}

/// What one principal may read. It is resolved anew for each operation, so that revoking acts at
/// once.
#[derive(Clone, Copy, Debug)]
pub struct AccessView {
    /// Who reads.
    pub principal: Principal,
    /// The kinds of record it may know of.
    pub kinds: KindSet,
    /// What it may read of any of them.
    pub attributes: AttrSet,
    /// What it may read of its own record.
    pub own: AttrSet,
    /// Whether it may see the computed groups, one for each permission.
    pub permissions: bool,
    /// Whether the role that a user has for want of another is among the user's roles.
    pub baseline: bool,
    /// The names under which LDAP shows it what it may read, beside those of the standards.
    pub views: ViewSet,
}

impl AccessView {
    /// Everything: the program itself, and those who administer the whole tenant.
    pub const fn everything(principal: Principal) -> Self {
        Self {
            principal,
            kinds: KindSet::ALL,
            attributes: AttrSet::ALL,
            own: AttrSet::ALL,
            permissions: true,
            baseline: true,
            views: ViewSet::NONE,
        }
    }

    /// Whether the principal may know of this record. Who may not read whether a user is active
    /// sees those who are: a phone book lists nobody who has left.
    pub fn sees(&self, record: &Record) -> bool {
        let is_listed = self.attributes.contains(attr::ACTIVE) || record.is_active();
        (self.kinds.contains(record.kind) && is_listed) || self.is_own(record)
    }

    /// Whether the principal may read this attribute of this record.
    pub fn may_read(&self, record: &Record, attr: AttrId) -> bool {
        self.attributes.contains(attr) || (self.is_own(record) && self.own.contains(attr))
    }

    fn is_own(&self, record: &Record) -> bool {
        self.principal.record() == Some(record.id)
    }
}

/// What a phone book shows of a person, a contact, an extension or a group.
pub fn phone_book(registry: &Registry) -> AttrSet {
    static SET: LazyLock<AttrSet> = LazyLock::new(|| AttrSet::of(&PHONE_BOOK));
    let mut set = *SET;
    for attr in own(registry, |readers| readers == Readers::PhoneBook) {
        set.insert(attr);
    }
    set
}

/// What people may read of themselves.
pub fn oneself(registry: &Registry) -> AttrSet {
    let mut set = AttrSet::ALL;
    for attr in own(registry, |readers| readers == Readers::Administrators) {
        set.remove(attr);
    }
    set
}

/// The attribute of the top level of this name, the tenant's own by their whole names.
pub fn named(registry: &Registry, name: &str) -> Option<AttrId> {
    let mut own = registry.iter_own().filter(|def| def.parent.is_none());
    registry.child(None, name).or_else(|| {
        let found = own.find(|def| registry.path(def.id).eq_ignore_ascii_case(name));
        found.map(|def| def.id)
    })
}

/// What entries are named after.
const NAMES: [AttrId; 5] = [
    attr::ID,
    attr::USER_NAME,
    attr::LOGIN,
    attr::EXTENSION_NUMBER,
    attr::COMMON_NAME,
];

/// The tenant's own attributes that are for such readers.
fn own(registry: &Registry, of: impl Fn(Readers) -> bool) -> impl Iterator<Item = AttrId> {
    let own = registry.iter_own();
    own.filter(move |def| def.own.as_ref().is_some_and(|own| of(own.readers)))
        .map(|def| def.id)
}

const PHONE_BOOK: [AttrId; 18] = [
    attr::ID,
    attr::USER_NAME,
    attr::NAME,
    attr::DISPLAY_NAME,
    attr::NICK_NAME,
    attr::TITLE,
    attr::EMAILS,
    attr::PHONE_NUMBERS,
    attr::PHOTOS,
    attr::ORGANIZATION,
    attr::DIVISION,
    attr::DEPARTMENT,
    attr::EXTENSIONS,
    attr::EXTENSION_NUMBER,
    attr::DESCRIPTION,
    attr::COMMON_NAME,
    attr::META_CREATED,
    attr::META_LAST_MODIFIED,
];

#[cfg(test)]
mod tests {
    use jackfield_model::schema::own::MOST;

    use super::*;

    #[test]
    fn a_complex_attribute_brings_its_sub_attributes() {
        let set = AttrSet::of(&[attr::EMAILS]);
        assert!(set.contains(attr::EMAILS) && set.contains(attr::EMAILS_VALUE));
        assert!(!set.contains(attr::PHONE_NUMBERS_VALUE));
    }

    #[test]
    fn there_is_room_for_every_attribute() {
        assert!(
            Registry::core()
                .iter()
                .all(|def| AttrSet::ALL.contains(def.id))
        );
        let last = u16::try_from(MOST - 1).unwrap();
        assert!(AttrSet::ALL.contains(AttrId::own(last)));
    }

    #[test]
    fn the_phone_book_shows_no_roles_and_no_addresses() {
        let set = phone_book(Registry::core());
        for hidden in [
            attr::ROLES,
            attr::GROUPS,
            attr::ADDRESSES,
            attr::ACTIVE,
            attr::PERMISSIONS,
        ] {
            assert!(!set.contains(hidden), "{hidden:?}");
        }
    }
}
