//! Contacts: the outside numbers of the phone book.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::patch::Patch;
use super::person::{Address, NameBody, Person, PostalAddress};

/// A contact.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Contact {
    #[serde(flatten)]
    pub(crate) person: Person,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
}

/// What is said of a contact: of a new one, or, as a merge patch (RFC 7396), of one that is there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct ContactBody {
    /// The name shown to people. A new contact needs one.
    pub(crate) display_name: Patch<String>,
    /// The parts of the name.
    pub(crate) name: Patch<NameBody>,
    /// E-mail addresses: all of them.
    pub(crate) emails: Patch<Vec<Address>>,
    /// Telephone numbers: all of them.
    pub(crate) phone_numbers: Patch<Vec<Address>>,
    /// Postal addresses: all of them.
    pub(crate) addresses: Patch<Vec<PostalAddress>>,
    /// The job title.
    pub(crate) title: Patch<String>,
    /// The department.
    pub(crate) department: Patch<String>,
    /// The organization.
    pub(crate) organization: Patch<String>,
    /// A description.
    pub(crate) description: Patch<String>,
}
