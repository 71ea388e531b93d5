//! Attribute definitions with their characteristics (RFC 7643 §2.2 and §7), and the registry in
//! which a tenant's attributes are found by name.

mod core;
pub mod ldap_names;
pub mod own;
mod registry;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::rule::MatchingRule;

pub use self::core::attr;
pub use self::registry::{OwnDef, Registry};

/// Names an attribute or sub-attribute in a registry; `emails` and `emails.value` have one each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttrId(pub u16);

impl AttrId {
    /// The first id of tenants' own attributes; those of the product are below it.
    pub const OWN: Self = Self(256);

    /// The tenant's own attribute with this number.
    #[must_use]
    pub const fn own(number: u16) -> Self {
        Self(Self::OWN.0 + number)
    }

    /// The number of a tenant's own attribute; `None` for those of the product.
    pub const fn own_number(self) -> Option<u16> {
        self.0.checked_sub(Self::OWN.0)
    }
}

/// A data type (RFC 7643 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Type {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A moment.
    DateTime,
    /// Octets, base64 on the wire.
    Binary,
    /// A URI.
    Reference,
    /// Sub-attributes.
    Complex,
}

/// Who may change it (RFC 7643 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Only the server.
    ReadOnly,
    /// A client too.
    ReadWrite,
    /// A client, once.
    Immutable,
    /// A client, and nobody may read it.
    WriteOnly,
}

/// When it is returned (RFC 7643 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// In every answer.
    Always,
    /// In none.
    Never,
    /// Unless the client asks otherwise.
    Default,
    /// If the client asks.
    Request,
}

/// Where its values must be unique (RFC 7643 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Nowhere.
    None,
    /// In the tenant.
    Server,
}

/// What the directory keeps to find values fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Index {
    /// Nothing: it is found by looking at every candidate.
    None,
    /// Whole values, in order: equality, prefix, greater and less.
    Exact,
    /// Whole values and their trigrams: substrings too.
    Text,
}

/// A schema: a URN under which attributes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Schema {
    /// Attributes of every resource (RFC 7643 §3.1); listed in no schema.
    Common,
    /// `urn:ietf:params:scim:schemas:core:2.0:User`.
    User,
    /// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`.
    Enterprise,
    /// `urn:ietf:params:scim:schemas:extension:pbx:2.0:User`.
    PbxUser,
    /// `urn:ietf:params:scim:schemas:core:2.0:Group`.
    Group,
    /// `urn:ietf:params:scim:schemas:extension:pbx:2.0:Group`.
    PbxGroup,
    /// Attributes of records that have no SCIM resource, and those made for LDAP.
    Internal,
    /// One that the tenant added; its URN stands in the tenant's registry, at this place.
    Own(u8),
}

impl Schema {
    /// The product's own schemas that clients see, in the order in which they are listed; a
    /// registry has those of its tenant besides.
    pub const PUBLISHED: [Self; 5] = [
        Self::User,
        Self::Enterprise,
        Self::PbxUser,
        Self::Group,
        Self::PbxGroup,
    ];

    /// Its URN; `None` where it is in no published schema, or a tenant's own
    /// ([`Registry::urn`] knows all).
    pub fn urn(self) -> Option<&'static str> {
        match self {
            Self::User => Some("urn:ietf:params:scim:schemas:core:2.0:User"),
            Self::Enterprise => Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
            Self::PbxUser => Some("urn:ietf:params:scim:schemas:extension:pbx:2.0:User"),
            Self::Group => Some("urn:ietf:params:scim:schemas:core:2.0:Group"),
            Self::PbxGroup => Some("urn:ietf:params:scim:schemas:extension:pbx:2.0:Group"),
            Self::Common | Self::Internal | Self::Own(_) => None,
        }
    }

    /// The published schema with this URN, in any case (RFC 7643 §2.1).
    pub fn from_urn(urn: &str) -> Option<Self> {
        Self::PUBLISHED.into_iter().find(|schema| {
            schema
                .urn()
                .is_some_and(|own| own.eq_ignore_ascii_case(urn))
        })
    }
}

/// One attribute's definition.
#[derive(Clone, Debug)]
pub struct AttrDef {
    /// Its identity.
    pub id: AttrId,
    /// Its name, in the case in which it is shown.
    pub name: SmolStr,
    /// The complex attribute that it is a sub-attribute of.
    pub parent: Option<AttrId>,
    /// The schemas it stands in; a sub-attribute stands in its parent's.
    pub schemas: Vec<Schema>,
    /// Its data type.
    pub ty: Type,
    /// Whether it may have several values.
    pub multi_valued: bool,
    /// Whether a resource must have it.
    pub required: bool,
    /// Whether case counts in comparison.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Where its values must be unique.
    pub uniqueness: Uniqueness,
    /// Values it suggests.
    pub canonical: Vec<SmolStr>,
    /// What a reference may point at.
    pub references: Vec<SmolStr>,
    /// What it is, for `/Schemas`.
    pub description: SmolStr,
    /// Whether it is computed from other data and never in a record's own bag.
    pub derived: bool,
    /// What the directory keeps to find it.
    pub index: Index,
    /// What the tenant says of it besides, if it is one of the tenant's own.
    pub own: Option<OwnDef>,
}

impl AttrDef {
    /// The rule under which its values are compared, unless a protocol asks for another.
    pub fn rule(&self) -> MatchingRule {
        match (self.ty, self.case_exact) {
            (Type::Boolean, _) => MatchingRule::Boolean,
            (Type::Integer, _) => MatchingRule::Integer,
            (Type::DateTime, _) => MatchingRule::Time,
            (Type::Binary, _) => MatchingRule::Octets,
            (_, true) => MatchingRule::CaseExact,
            (_, false) => MatchingRule::CaseIgnore,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_is_found_by_its_name_in_any_case() {
        let registry = Registry::core();
        for def in registry.iter() {
            let upper = def.name.to_ascii_uppercase();
            assert_eq!(
                registry.child(def.parent, &upper),
                Some(def.id),
                "{}",
                def.name
            );
        }
    }

    #[test]
    fn only_complex_attributes_have_sub_attributes() {
        let registry = Registry::core();
        for def in registry.iter() {
            let complex = def.ty == Type::Complex;
            assert_eq!(
                complex,
                !registry.children(def.id).is_empty(),
                "{}",
                def.name
            );
            assert!(
                !(complex && def.parent.is_some()),
                "{}: erratum 8415",
                def.name
            );
        }
    }

    #[test]
    fn a_sub_attribute_stands_behind_its_parent() {
        for def in Registry::core().iter() {
            assert!(
                def.parent.is_none_or(|parent| parent < def.id),
                "{}",
                def.name
            );
        }
    }
}
