//! The schemas that a tenant adds, as its file declares them and as the store keeps them.
//!
//! What a record holds of such an attribute is stored under the attribute's *number*, which the
//! tenant's schemas give it when they are declared for the first time. So a stored record can be
//! read whatever the file says by then, and nothing is lost by an edit.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Index, Mutability, Returned, Type, Uniqueness};
use crate::ids::Kind;

/// How many attributes and sub-attributes of its own a tenant may have, the hidden ones that
/// people still hold values of included.
pub const MOST: usize = 64;

/// A tenant's own schemas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnSchemas(pub Vec<OwnSchema>);

/// An extension schema of users or of groups (RFC 7643 §3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSchema {
    /// Its URN.
    pub urn: SmolStr,
    /// Its name, for people.
    pub name: SmolStr,
    /// What it is for.
    pub description: SmolStr,
    /// What it extends: `User` or `Group`.
    pub kind: Kind,
    /// Its attributes.
    pub attributes: Vec<OwnAttribute>,
}

/// An attribute, or a sub-attribute, of a tenant's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAttribute {
    /// The number under which its values are stored, below [`MOST`]; a file does not say it.
    pub number: u16,
    /// Whether it is no longer declared, and kept for the values that people hold.
    #[serde(default)]
    pub hidden: bool,
    /// Its name.
    pub name: SmolStr,
    /// Its data type.
    pub ty: Type,
    /// Whether it may have several values; of a sub-attribute never.
    pub multi_valued: bool,
    /// Whether who has any attribute of the schema must have it.
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
    /// What it is.
    pub description: SmolStr,
    /// What the directory keeps to find it.
    pub index: Index,
    /// Who may read it; of a sub-attribute what its attribute says.
    pub readers: Readers,
    /// Its name in LDAP, if it is shown there.
    pub ldap: Option<SmolStr>,
    /// The sub-attributes of a complex one.
    pub sub: Vec<OwnAttribute>,
}

/// Who may read an attribute of a tenant's own, beside provisioning clients and service accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Readers {
    /// Whoever may read the phone book.
    PhoneBook,
    /// Those who may read everything of people, and the one whose it is.
    Person,
    /// Those who may read everything of people.
    Administrators,
}

impl OwnAttribute {
    /// An attribute with the characteristics that RFC 7643 §2.2 gives where none are said.
    pub fn new(name: impl Into<SmolStr>, ty: Type) -> Self {
        Self {
            number: 0,
            hidden: false,
            name: name.into(),
            ty,
            multi_valued: false,
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            canonical: Vec::new(),
            references: Vec::new(),
            description: SmolStr::default(),
            index: Index::None,
            readers: Readers::Person,
            ldap: None,
            sub: Vec::new(),
        }
    }
}

impl OwnSchemas {
    /// What a file would have to say for these: without numbers, and without what is hidden.
    #[must_use]
    pub fn declared(&self) -> Self {
        let schemas = self.0.iter().map(|schema| OwnSchema {
            attributes: visible(&schema.attributes).map(as_declared).collect(),
            ..schema.clone()
        });
        Self(
            schemas
                .filter(|schema| !schema.attributes.is_empty())
                .collect(),
        )
    }

    /// Every attribute and sub-attribute, the hidden ones included.
    pub fn all(&self) -> impl Iterator<Item = &OwnAttribute> {
        let attributes = self.0.iter().flat_map(|schema| &schema.attributes);
        attributes.flat_map(|attribute| std::iter::once(attribute).chain(&attribute.sub))
    }
}

fn visible(attributes: &[OwnAttribute]) -> impl Iterator<Item = &OwnAttribute> {
    attributes.iter().filter(|attribute| !attribute.hidden)
}

fn as_declared(attribute: &OwnAttribute) -> OwnAttribute {
    OwnAttribute {
        number: 0,
        sub: attribute.sub.iter().map(as_declared).collect(),
        ..attribute.clone()
    }
}
