//! The object classes (RFC 4512 §2.4): RFC 4512, RFC 4519, RFC 4524, RFC 2247, RFC 2798, and our
//! own. Attributes that are never served are not listed among what a class may have.

use jackfield_model::{Kind, KindSet, ViewSet};

use super::build::own;
use super::{AttributeType, object_class, views};

/// One object class (RFC 4512 §4.1.1).
#[derive(Debug)]
pub(crate) struct ObjectClass {
    /// Its numeric OID.
    pub(crate) oid: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// The class it extends.
    pub(crate) superior: Option<&'static str>,
    /// What it is for.
    pub(crate) kind: ClassKind,
    /// Attributes an entry of the class has.
    pub(crate) must: &'static [&'static str],
    /// Attributes it may have.
    pub(crate) may: &'static [&'static str],
}

impl ObjectClass {
    /// Whether entries of the class may have this attribute of a tenant's own.
    pub(crate) fn is_extended_by(&self, own: &AttributeType) -> bool {
        let kind = match self.name {
            "pbxPerson" => Kind::User,
            "pbxMemberGroup" => Kind::Group,
            _ => return false,
        };
        own.sources.iter().any(|(kinds, _)| kinds.contains(kind))
    }
}

/// What a class is for (RFC 4512 §2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClassKind {
    /// The base of others.
    Abstract,
    /// What an entry is.
    Structural,
    /// What an entry has besides.
    Auxiliary,
}

impl ClassKind {
    /// Its keyword (RFC 4512 §4.1.1).
    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::Abstract => "ABSTRACT",
            Self::Structural => "STRUCTURAL",
            Self::Auxiliary => "AUXILIARY",
        }
    }
}

/// Every object class that everybody knows.
pub(crate) static CLASSES: &[ObjectClass] = &[
    ObjectClass {
        oid: "2.5.6.0",
        name: "top",
        superior: None,
        kind: ClassKind::Abstract,
        must: &["objectClass"],
        may: &[],
    },
    structural("2.5.6.4", "organization", "top", &["o"], &["description"]),
    structural(
        "2.5.6.5",
        "organizationalUnit",
        "top",
        &["ou"],
        &["description"],
    ),
    auxiliary("1.3.6.1.4.1.1466.344", "dcObject", &["dc"], &[]),
    structural(
        "2.5.6.6",
        "person",
        "top",
        &["sn", "cn"],
        &["userPassword", "telephoneNumber", "description"],
    ),
    structural(
        "2.5.6.7",
        "organizationalPerson",
        "person",
        &[],
        &[
            "title",
            "facsimileTelephoneNumber",
            "street",
            "postalCode",
            "postalAddress",
            "ou",
            "st",
            "l",
        ],
    ),
    structural(
        "2.16.840.1.113730.3.2.2",
        "inetOrgPerson",
        "organizationalPerson",
        &[],
        &[
            "departmentNumber",
            "displayName",
            "employeeNumber",
            "employeeType",
            "givenName",
            "homePhone",
            "homePostalAddress",
            "labeledURI",
            "mail",
            "manager",
            "mobile",
            "o",
            "pager",
            "preferredLanguage",
            "uid",
        ],
    ),
    structural(
        "2.5.6.9",
        "groupOfNames",
        "top",
        &["member", "cn"],
        &["o", "ou", "description"],
    ),
    structural(
        "0.9.2342.19200300.100.4.5",
        "account",
        "top",
        &["uid"],
        &["description"],
    ),
    structural(
        "0.9.2342.19200300.100.4.7",
        "room",
        "top",
        &["cn"],
        &["description", "telephoneNumber"],
    ),
    structural("2.5.17.0", "subentry", "top", &["cn"], &[]),
    auxiliary(
        "2.5.20.1",
        "subschema",
        &[],
        &[
            "attributeTypes",
            "objectClasses",
            "matchingRules",
            "ldapSyntaxes",
        ],
    ),
    auxiliary(
        own!("2.1"),
        "pbxPerson",
        &[],
        &[
            "cn",
            "co",
            "ipPhone",
            "memberOf",
            "AstAccountFullContact",
            "AstAccountIPAddress",
            "AstAccountPort",
            "AstAccountLastQualifyMilliseconds",
            "AstAccountRegistrationServer",
            "AstAccountUserAgent",
            "AstAccountExpirationTimestamp",
            "AstAccountRegistrationContext",
            "AstAccountRegistrationExten",
            "AstAccountDefaultUser",
            "AstExtension",
            "otherTelephone",
            "pbxDesk",
            "pbxExtension",
            "pbxPermission",
            "pbxRole",
        ],
    ),
    auxiliary(
        own!("2.2"),
        "pbxRoleGroup",
        &[],
        &["pbxPermission", "pbxRole", "uniqueMember"],
    ),
    auxiliary(
        own!("2.3"),
        "pbxMemberGroup",
        &[],
        &["memberOf", "uniqueMember"],
    ),
    structural(
        own!("2.4"),
        "pbxExtensionObject",
        "top",
        &["cn", "pbxExtension"],
        &[
            "telephoneNumber",
            "description",
            "AstAccountFullContact",
            "AstAccountIPAddress",
            "AstAccountPort",
            "AstAccountLastQualifyMilliseconds",
            "AstAccountRegistrationServer",
            "AstAccountUserAgent",
            "AstAccountExpirationTimestamp",
            "AstAccountRegistrationContext",
            "AstAccountRegistrationExten",
            "AstAccountDefaultUser",
        ],
    ),
    auxiliary(
        own!("2.5"),
        "pbxAccount",
        &[],
        &[
            "cn",
            "AstAccountFullContact",
            "AstAccountIPAddress",
            "AstAccountPort",
            "AstAccountLastQualifyMilliseconds",
            "AstAccountRegistrationServer",
            "AstAccountUserAgent",
            "AstAccountExpirationTimestamp",
            "AstAccountRegistrationContext",
            "AstAccountRegistrationExten",
            "AstAccountDefaultUser",
        ],
    ),
];

/// The object classes of a kind of record as these views show it, general ones first; of a SIP
/// account ([`Source::Account`](super::Source)) or not.
pub(crate) fn classes_of(
    kind: Kind,
    views: ViewSet,
    is_account: bool,
) -> impl Iterator<Item = &'static str> {
    let of_views = views::of(views).flat_map(move |view| view.classes_of(kind, is_account));
    common_classes_of(kind).iter().copied().chain(of_views)
}

/// Those that everybody sees, the structural one among them.
pub(crate) fn common_classes_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::User | Kind::Contact => &[
            "top",
            "person",
            "organizationalPerson",
            "inetOrgPerson",
            "pbxPerson",
        ],
        Kind::Group => &["top", "groupOfNames", "pbxMemberGroup"],
        Kind::Role => &["top", "groupOfNames", "pbxRoleGroup"],
        Kind::Extension => &["top", "pbxExtensionObject"],
        Kind::Desk => &["top", "room"],
        Kind::Service | Kind::Device | Kind::Connection => &["top", "account", "pbxAccount"],
    }
}

/// The structural one among an entry's classes: the last in the list that is structural.
pub(crate) fn structural_of(classes: &[&'static str]) -> &'static str {
    let class = |name: &&str| CLASSES.iter().find(|class| class.name == *name);
    let is_structural =
        |name: &&&'static str| class(name).is_some_and(|class| class.kind == ClassKind::Structural);
    classes
        .iter()
        .rev()
        .find(is_structural)
        .copied()
        .unwrap_or("top")
}

/// Whether the object class with this OID is one of SIP accounts alone.
pub(crate) fn is_of_accounts(oid: &str) -> bool {
    let mut accounts = views::ALL.iter().flat_map(|view| view.accounts);
    accounts.any(|name| object_class(name).is_some_and(|class| class.oid == oid))
}

/// The kinds of record that can have this class in these views.
pub(crate) fn kinds_with(class: &ObjectClass, views: ViewSet) -> KindSet {
    Kind::ALL
        .into_iter()
        .filter(|kind| classes_of(*kind, views, true).any(|name| name == class.name))
        .fold(KindSet::NONE, |set, kind| set.union(KindSet::of(&[kind])))
}

const fn structural(
    oid: &'static str,
    name: &'static str,
    superior: &'static str,
    must: &'static [&'static str],
    may: &'static [&'static str],
) -> ObjectClass {
    let kind = ClassKind::Structural;
    ObjectClass {
        oid,
        name,
        superior: Some(superior),
        kind,
        must,
        may,
    }
}

pub(super) const fn auxiliary(
    oid: &'static str,
    name: &'static str,
    must: &'static [&'static str],
    may: &'static [&'static str],
) -> ObjectClass {
    let kind = ClassKind::Auxiliary;
    ObjectClass {
        oid,
        name,
        superior: Some("top"),
        kind,
        must,
        may,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ATTRIBUTES, all_classes, any_attribute_type, object_class};
    use super::*;

    #[test]
    fn every_attribute_of_a_class_is_in_the_table() {
        for class in all_classes() {
            for name in class.must.iter().chain(class.may) {
                assert!(
                    any_attribute_type(name).is_some(),
                    "{name} of {}",
                    class.name
                );
            }
        }
    }

    #[test]
    fn a_record_has_no_attribute_that_its_classes_do_not_allow() {
        for kind in Kind::ALL {
            let allowed: Vec<_> = classes_of(kind, ViewSet::ALL, true)
                .flat_map(|name| {
                    let class = object_class(name).unwrap();
                    class.must.iter().chain(class.may)
                })
                .collect();
            let of_views = views::ALL.iter().flat_map(|view| view.attributes);
            let all = ATTRIBUTES.iter().chain(of_views);
            for attribute in all.filter(|attribute| !attribute.operational) {
                let has = attribute
                    .sources
                    .iter()
                    .any(|(kinds, _)| kinds.contains(kind));
                assert!(
                    !has || allowed.contains(&&attribute.name()),
                    "{kind:?} {}",
                    attribute.name()
                );
            }
        }
    }

    #[test]
    fn each_kind_has_one_structural_class_and_the_classes_that_it_extends() {
        assert_eq!(
            structural_of(common_classes_of(Kind::User)),
            "inetOrgPerson"
        );
        for kind in Kind::ALL {
            let all: Vec<_> = classes_of(kind, ViewSet::ALL, true).collect();
            for name in &all {
                let superior = object_class(name).unwrap().superior;
                assert!(superior.is_none_or(|superior| all.contains(&superior)));
            }
            assert_eq!(
                object_class(structural_of(common_classes_of(kind)))
                    .unwrap()
                    .kind,
                ClassKind::Structural
            );
        }
    }
}
