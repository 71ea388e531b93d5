//! What messages (RFC 7644 §3.1) have in common: they are objects that name their schema.

use jackfield_gateway::Error;
use serde_json::{Map, Value as Json};

use crate::dialect::Dialect;
use crate::normalise;

pub(crate) const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
pub(crate) const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
pub(crate) const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub(crate) const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// The members of a message with this URN.
///
/// deviates: RFC 7644 §3.1 requires `schemas`; a message without it is taken for what its
/// endpoint expects.
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
    match normalise::member(dialect, object, "schemas") {
        None | Some(Json::Null) => Ok(object),
        Some(Json::Array(named)) if named.is_empty() || named.iter().any(is_this) => Ok(object),
        Some(named) if is_this(named) => Ok(object),
        Some(_) => Err(Error::InvalidSyntax(format!("schemas does not name {urn}"))),
    }
}
