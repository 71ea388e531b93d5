//! Queries: GET of an endpoint or of the root, and POST of `/.search` (RFC 7644 §3.4.2 and
//! §3.4.3), with filter, order and pages.

mod order;
mod page;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Error as Refusal, Found, Order, Query, Reader, Start};
use jackfield_model::{Filter, KindSet, Truth};
use serde_json::{Map, Value as Json, json};

use crate::answer;
use crate::body::Body;
use crate::call::Call;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::filter;
use crate::message;
use crate::normalise;
use crate::resource::ResourceType;
use crate::select::Selection;
use crate::written::Written;
use page::{Page, Wanted};

pub(crate) use page::LIFETIME;

/// A search that looks at more records than this does so beside the threads that serve others.
const MANY: usize = 5_000;

/// GET of an endpoint or of the root.
pub(crate) async fn list(types: &[ResourceType], call: Call) -> Result<Response, Error> {
    let number = |name| call.param(name).map(|text| whole(text, name)).transpose();
    let asked = Asked {
        filter: call.param("filter"),
        by: call.param("sortBy"),
        direction: call.param("sortOrder"),
    };
    let search = Search {
        selection: call.selection(types),
        filter: parse_filter(&call.dialect, types, asked.filter)?,
        order: order::parse(&call.dialect, types, asked.by, asked.direction)?,
        wanted: Wanted {
            start: number("startIndex")?,
            count: number("count"),
            cursor: call.param("cursor").map(str::to_owned),
            query: asked.identity(types),
        },
    };
    answer(types, call, search).await
}

/// POST of `/.search`.
pub(crate) async fn search(
    types: &[ResourceType],
    call: Call,
    body: Body,
) -> Result<Response, Error> {
    let object = message::open(&call.dialect, &body.0, message::SEARCH_REQUEST)?;
    let text = |name| {
        let json = normalise::member(&call.dialect, object, name).filter(|json| !json.is_null());
        json.map(|json| {
            json.as_str()
                .ok_or_else(|| Refusal::invalid_value(name, "text was expected"))
        })
        .transpose()
    };
    let asked = Asked {
        filter: text("filter")?,
        by: text("sortBy")?,
        direction: text("sortOrder")?,
    };
    let search = Search {
        selection: Selection::new(
            &call.dialect,
            types,
            names(&call.dialect, object, "attributes")?.map(Vec::into_iter),
            names(&call.dialect, object, "excludedAttributes")?
                .into_iter()
                .flatten(),
        ),
        filter: parse_filter(&call.dialect, types, asked.filter)?,
        order: order::parse(&call.dialect, types, asked.by, asked.direction)?,
        wanted: Wanted {
            start: number(&call.dialect, object, "startIndex")?,
            count: number(&call.dialect, object, "count"),
            cursor: text("cursor")?.map(str::to_owned),
            query: asked.identity(types),
        },
    };
    answer(types, call, search).await
}

/// What makes a query this one and no other.
struct Asked<'a> {
    filter: Option<&'a str>,
    by: Option<&'a str>,
    direction: Option<&'a str>,
}

impl Asked<'_> {
    /// The same for the same query, whether it came by GET or by POST.
    fn identity(&self, types: &[ResourceType]) -> Vec<u8> {
        let types: Vec<&str> = types.iter().map(|ty| ty.name()).collect();
        json!(["cursor", types, self.filter, self.by, self.direction])
            .to_string()
            .into_bytes()
    }
}

/// What is asked for.
struct Search {
    selection: Selection,
    filter: Filter,
    order: Order,
    wanted: Wanted,
}

async fn answer(types: &[ResourceType], call: Call, search: Search) -> Result<Response, Error> {
    let Search {
        selection,
        filter,
        order,
        wanted,
    } = search;
    let page = Page::of(wanted, &call.session, call.scim.options())?;
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
    let mut message = page.message(&call.session, &reader, order, &found)?;
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
    let never = || false;
    if reader.cost(&plan.query(&never)) <= MANY {
        return reader
            .search(&plan.query(&never))
            .map_err(|_| Refusal::TimeLimit.into());
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

fn parse_filter(
    dialect: &Dialect,
    types: &[ResourceType],
    text: Option<&str>,
) -> Result<Filter, Error> {
    match text {
        Some(text) if !text.trim().is_empty() => Ok(filter::parse(dialect, types, text)?),
        _ => Ok(Filter::Const(Truth::True)),
    }
}

fn whole(text: &str, name: &str) -> Result<i64, Refusal> {
    let problem = "a whole number was expected";
    let number = text.trim().parse().ok();
    number.ok_or_else(|| Refusal::invalid_value(name, problem))
}

fn number(
    dialect: &Dialect,
    object: &Map<String, Json>,
    name: &str,
) -> Result<Option<i64>, Refusal> {
    let number = match normalise::member(dialect, object, name) {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::String(text)) => normalise::integer(dialect, text),
        Some(json) => json.as_i64(),
    };
    let problem = "a whole number was expected";
    let wrong = || Refusal::invalid_value(name, problem);
    number.map(Some).ok_or_else(wrong)
}

/// A list of names, or names with commas between them as in a query.
fn names<'j>(
    dialect: &Dialect,
    object: &'j Map<String, Json>,
    name: &str,
) -> Result<Option<Vec<&'j str>>, Refusal> {
    let wrong = || Refusal::invalid_value(name, "a list of names was expected");
    match normalise::member(dialect, object, name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.split(',').collect())),
        Some(Json::Array(list)) if list.is_empty() => Ok(None),
        Some(Json::Array(list)) => list
            .iter()
            .map(|name| name.as_str().ok_or_else(wrong))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(wrong()),
    }
}
