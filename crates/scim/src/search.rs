//! Queries: GET of an endpoint or of the root, and POST of `/.search` (RFC 7644 §3.4.2 and
//! §3.4.3), with filter, order and index paging.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Error as Refusal, Found, Order, Query, Reader, Start};
use jackfield_model::schema::{Mutability, Type, attr};
use jackfield_model::{AttrId, Filter, KindSet, Truth};
use serde_json::{Map, Value as Json, json};

use crate::answer;
use crate::body::Body;
use crate::call::Call;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::filter;
use crate::message;
use crate::name::{self, Name};
use crate::normalise;
use crate::project::Projector;
use crate::resource::ResourceType;
use crate::select::Selection;

/// A search that looks at more records than this does so beside the threads that serve others.
const MANY: usize = 5_000;

/// GET of an endpoint or of the root.
pub(crate) async fn list(types: &[ResourceType], call: Call) -> Result<Response, Error> {
    let number = |name| call.param(name).map(|text| whole(text, name)).transpose();
    let search = Search {
        selection: call.selection(types),
        filter: parse_filter(&call.dialect, types, call.param("filter"))?,
        order: parse_order(
            &call.dialect,
            types,
            call.param("sortBy"),
            call.param("sortOrder"),
        )?,
        start: number("startIndex")?,
        count: number("count")?,
    };
    answer(types, &call, search).await
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
    let search = Search {
        selection: Selection::new(
            &call.dialect,
            types,
            names(&call.dialect, object, "attributes")?.map(Vec::into_iter),
            names(&call.dialect, object, "excludedAttributes")?
                .into_iter()
                .flatten(),
        ),
        filter: parse_filter(&call.dialect, types, text("filter")?)?,
        order: parse_order(&call.dialect, types, text("sortBy")?, text("sortOrder")?)?,
        start: number(&call.dialect, object, "startIndex")?,
        count: number(&call.dialect, object, "count")?,
    };
    answer(types, &call, search).await
}

/// What is asked for.
struct Search {
    selection: Selection,
    filter: Filter,
    order: Order,
    start: Option<i64>,
    count: Option<i64>,
}

async fn answer(types: &[ResourceType], call: &Call, search: Search) -> Result<Response, Error> {
    let Search {
        selection,
        filter,
        order,
        start,
        count,
    } = search;
    let options = call.scim.options();
    // RFC 7644 §3.4.2.4: below 1 means 1; below 0 means 0.
    let start = start
        .and_then(|start| usize::try_from(start).ok())
        .unwrap_or(1)
        .max(1);
    let limit = match count {
        Some(count) => usize::try_from(count).unwrap_or(0).min(options.max_results),
        None => options.default_page.min(options.max_results),
    };
    let kinds = types
        .iter()
        .fold(KindSet::NONE, |all, ty| all.union(ty.kinds()));
    let reader = call.session.read_own_writes().await?;
    let plan = Plan {
        kinds,
        filter,
        order,
        offset: start - 1,
        limit,
    };
    let found = run(&reader, plan).await?;
    let projector = Projector {
        dialect: &call.dialect,
        base: &call.base,
        selection: &selection,
    };
    let resources: Vec<Json> = found
        .numbers
        .iter()
        .filter_map(|number| projector.resource(reader.by_number(*number)?))
        .collect();
    let body = json!({
        "schemas": [message::LIST_RESPONSE],
        "totalResults": found.total,
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    Ok(answer::json(StatusCode::OK, &body))
}

struct Plan {
    kinds: KindSet,
    filter: Filter,
    order: Order,
    offset: usize,
    limit: usize,
}

impl Plan {
    fn query<'q>(&'q self, stop: &'q (dyn Fn() -> bool + Sync)) -> Query<'q> {
        Query {
            kinds: self.kinds,
            only: None,
            filter: &self.filter,
            order: self.order,
            start: Start::At(self.offset),
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

/// RFC 7644 §3.4.2.3: ascending unless it says otherwise; a complex attribute goes by its value.
fn parse_order(
    dialect: &Dialect,
    types: &[ResourceType],
    by: Option<&str>,
    direction: Option<&str>,
) -> Result<Order, Error> {
    let descending = match direction.map(str::trim) {
        None | Some("") => false,
        Some(text) if text.eq_ignore_ascii_case("ascending") => false,
        Some(text) if text.eq_ignore_ascii_case("descending") => true,
        Some(_) => {
            let problem = "ascending or descending was expected";
            return Err(Refusal::invalid_value("sortOrder", problem).into());
        }
    };
    let Some(text) = by.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(Order::Number);
    };
    let attr = sortable(dialect, types, text).ok_or_else(|| Refusal::InvalidPath {
        path: text.to_owned(),
        problem: "resources cannot be put in order by it".to_owned(),
    })?;
    Ok(Order::By { attr, descending })
}

fn sortable(dialect: &Dialect, types: &[ResourceType], text: &str) -> Option<AttrId> {
    let registry = dialect.registry();
    let Ok(Name::Attribute { attr, sub }) = name::resolve(dialect, types, text) else {
        return None;
    };
    let def = registry.get(sub.unwrap_or(attr))?;
    let leaf = match (def.ty, def.id) {
        (Type::Complex, attr::NAME) => attr::NAME_FORMATTED,
        (Type::Complex, attr) => name::value_of(dialect, attr)?,
        (Type::Reference, _) | (_, attr::META_VERSION) => return None,
        (_, leaf) => leaf,
    };
    registry
        .get(leaf)
        .filter(|def| def.mutability != Mutability::WriteOnly)
        .map(|def| def.id)
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
