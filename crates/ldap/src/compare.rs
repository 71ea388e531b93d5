//! Compare (RFC 4511 §4.10).

use jackfield_model::Dn;

use crate::Error;
use crate::client::Client;
use crate::error::Done;
use crate::filter::{Condition, Item, Test};
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
    let attribute = (base.schema())
        .attribute_type(request.assertion.attribute)
        .ok_or(Error::UndefinedAttribute)?;
    base.assert(assertion)?;
    let condition =
        Condition::compare(attribute, request.assertion.value).ok_or(Error::AssertionValue)?;
    let present = Condition::Item(Item {
        attribute,
        test: Test::Present,
    });
    match (base.satisfies(condition)?, base.satisfies(present)?) {
        (true, _) => Ok(Done::CompareTrue),
        (false, true) => Ok(Done::CompareFalse),
        (false, false) => Err(Error::NoSuchAttribute),
    }
}
