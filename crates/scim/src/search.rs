//! Queries: GET of an endpoint or of the root, and POST of `/.search` (RFC 7644 §3.4.2 and
//! §3.4.3), with filter, order and pages.

mod order;
mod page;
mod params;
mod root;

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Order, Search};
use jackfield_model::{Filter, KindSet, Truth};
use serde_json::Value as Json;

use crate::answer;
use crate::body::Body;
use crate::call::Call;
use crate::error::Error;
use crate::filter;
use crate::offered;
use crate::resource::ResourceType;
use crate::select::Selection;
use crate::written::Written;

pub(crate) use page::{Extent, LIFETIME, Page, Place};
pub(crate) use params::Params;
use root::Mixed;

/// GET of an endpoint or of the root.
pub(crate) async fn list(types: &[ResourceType], call: Call) -> Result<Response, Error> {
    let params = Params::of_query(&call, &endpoint(types))?;
    answer(types, call, params).await
}

/// POST of `/.search`.
pub(crate) async fn search(
    types: &[ResourceType],
    call: Call,
    body: Body,
) -> Result<Response, Error> {
    let params = Params::of_body(&call.dialect, &body.0, &endpoint(types))?;
    answer(types, call, params).await
}

fn endpoint(types: &[ResourceType]) -> String {
    let names: Vec<&str> = types.iter().map(|ty| ty.name()).collect();
    names.join(" ")
}

async fn answer(types: &[ResourceType], call: Call, params: Params) -> Result<Response, Error> {
    let selection = Selection::new(
        &call.dialect,
        types,
        params
            .only
            .as_ref()
            .map(|only| only.iter().map(String::as_str)),
        params.except.iter().map(String::as_str),
    );
    let filter = match &params.filter {
        Some(text) => filter::parse(&call.dialect, types, text)?,
        None => Filter::Const(Truth::True),
    };
    let reader = call.session.read_own_writes().await?;
    let (offers, is_ordered) = match types {
        [_] => (Vec::new(), false),
        _ => offered::at_root(&call, &reader, &params)?,
    };
    let order = match order::of(&call.dialect, types, &params) {
        // None of the records has what it goes by.
        Err(_) if is_ordered => Order::Number,
        order => order?,
    };
    let page = Page::of(params.wanted, &call.session, call.scim.options())?;
    let kinds = types.iter().map(|ty| ty.kinds());
    let (start, limit) = root::window(&page, offers.len());
    let search = Search {
        kinds: kinds.fold(KindSet::NONE, KindSet::union),
        filter,
        order,
        start,
        limit,
    };
    let found = reader.search_beside(search).await?;
    let mixed = root::mix(&reader, order, params.is_descending, &page, found, offers);
    let Mixed {
        extent,
        pieces,
        next,
        previous,
    } = mixed;
    let mut message = page.message(&call.session, &extent, next, previous)?;
    message.insert("itemsPerPage".to_owned(), pieces.len().into());
    let mut begin = Json::from(message).to_string();
    // The object goes on.
    begin.pop();
    begin.push_str(",\"Resources\":[");
    let around = (begin, "]}");
    let body = Written::new(reader, call.dialect, call.base, selection, pieces, around);
    Ok(answer::written(StatusCode::OK, body.body()))
}
