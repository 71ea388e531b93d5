//! `[schema.<name>]`: attributes of the tenant's own, in extension schemas of its own.

mod check;

use std::collections::BTreeMap;

use jackfield_model::schema::own::{OwnAttribute, OwnSchema, Readers};
use jackfield_model::schema::{Index, Mutability, Returned, Type, Uniqueness};
use jackfield_model::{Kind, OwnSchemas};
use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use crate::document::Document;

/// An extension schema of users or groups, with attributes of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SchemaTable {
    /// Its URN, such as `urn:acme:params:scim:schemas:hr:2.0:User`. Provisioning clients know the
    /// attributes by it: it should never change.
    urn: String,
    /// What it extends.
    extends: Extends,
    /// Its name, for people; without it the one in the brackets.
    title: Option<String>,
    /// What it is for.
    #[serde(default)]
    description: String,
    /// Its attributes: `[schema.<name>.attribute.<attribute>]`.
    attribute: BTreeMap<String, AttributeTable>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Extends {
    /// Users.
    User,
    /// Groups.
    Group,
}

/// An attribute.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AttributeTable {
    /// The type of its values.
    #[serde(default, rename = "type")]
    ty: TypeName,
    /// Whether it may have several values.
    #[serde(default)]
    multi_valued: bool,
    /// Whether who has any attribute of the schema must have it.
    #[serde(default)]
    required: bool,
    /// Whether case counts where values are compared; in references and binary values it does.
    #[serde(default)]
    case_exact: bool,
    /// Who may change it.
    #[serde(default)]
    mutability: MutabilityName,
    /// When it is returned.
    #[serde(default)]
    returned: ReturnedName,
    /// Whether no two users, or groups, may have the same value.
    #[serde(default)]
    unique: bool,
    /// Values that are suggested to provisioning clients; others are taken, too.
    #[serde(default)]
    canonical_values: Vec<SmolStr>,
    /// What a reference points at: `User`, `Group`, `external` or `uri`.
    #[serde(default)]
    references: Vec<SmolStr>,
    /// What it is, for those who map attributes.
    #[serde(default)]
    description: SmolStr,
    /// What is kept in memory so that values are found without looking at everybody.
    #[serde(default)]
    index: IndexName,
    /// Who may read it, beside provisioning clients and service accounts.
    #[serde(default)]
    read: ReadName,
    /// Its name in LDAP; without one it is not shown there.
    ldap: Option<SmolStr>,
    /// The sub-attributes of a complex one.
    #[serde(default)]
    sub: BTreeMap<String, SubTable>,
}

/// A sub-attribute.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SubTable {
    /// The type of its value.
    #[serde(default, rename = "type")]
    ty: TypeName,
    /// Whether each value of the attribute must have it.
    #[serde(default)]
    required: bool,
    /// Whether case counts where values are compared; in references and binary values it does.
    #[serde(default)]
    case_exact: bool,
    /// Whether no two users, or groups, may have the same value.
    #[serde(default)]
    unique: bool,
    /// Values that are suggested to provisioning clients; others are taken, too.
    #[serde(default)]
    canonical_values: Vec<SmolStr>,
    /// What a reference points at: `User`, `Group`, `external` or `uri`.
    #[serde(default)]
    references: Vec<SmolStr>,
    /// What it is, for those who map attributes.
    #[serde(default)]
    description: SmolStr,
    /// What is kept in memory so that values are found without looking at everybody.
    #[serde(default)]
    index: IndexName,
    /// Its name in LDAP; without one it is not shown there.
    ldap: Option<SmolStr>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum TypeName {
    /// Text.
    #[default]
    String,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A moment.
    DateTime,
    /// Octets, in base64.
    Binary,
    /// A URI, or the id of a user or group.
    Reference,
    /// Sub-attributes.
    Complex,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum MutabilityName {
    /// Provisioning clients.
    #[default]
    ReadWrite,
    /// Provisioning clients, once.
    Immutable,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum ReturnedName {
    /// Unless the client asks otherwise.
    #[default]
    Default,
    /// In every answer.
    Always,
    /// If the client asks for it by name.
    Request,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum IndexName {
    /// Nothing.
    #[default]
    None,
    /// Whole values and beginnings, in order.
    Exact,
    /// Parts of text, too.
    Text,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ReadName {
    /// Whoever may read the phone book.
    PhoneBook,
    /// Those who may read everything of people, and the one whose it is.
    #[default]
    Person,
    /// Those who may read everything of people.
    Administrators,
}

/// The schemas, in the order of their names, as far as they are right.
pub(crate) fn schemas(
    tables: BTreeMap<String, SchemaTable>,
    document: &mut Document<'_>,
) -> OwnSchemas {
    check::check(&tables, document);
    let schemas = tables.into_iter().map(|(name, table)| OwnSchema {
        urn: table.urn.into(),
        name: table.title.unwrap_or(name).into(),
        description: table.description.into(),
        kind: match table.extends {
            Extends::User => Kind::User,
            Extends::Group => Kind::Group,
        },
        attributes: table.attribute.into_iter().map(attribute).collect(),
    });
    OwnSchemas(schemas.collect())
}

fn attribute((name, table): (String, AttributeTable)) -> OwnAttribute {
    let readers = match table.read {
        ReadName::PhoneBook => Readers::PhoneBook,
        ReadName::Person => Readers::Person,
        ReadName::Administrators => Readers::Administrators,
    };
    let sub = table.sub.into_iter().map(sub_attribute);
    OwnAttribute {
        multi_valued: table.multi_valued,
        required: table.required,
        case_exact: table.case_exact || table.ty.is_exact(),
        mutability: match table.mutability {
            MutabilityName::ReadWrite => Mutability::ReadWrite,
            MutabilityName::Immutable => Mutability::Immutable,
        },
        returned: match table.returned {
            ReturnedName::Default => Returned::Default,
            ReturnedName::Always => Returned::Always,
            ReturnedName::Request => Returned::Request,
        },
        uniqueness: uniqueness(table.unique),
        canonical: table.canonical_values,
        references: table.references,
        description: table.description,
        index: index(table.index, table.unique),
        readers,
        ldap: table.ldap,
        sub: sub.map(|sub| OwnAttribute { readers, ..sub }).collect(),
        ..OwnAttribute::new(name, table.ty.into())
    }
}

fn sub_attribute((name, table): (String, SubTable)) -> OwnAttribute {
    OwnAttribute {
        required: table.required,
        case_exact: table.case_exact || table.ty.is_exact(),
        uniqueness: uniqueness(table.unique),
        canonical: table.canonical_values,
        references: table.references,
        description: table.description,
        index: index(table.index, table.unique),
        ldap: table.ldap,
        ..OwnAttribute::new(name, table.ty.into())
    }
}

fn uniqueness(is_unique: bool) -> Uniqueness {
    if is_unique {
        Uniqueness::Server
    } else {
        Uniqueness::None
    }
}

/// What is unique is looked for at each write.
fn index(name: IndexName, is_unique: bool) -> Index {
    match name {
        IndexName::None if !is_unique => Index::None,
        IndexName::None | IndexName::Exact => Index::Exact,
        IndexName::Text => Index::Text,
    }
}

impl TypeName {
    fn is_exact(self) -> bool {
        matches!(self, Self::Reference | Self::Binary)
    }
}

impl From<TypeName> for Type {
    fn from(name: TypeName) -> Self {
        match name {
            TypeName::String => Self::String,
            TypeName::Boolean => Self::Boolean,
            TypeName::Integer => Self::Integer,
            TypeName::DateTime => Self::DateTime,
            TypeName::Binary => Self::Binary,
            TypeName::Reference => Self::Reference,
            TypeName::Complex => Self::Complex,
        }
    }
}
