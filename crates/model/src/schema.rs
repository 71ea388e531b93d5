//! Attribute definitions with their characteristics (RFC 7643 §2.2 and §7), and the registry in
//! which a tenant's attributes are found by name.

mod core;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::rule::MatchingRule;

pub use self::core::attr;

/// Names an attribute or sub-attribute in a registry; `emails` and `emails.value` have one each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttrId(pub u16);

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

impl Schema {
    /// The schemas that clients see, in the order in which they are listed.
    pub const PUBLISHED: [Self; 5] = [
        Self::User,
        Self::Enterprise,
        Self::PbxUser,
        Self::Group,
        Self::PbxGroup,
    ];

    /// Its URN; `None` where it is in no published schema.
    pub fn urn(self) -> Option<&'static str> {
        match self {
            Self::User => Some("urn:ietf:params:scim:schemas:core:2.0:User"),
            Self::Enterprise => Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
            Self::PbxUser => Some("urn:ietf:params:scim:schemas:extension:pbx:2.0:User"),
            Self::Group => Some("urn:ietf:params:scim:schemas:core:2.0:Group"),
            Self::PbxGroup => Some("urn:ietf:params:scim:schemas:extension:pbx:2.0:Group"),
            Self::Common | Self::Internal => None,
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

/// The attributes that exist.
#[derive(Debug)]
pub struct Registry {
    defs: Vec<AttrDef>,
    children: Vec<Vec<AttrId>>,
    by_name: HashMap<(Option<AttrId>, SmolStr), AttrId>,
}

impl Registry {
    /// The attributes that the product itself knows.
    pub fn core() -> &'static Self {
        static CORE: LazyLock<Registry> = LazyLock::new(|| Registry::new(core::definitions()));
        &CORE
    }

    fn new(defs: Vec<AttrDef>) -> Self {
        let mut children = vec![Vec::new(); defs.len()];
        let mut by_name = HashMap::with_capacity(defs.len());
        for def in &defs {
            by_name.insert(
                (def.parent, SmolStr::from(def.name.to_ascii_lowercase())),
                def.id,
            );
            let siblings = def
                .parent
                .and_then(|parent| children.get_mut(usize::from(parent.0)));
            if let Some(siblings) = siblings {
                siblings.push(def.id);
            }
        }
        Self {
            defs,
            children,
            by_name,
        }
    }

    /// The definition of `attr`.
    pub fn get(&self, attr: AttrId) -> Option<&AttrDef> {
        self.defs.get(usize::from(attr.0))
    }

    /// The attribute called `name`, in any case: of the top level, or a sub-attribute of `parent`.
    pub fn child(&self, parent: Option<AttrId>, name: &str) -> Option<AttrId> {
        self.by_name
            .get(&(parent, SmolStr::from(name.to_ascii_lowercase())))
            .copied()
    }

    /// The sub-attributes of `attr`.
    pub fn children(&self, attr: AttrId) -> &[AttrId] {
        self.children
            .get(usize::from(attr.0))
            .map_or(&[], Vec::as_slice)
    }

    /// The attributes of the top level in this schema, in the order in which they are listed.
    pub fn attributes_of(&self, schema: Schema) -> impl Iterator<Item = &AttrDef> {
        self.defs
            .iter()
            .filter(move |def| def.parent.is_none() && def.schemas.contains(&schema))
    }

    /// Every definition.
    pub fn iter(&self) -> impl Iterator<Item = &AttrDef> {
        self.defs.iter()
    }

    /// How many attributes there are; ids are below it.
    pub fn len(&self) -> usize {
        self.defs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.defs.is_empty()
    }

    /// The attribute of the top level that `attr` is, or is part of.
    pub fn top(&self, attr: AttrId) -> AttrId {
        self.get(attr).and_then(|def| def.parent).unwrap_or(attr)
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
    fn a_sub_attribute_stands_right_behind_its_parent() {
        for def in Registry::core().iter() {
            assert!(
                def.parent.is_none_or(|parent| parent < def.id),
                "{}",
                def.name
            );
        }
    }
}
