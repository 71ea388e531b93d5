//! Compare (RFC 4511 §4.10).

use jackfield_gateway::{Error as Gateway, Node, Order, Query, Reader, Start};
use jackfield_model::{Dn, Id, KindSet};

use crate::client::Client;
use crate::error::Done;
use crate::filter::{Condition, Item, Test};
use crate::schema::attribute_type;
use crate::search::base::{self, Base};
use crate::wire::request::CompareRequest;
use crate::{Error, tree};

/// Says whether an entry has a value.
pub(crate) fn compare(client: &Client, request: &CompareRequest<'_>) -> Result<Done, Error> {
    let attribute = attribute_type(request.assertion.attribute).ok_or(Error::UndefinedAttribute)?;
    let dn = Dn::parse(request.entry)?;
    let base = base::find(client, &dn)?;
    let condition =
        Condition::compare(attribute, request.assertion.value).ok_or(Error::AssertionValue)?;
    let present = Condition::Item(Item {
        attribute,
        test: Test::Present,
    });
    let ask = |condition: Condition| ask(&base, condition);
    match (ask(condition)?, ask(present)?) {
        (true, _) => Ok(Done::CompareTrue),
        (false, true) => Ok(Done::CompareFalse),
        (false, false) => Err(Error::NoSuchAttribute),
    }
}

fn ask(base: &Base, condition: Condition) -> Result<bool, Error> {
    match base {
        Base::Alone(entry) => Ok(entry.matches(&condition, None).holds()),
        Base::Tree(reader, Node::Record(id)) => holds(reader, *id, condition),
        Base::Tree(reader, node) => {
            let entry = tree::at(reader, node);
            Ok(entry.is_some_and(|entry| entry.matches(&condition, Some(reader)).holds()))
        }
    }
}

fn holds(reader: &Reader, id: Id, condition: Condition) -> Result<bool, Error> {
    let filter = base::lower(reader, condition, KindSet::ALL);
    let query = Query {
        kinds: KindSet::ALL,
        only: Some(id),
        filter: &filter,
        order: Order::Number,
        start: Start::FIRST,
        limit: 1,
        count: false,
        stop: &|| false,
    };
    let found = reader.search(&query).map_err(|_| Gateway::TimeLimit)?;
    Ok(found.total > 0)
}
