//! What messages (RFC 7644 §3.1) have in common: they are objects that name their schema.

use jackfield_gateway::Error;
use serde_json::{Map, Value as Json};

use crate::dialect::Dialect;
use crate::normalise;
use crate::repair::Repair;

pub(crate) const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
pub(crate) const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
pub(crate) const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
pub(crate) const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
pub(crate) const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub(crate) const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// The members of a message with this URN.
///
/// # Errors
/// [`Error::InvalidSyntax`] if it is no object, or says that it is another message.
pub(crate) fn open<'j>(
    dialect: &Dialect,
    body: &'j Json,
    urn: &str,
) -> Result<&'j Map<String, Json>, Error> {
    let Json::Object(object) = body else {
        return Err(Error::InvalidSyntax(
            "the body is no JSON object".to_owned(),
        ));
    };
    let is_this = |named: &Json| {
        named
            .as_str()
            .is_some_and(|named| named.eq_ignore_ascii_case(urn))
    };
    let is_nothing = |named: Option<&Json>| match named {
        None | Some(Json::Null) => true,
        Some(named) => named.as_array().is_some_and(Vec::is_empty),
    };
    match normalise::member(dialect, object, "schemas") {
        Some(Json::Array(named)) if named.iter().any(is_this) => Ok(object),
        Some(named) if is_this(named) && dialect.takes(Repair::TextForElement) => Ok(object),
        named if is_nothing(named) && dialect.takes(Repair::MissingSchemas) => Ok(object),
        _ => Err(Error::InvalidSyntax(format!("schemas does not name {urn}"))),
    }
}
