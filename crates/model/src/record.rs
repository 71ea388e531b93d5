//! Users, groups, roles and the other kinds of record.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::connection::ConnectionKind;
use crate::ids::{Id, Kind, Number};
use crate::schema::{AttrId, attr};
use crate::text;
use crate::time::Timestamp;
use crate::value::{Attributes, Value};

/// One record. What relates it to others (memberships, grants, links) is kept apart, as edges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its identity, for ever.
    pub id: Id,
    /// What kind of record it is.
    pub kind: Kind,
    /// Its number in the tenant, never used again.
    pub number: Number,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// The tenant's revision at which it was last changed: SCIM `meta.version`.
    pub version: u64,
    /// Its attributes; derived ones are not in it.
    pub attributes: Attributes,
}

impl Record {
    /// Whether the user may log in and holds roles. Absent means active; other kinds always are.
    pub fn is_active(&self) -> bool {
        self.attributes.flag(attr::ACTIVE).unwrap_or(true)
    }

    /// The name people see: `displayName`, the formatted name, given and family name, or the
    /// user name; for an extension its number.
    pub fn common_name(&self) -> Cow<'_, str> {
        let bag = &self.attributes;
        let is_text = |text: &&str| !text.trim_start().is_empty();
        if let Some(text) = bag.text(attr::DISPLAY_NAME).filter(is_text) {
            return text.into();
        }
        let name = bag.first(attr::NAME).and_then(Value::as_complex);
        let part = |id| name.and_then(|name| name.text(id)).filter(is_text);
        match (
            part(attr::NAME_FORMATTED),
            part(attr::NAME_GIVEN_NAME),
            part(attr::NAME_FAMILY_NAME),
        ) {
            (Some(formatted), ..) => formatted.into(),
            (_, Some(given), Some(family)) => format!("{given} {family}").into(),
            (_, Some(one), None) | (_, None, Some(one)) => one.into(),
            (None, None, None) => self.login().unwrap_or_default().into(),
        }
    }

    /// The name under which it is found and logs in: `userName`, an extension's number, a role's
    /// key, or the login name of a service account, device or connection.
    pub fn login(&self) -> Option<&str> {
        self.attributes.text(Self::naming(self.kind))
    }

    /// The attribute that every record of this kind must have: [`login`](Self::login) is its text.
    pub fn naming(kind: Kind) -> AttrId {
        match kind {
            Kind::User => attr::USER_NAME,
            Kind::Extension => attr::EXTENSION_NUMBER,
            Kind::Role => attr::ROLE_KEY,
            Kind::Service | Kind::Device | Kind::Connection => attr::LOGIN,
            Kind::Group | Kind::Desk | Kind::Contact => attr::DISPLAY_NAME,
        }
    }

    /// A connection's kind; for anything else, the kind that says nothing.
    pub fn connection_kind(&self) -> ConnectionKind {
        let named = self.attributes.text(attr::CONNECTION_KIND);
        named.and_then(|kind| kind.parse().ok()).unwrap_or_default()
    }

    /// The values of a leaf: an attribute of the top level that is not complex, or a sub-attribute
    /// of `parent` over all its elements.
    pub fn leaf(&self, parent: Option<AttrId>, attr: AttrId) -> impl Iterator<Item = &Value> {
        let bag = &self.attributes;
        let whole = parent.is_none().then(|| bag.values(attr));
        let elements = parent.into_iter().flat_map(|parent| bag.values(parent));
        let parts = elements
            .filter_map(Value::as_complex)
            .flat_map(move |element| element.values(attr));
        whole.into_iter().flatten().chain(parts)
    }

    /// The key that must be unique among the tenant's records of this kind, as the store keeps
    /// it beside the record: its RFC 4518 caseIgnore form. Groups and contacts have none.
    pub fn unique_key(&self) -> Option<SmolStr> {
        match self.kind {
            Kind::Group | Kind::Contact => None,
            _ => self.login().map(text::case_ignore),
        }
    }
}
