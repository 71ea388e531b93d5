//! Where records stand in the LDAP tree, and which record a name means.

use std::fmt::{self, Write};

use jackfield_model::dn::{Rdn, escape_value};
use jackfield_model::schema::attr;
use jackfield_model::{Dn, Id, Kind, KindSet, Record, text};
use smol_str::{SmolStr, format_smolstr};

use crate::snapshot::Snapshot;

/// The branches below a tenant's suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Container {
    /// Users.
    People,
    /// Groups.
    Groups,
    /// Roles, which are groups to the outside.
    Roles,
    /// One computed group for each permission.
    Permissions,
    /// Desks.
    Desks,
    /// Extensions.
    Extensions,
    /// The shared phone book of outside numbers.
    Contacts,
    /// Service accounts and devices.
    Services,
    /// What a phone shows: users and contacts together. It is there for who looks there, and not
    /// listed among the branches, for all in it stands in another.
    PhoneBook,
}

impl Container {
    /// Every branch, in the order in which a search gives them.
    pub const ALL: [Self; 8] = [
        Self::People,
        Self::Groups,
        Self::Roles,
        Self::Permissions,
        Self::Desks,
        Self::Extensions,
        Self::Contacts,
        Self::Services,
    ];

    /// Its `ou`.
    pub fn ou(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Groups => "groups",
            Self::Roles => "roles",
            Self::Permissions => "permissions",
            Self::Desks => "desks",
            Self::Extensions => "extensions",
            Self::Contacts => "contacts",
            Self::Services => "services",
            Self::PhoneBook => "phonebook",
        }
    }

    /// What comes behind the RDN in the names of its entries, for every branch in the order of
    /// [`ALL`](Self::ALL).
    pub(crate) fn texts(suffix: &Dn) -> [SmolStr; Self::ALL.len()] {
        Self::ALL.map(|container| format_smolstr!(",ou={},{suffix}", container.ou()))
    }

    /// The kinds of record that stand in it.
    pub fn kinds(self) -> KindSet {
        match self {
            Self::People => KindSet::of(&[Kind::User]),
            Self::Groups => KindSet::of(&[Kind::Group]),
            Self::Roles => KindSet::of(&[Kind::Role]),
            Self::Permissions => KindSet::NONE,
            Self::Desks => KindSet::of(&[Kind::Desk]),
            Self::Extensions => KindSet::of(&[Kind::Extension]),
            Self::Contacts => KindSet::of(&[Kind::Contact]),
            Self::Services => KindSet::of(&[Kind::Service, Kind::Device]),
            Self::PhoneBook => KindSet::of(&[Kind::User, Kind::Contact]),
        }
    }

    /// Other names by which the settings of phones and telephone systems look for it.
    fn synonyms(self) -> &'static [&'static str] {
        match self {
            Self::People => &["users", "user", "person", "persons", "accounts"],
            Self::Groups => &["group"],
            Self::Roles => &["role"],
            Self::Extensions => &["extension", "h350", "sip"],
            Self::Contacts => &["contact"],
            Self::PhoneBook => &["pbx", "addressbook", "directory"],
            Self::Permissions | Self::Desks | Self::Services => &[],
        }
    }

    /// The branch that is called so, in any case.
    fn called(name: &str) -> Option<Self> {
        text::with_case_ignore(name, |name| {
            let mut all = Self::ALL.into_iter().chain([Self::PhoneBook]);
            all.find(|branch| branch.ou() == name || branch.synonyms().contains(&name))
        })
    }

    /// The branch in which a kind of record stands; connections stand in none.
    pub fn of(kind: Kind) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|container| container.kinds().contains(kind))
    }
}

/// Something that has a name in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// The tenant itself.
    Suffix,
    /// A branch.
    Container(Container),
    /// A record.
    Record(Id),
    /// The computed group of a permission.
    Permission(String),
}

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// This.
    Found(Node),
    /// Nothing; this is the deepest of its ancestors that is there (`matchedDN`, RFC 4511 §4.1.9).
    Missing {
        /// The ancestor.
        matched: Node,
    },
    /// Nothing, and it is not below the tenant's suffix.
    Outside,
}

impl Snapshot {
    /// What a name means.
    pub fn locate(&self, dn: &Dn) -> Located {
        let Some(below) = dn.strip_suffix(self.suffix()) else {
            return Located::Outside;
        };
        let Some((name, below)) = below.split_last() else {
            return Located::Found(Node::Suffix);
        };
        let Some(container) = branch(name) else {
            return Located::Missing {
                matched: Node::Suffix,
            };
        };
        let Some((leaf, deeper)) = below.split_last() else {
            return Located::Found(Node::Container(container));
        };
        match (self.child(container, leaf), deeper.is_empty()) {
            (Some(node), true) => Located::Found(node),
            (Some(node), false) => Located::Missing { matched: node },
            (None, _) => Located::Missing {
                matched: Node::Container(container),
            },
        }
    }

    /// Writes the name of a record; nothing for a kind that has none.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_dn(&self, record: &Record, out: &mut impl Write) -> fmt::Result {
        let Some(container) = Container::of(record.kind) else {
            return Ok(());
        };
        match record.kind {
            Kind::User | Kind::Service | Kind::Device => {
                out.write_str("uid=")?;
                escape_value(record.login().unwrap_or_default(), out)?;
            }
            Kind::Contact => write!(out, "uid={}", record.id)?,
            Kind::Extension => {
                out.write_str("cn=")?;
                escape_value(record.login().unwrap_or_default(), out)?;
            }
            Kind::Group | Kind::Role | Kind::Desk | Kind::Connection => {
                let name = record.common_name();
                out.write_str("cn=")?;
                escape_value(&name, out)?;
                if self.namesakes().has(record.kind, &name) {
                    write!(out, "+entryUUID={}", record.id)?;
                }
            }
        }
        out.write_str(self.branch_text(container))
    }

    /// The name of a record.
    pub fn dn(&self, record: &Record) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_dn(record, &mut text);
        text
    }

    /// The name of anything in the tree; empty for a record that is gone.
    pub fn node_dn(&self, node: &Node) -> String {
        match node {
            Node::Suffix => self.suffix().to_string(),
            Node::Container(container) => format!("ou={},{}", container.ou(), self.suffix()),
            Node::Record(id) => self
                .record(*id)
                .map(|record| self.dn(record))
                .unwrap_or_default(),
            Node::Permission(name) => {
                let mut text = String::from("cn=");
                let _ = escape_value(name, &mut text);
                format!(
                    "{text},ou={},{}",
                    Container::Permissions.ou(),
                    self.suffix()
                )
            }
        }
    }

    fn child(&self, container: Container, rdn: &Rdn) -> Option<Node> {
        let found = match container {
            Container::Permissions => {
                let name = text::case_ignore(value(rdn, CN)?);
                let all = self.roles().permissions();
                let known = all
                    .iter()
                    .find(|known| text::eq_case_ignore(known.as_str(), &name))?;
                return Some(Node::Permission(known.as_str().to_owned()));
            }
            Container::People => self.login(Kind::User, value(rdn, UID)?)?,
            Container::Services => {
                let name = value(rdn, UID)?;
                self.login(Kind::Service, name)
                    .or_else(|| self.login(Kind::Device, name))?
            }
            Container::PhoneBook => {
                return self
                    .child(Container::People, rdn)
                    .or_else(|| self.child(Container::Contacts, rdn));
            }
            Container::Contacts => self
                .record(Id::parse(value(rdn, UID)?)?)
                .filter(|r| r.kind == Kind::Contact)?,
            Container::Extensions => self.login(Kind::Extension, value(rdn, CN)?)?,
            Container::Groups => self.called_once(Kind::Group, rdn)?,
            Container::Roles => self.called_once(Kind::Role, rdn)?,
            Container::Desks => self.called_once(Kind::Desk, rdn)?,
        };
        Some(Node::Record(found.id))
    }

    fn login(&self, kind: Kind, name: &str) -> Option<&Record> {
        self.keyed(kind, &text::case_ignore(name))
            .map(|record| &**record)
    }

    /// The one record that a `cn`, with an `entryUUID` where several bear the name, means.
    fn called_once(&self, kind: Kind, rdn: &Rdn) -> Option<&Record> {
        let mut all = self.called(kind, value_among(rdn, CN)?);
        match (rdn.avas().len(), value_among(rdn, ENTRY_UUID)) {
            (2, Some(id)) => {
                let id = Id::parse(id)?;
                all.find(|record| record.id == id)
            }
            (1, _) => all.next().filter(|_| all.next().is_none()),
            _ => None,
        }
    }

    fn called(&self, kind: Kind, name: &str) -> impl Iterator<Item = &Record> {
        let mut numbers = Vec::new();
        if let Some(index) = self.indexes().get(attr::COMMON_NAME) {
            index.equal(name, &mut numbers);
        }
        numbers
            .into_iter()
            .filter_map(|number| self.numbered(number))
            .map(|record| &**record)
            .filter(move |record| record.kind == kind)
    }
}

const CN: [&str; 3] = ["cn", "commonName", "2.5.4.3"];
const UID: [&str; 3] = ["uid", "userid", "0.9.2342.19200300.100.1.1"];
const OU: [&str; 3] = ["ou", "organizationalUnitName", "2.5.4.11"];
const ENTRY_UUID: [&str; 3] = ["entryUUID", "entryuuid", "1.3.6.1.1.16.4"];

/// The branch that an RDN means. Active Directory's default is `cn=users`.
fn branch(rdn: &Rdn) -> Option<Container> {
    match value(rdn, OU) {
        Some(name) => Container::called(name),
        None => value(rdn, CN)
            .filter(|name| text::eq_case_ignore(name, "users"))
            .map(|_| Container::People),
    }
}

/// The value of a single-valued RDN of this type.
fn value<'r>(rdn: &'r Rdn, names: [&str; 3]) -> Option<&'r str> {
    rdn.single().and_then(|_| value_among(rdn, names))
}

fn value_among<'r>(rdn: &'r Rdn, names: [&str; 3]) -> Option<&'r str> {
    names.into_iter().find_map(|name| rdn.get(name))
}
