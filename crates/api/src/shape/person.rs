//! What people and contacts have in common: names, and how they are reached.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::patch::Patch;

/// What is shown of a user and of a contact.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    /// The identity, for ever.
    pub(crate) id: String,
    /// The name shown to people.
    pub(crate) display_name: String,
    /// The parts of the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
    /// E-mail addresses, the preferred one marked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) emails: Vec<Address>,
    /// Telephone numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) phone_numbers: Vec<Address>,
    /// Postal addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) addresses: Vec<PostalAddress>,
    /// The job title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// The department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) department: Option<String>,
    /// The organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organization: Option<String>,
    /// When the record was made.
    pub(crate) created: String,
    /// When the record itself was last changed.
    pub(crate) modified: String,
}

/// The parts of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Name {
    /// The given name.
    #[serde(rename = "givenName", skip_serializing_if = "Option::is_none")]
    pub(crate) given: Option<String>,
    /// The family name.
    #[serde(rename = "familyName", skip_serializing_if = "Option::is_none")]
    pub(crate) family: Option<String>,
    /// The full name, for display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) formatted: Option<String>,
}

/// An e-mail address or a telephone number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Address {
    /// The address or number.
    pub(crate) value: String,
    /// What it is for, such as `work` or `mobile`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// Whether it is the preferred one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) primary: bool,
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PostalAddress {
    /// The whole address, for display.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) formatted: Option<String>,
    /// Street and house.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) street_address: Option<String>,
    /// The town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) locality: Option<String>,
    /// The state or region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    /// The postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) postal_code: Option<String>,
    /// The country, best as ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<String>,
    /// What it is for, such as `work` or `home`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// Whether it is the preferred one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) primary: bool,
}

/// What is said of the parts of a name.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct NameBody {
    /// The given name.
    pub(crate) given_name: Patch<String>,
    /// The family name.
    pub(crate) family_name: Patch<String>,
    /// The full name, for display.
    pub(crate) formatted: Patch<String>,
}
