//! Compare (RFC 4511 §4.10).

use jackfield_model::Dn;

use crate::Error;
use crate::client::Client;
use crate::error::Done;
use crate::filter::Condition;
use crate::schema::{Described, Family};
use crate::search::base;
use crate::wire::request::CompareRequest;

/// Says whether an entry has a value.
pub(crate) fn compare(
    client: &Client,
    request: &CompareRequest<'_>,
    assertion: Option<&Condition>,
) -> Result<Done, Error> {
    let dn = Dn::parse(request.entry)?;
    let base = base::find(client, &dn)?;
    let described = base.schema().described(request.assertion.attribute);
    let (Described::Plain(attribute) | Described::InLanguage(attribute)) = described else {
        return Err(Error::UndefinedAttribute);
    };
    base.assert(assertion)?;
    if attribute.family == Family::Secret {
        // Nothing is compared with a secret, so that none can be guessed.
        return Err(Error::NoSuchAttribute);
    }
    let condition =
        Condition::compare(attribute, request.assertion.value).ok_or(Error::AssertionValue)?;
    if matches!(described, Described::InLanguage(_)) {
        // RFC 3866 §2: a subtype of which no entry has a value.
        return Err(Error::NoSuchAttribute);
    }
    let present = Condition::present(attribute);
    match (base.satisfies(condition)?, base.satisfies(present)?) {
        (true, _) => Ok(Done::CompareTrue),
        (false, true) => Ok(Done::CompareFalse),
        (false, false) => Err(Error::NoSuchAttribute),
    }
}
