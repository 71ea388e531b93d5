//! Queries: GET of an endpoint or of the root, and POST of `/.search` (RFC 7644 §3.4.2 and
//! §3.4.3), with filter, order and pages.

mod order;
mod page;
mod params;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Error as Refusal, Found, Mark, Order, Query, Reader, Start};
use jackfield_model::{Filter, KindSet, Truth};
use serde_json::Value as Json;

use crate::answer;
use crate::body::Body;
use crate::call::Call;
use crate::error::Error;
use crate::filter;
use crate::resource::ResourceType;
use crate::select::Selection;
use crate::written::Written;

pub(crate) use page::{LIFETIME, Page, Place};
pub(crate) use params::Params;

/// A search that looks at more records than this does so beside the threads that serve others.
const MANY: usize = 5_000;

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
    let order = order::of(&call.dialect, types, &params)?;
    let page = Page::of(params.wanted, &call.session, call.scim.options())?;
    let reader = call.session.read_own_writes().await?;
    let plan = Plan {
        kinds: types
            .iter()
            .fold(KindSet::NONE, |all, ty| all.union(ty.kinds())),
        filter,
        order,
        start: page.start.clone(),
        limit: page.limit,
    };
    let found = run(&reader, plan).await?;
    let place = |number: Option<&u32>, of: fn(Mark) -> Place| {
        number.map_or(Place::First, |number| of(reader.mark(order, *number)))
    };
    let next = || place(found.numbers.last(), Place::After);
    let previous = || place(found.numbers.first(), Place::Before);
    let mut message = page.message(&call.session, &found, next, previous)?;
    message.insert("itemsPerPage".to_owned(), found.numbers.len().into());
    let mut begin = Json::from(message).to_string();
    // The object goes on.
    begin.pop();
    begin.push_str(",\"Resources\":[");
    let around = (begin, "]}");
    let body = Written::new(
        reader,
        call.dialect,
        call.base,
        selection,
        found.numbers,
        around,
    );
    Ok(answer::written(StatusCode::OK, body.body()))
}

struct Plan {
    kinds: KindSet,
    filter: Filter,
    order: Order,
    start: Start,
    limit: usize,
}

impl Plan {
    fn query<'q>(&'q self, stop: &'q (dyn Fn() -> bool + Sync)) -> Query<'q> {
        Query {
            kinds: self.kinds,
            only: None,
            filter: &self.filter,
            order: self.order,
            start: self.start.clone(),
            limit: self.limit,
            count: true,
            stop,
        }
    }
}

async fn run(reader: &Reader, plan: Plan) -> Result<Found, Error> {
    let at_once = reader.search_among(&plan.query(&|| false), MANY);
    if let Some(found) = at_once.map_err(|_| Refusal::TimeLimit)? {
        return Ok(found);
    }
    let gone = Gone::default();
    let (reader, is_gone) = (reader.clone(), Arc::clone(&gone.0));
    let search = tokio::task::spawn_blocking(move || {
        let stop = || is_gone.load(Ordering::Relaxed);
        reader.search(&plan.query(&stop))
    });
    let found = search.await.map_err(|_| Refusal::Internal)?;
    found.map_err(|_| Refusal::TimeLimit.into())
}

/// Says that nobody waits for the search any more, once it is dropped.
#[derive(Default)]
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
