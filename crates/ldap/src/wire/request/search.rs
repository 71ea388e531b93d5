//! The Search request (RFC 4511 §4.5.1).

use ldap3_proto::proto::{LdapDerefAliases, LdapSearchScope};

use super::{Filter, number};
use crate::wire::Limits;
use crate::wire::ber::{BOOLEAN, ENUMERATED, INTEGER, OCTET_STRING, Reader, SEQUENCE};
use crate::wire::error::RequestError;

/// A request for entries.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRequest<'a> {
    /// The DN of the base object; empty for the root DSE.
    pub base: &'a str,
    /// Which entries below it are meant.
    pub scope: LdapSearchScope,
    /// When aliases are followed.
    pub deref_aliases: LdapDerefAliases,
    /// How many entries the client takes at most; 0 for no limit, never above 2^31-1.
    pub size_limit: u32,
    /// How many seconds the search may take; 0 for no limit, never above 2^31-1.
    pub time_limit_seconds: u32,
    /// Whether to leave the values out.
    pub types_only: bool,
    /// What an entry must match.
    pub filter: Filter<'a>,
    /// The attribute selectors, as the client wrote them.
    pub attributes: Vec<&'a str>,
}

impl<'a> SearchRequest<'a> {
    pub(super) fn read(mut body: Reader<'a>, limits: &Limits) -> Result<Self, RequestError> {
        Ok(Self {
            base: body.text(OCTET_STRING)?,
            scope: LdapSearchScope::try_from(body.integer(ENUMERATED)?)
                .map_err(|_| RequestError::OutOfRange("the scope"))?,
            deref_aliases: LdapDerefAliases::try_from(body.integer(ENUMERATED)?)
                .map_err(|_| RequestError::OutOfRange("derefAliases"))?,
            size_limit: number(body.integer(INTEGER)?, "the size limit")?,
            time_limit_seconds: number(body.integer(INTEGER)?, "the time limit")?,
            types_only: body.boolean(BOOLEAN)?,
            filter: Filter::read(&mut body, limits)?,
            attributes: selectors(body.nested(SEQUENCE)?)?,
        })
    }
}

/// Reads an AttributeSelection.
pub(super) fn selectors(mut list: Reader<'_>) -> Result<Vec<&str>, RequestError> {
    let mut selectors = Vec::new();
    while !list.is_empty() {
        selectors.push(list.text(OCTET_STRING)?);
    }
    Ok(selectors)
}
