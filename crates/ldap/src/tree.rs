//! What of a tenant's tree no record stands behind: its own entry, the branches, and the computed
//! groups of permissions.

use jackfield_gateway::{Container, Node, Reader};
use jackfield_model::dn::Rdn;
use jackfield_model::{Dn, Truth};

use crate::filter::{Condition, Item, fixed};
use crate::schema::{AttributeType, attribute_type};
use crate::synthetic::Synthetic;

/// The entry of what stands at a node; `None` for a record.
pub(crate) fn at(reader: &Reader, node: &Node) -> Option<Synthetic> {
    match node {
        Node::Suffix => Some(suffix(reader)),
        Node::Container(container) => Some(branch(reader, *container)),
        Node::Permission(name) => Some(permission_group(reader, name)),
        Node::Record(_) => None,
    }
}

/// The entry at a node if it satisfies the condition.
///
/// Most searches are for records: whether an entry can match is asked before it is made.
pub(crate) fn matching(reader: &Reader, node: &Node, condition: &Condition) -> Option<Synthetic> {
    match node {
        Node::Suffix => may_match(condition, &SUFFIX_CLASSES, &|item| {
            let (name, suffix) = (item.attribute.name(), &reader.settings().suffix);
            let in_rdn = suffix.rdn().is_some_and(|rdn| rdn.get(name).is_some());
            if name == "o" || in_rdn {
                None
            } else {
                Some(Truth::False)
            }
        })
        .then(|| suffix(reader))
        .filter(|entry| entry.matches(condition, Some(reader)).holds()),
        Node::Container(container) => matching_branch(reader, *container, condition),
        Node::Permission(name) => matching_permission(reader, name, condition),
        Node::Record(_) => None,
    }
}

/// The entries of the branches that the reader sees and that satisfy the condition.
pub(crate) fn branches(reader: &Reader, condition: &Condition) -> Vec<Synthetic> {
    Container::ALL
        .into_iter()
        .filter(|container| shows(reader, *container))
        .filter_map(|container| matching_branch(reader, container, condition))
        .collect()
}

/// The computed groups that satisfy the condition.
pub(crate) fn permission_groups(reader: &Reader, condition: &Condition) -> Vec<Synthetic> {
    let any = may_match(
        condition,
        &PERMISSION_CLASSES,
        &|item| match item.attribute.name() {
            "cn" | "member" => None,
            _ => Some(Truth::False),
        },
    );
    let names = reader.permissions().filter(|_| any);
    names
        .filter_map(|name| matching_permission(reader, name, condition))
        .collect()
}

/// Whether the reader sees anything of a branch, and so the branch.
pub(crate) fn shows(reader: &Reader, container: Container) -> bool {
    match container {
        Container::Permissions => reader.sees_permissions(),
        other => !reader.sees_kinds().intersection(other.kinds()).is_empty(),
    }
}

/// Those that a tenant's own entry can have.
const SUFFIX_CLASSES: [&str; 4] = ["top", "organization", "organizationalUnit", "dcObject"];
const BRANCH_CLASSES: [&str; 2] = ["top", "organizationalUnit"];
const PERMISSION_CLASSES: [&str; 2] = ["top", "groupOfNames"];

fn matching_branch(
    reader: &Reader,
    container: Container,
    condition: &Condition,
) -> Option<Synthetic> {
    may_match(condition, &BRANCH_CLASSES, &|item| {
        let is_ou = item.attribute.name() == "ou";
        Some((is_ou && fixed::satisfies(&item.test, container.ou())).into())
    })
    .then(|| branch(reader, container))
    .filter(|entry| entry.matches(condition, Some(reader)).holds())
}

fn matching_permission(reader: &Reader, name: &str, condition: &Condition) -> Option<Synthetic> {
    may_match(
        condition,
        &PERMISSION_CLASSES,
        &|item| match item.attribute.name() {
            "member" => None,
            "cn" => Some(fixed::satisfies(&item.test, name).into()),
            _ => Some(Truth::False),
        },
    )
    .then(|| permission_group(reader, name))
    .filter(|entry| entry.matches(condition, Some(reader)).holds())
}

/// Whether an entry of these classes can satisfy the condition, where `own` tells of the
/// attributes that not every entry has, as far as that is known before the entry is made.
fn may_match(
    condition: &Condition,
    classes: &[&str],
    own: &dyn Fn(&Item) -> Option<Truth>,
) -> bool {
    let known = |item: &Item| match item.attribute.name() {
        "objectClass" => {
            // False if none of the classes is meant; else some entry may have it.
            let any = classes
                .iter()
                .any(|class| fixed::satisfies(&item.test, class));
            if any { None } else { Some(Truth::False) }
        }
        "structuralObjectClass"
        | "entryDN"
        | "subschemaSubentry"
        | "hasSubordinates"
        | "numSubordinates" => None,
        _ => own(item),
    };
    fixed::decided(condition, &known).is_none_or(Truth::holds)
}

/// The tenant's own entry, by the attribute of its RDN (RFC 2247 §4, RFC 4519 §3.8).
fn suffix(reader: &Reader) -> Synthetic {
    let settings = reader.settings();
    let dn = settings.suffix.clone();
    let rdn = dn
        .rdn()
        .and_then(Rdn::single)
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (attribute, value) = rdn.unwrap_or_default();
    let named = attribute_type(&attribute).map_or("", AttributeType::name);
    let classes: &[&'static str] = match named {
        "dc" => &["top", "organization", "dcObject"],
        "ou" => &["top", "organizationalUnit"],
        _ => &["top", "organization"],
    };
    let mut organization = vec![settings.title.clone()];
    let branches = Container::ALL.into_iter();
    let branches = branches.filter(|branch| shows(reader, *branch)).count();
    let entry = Synthetic::new(dn, classes, branches);
    let entry = match named {
        "o" if value != settings.title => {
            organization.insert(0, value);
            entry
        }
        "o" | "" => entry,
        other => entry.with(other, [value]),
    };
    entry.with(
        "o",
        organization.into_iter().filter(|title| !title.is_empty()),
    )
}

fn branch(reader: &Reader, container: Container) -> Synthetic {
    let dn = child(reader, Rdn::new("ou", container.ou()));
    let subordinates = match container {
        Container::Permissions => reader.permissions().count(),
        other => {
            let kinds = other.kinds().intersection(reader.sees_kinds());
            kinds.iter().map(|kind| reader.count(kind)).sum()
        }
    };
    Synthetic::new(dn, &BRANCH_CLASSES, subordinates).with("ou", [container.ou()])
}

fn permission_group(reader: &Reader, name: &str) -> Synthetic {
    let dn = child(reader, Rdn::new("ou", Container::Permissions.ou())).child(Rdn::new("cn", name));
    Synthetic::new(dn, &PERMISSION_CLASSES, 0)
        .with("cn", [name.to_owned()])
        .with_holders_of(name)
}

fn child(reader: &Reader, rdn: Rdn) -> Dn {
    reader.settings().suffix.child(rdn)
}
