//! GET of users.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::Error as Refusal;
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::text;
use jackfield_model::{AttrId, Filter, Kind, MatchingRule};

use super::project;
use crate::body;
use crate::call::Call;
use crate::error::Error;
use crate::page::{self, Wanted};
use crate::shape::page::PageQuery;
use crate::shape::user::{Status, UserQuery};
use crate::v1::filter::contains;

/// Where a search looks.
const SEARCHED: [AttrId; 5] = [
    attr::COMMON_NAME,
    attr::USER_NAME,
    attr::EMAILS_VALUE,
    attr::PHONE_NUMBERS_VALUE,
    attr::EXTENSIONS_VALUE,
];

pub(super) async fn list(call: Call) -> Result<Response, Error> {
    let query: UserQuery = call.query()?;
    let filter = filter(&call, &query)?;
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let wanted = Wanted::of(&call, &page)?;
    let reader = call.session.read_own_writes().await?;
    let (found, next) = page::find(&reader, &wanted, Kind::User, filter).await?;
    let numbers = found.numbers.iter();
    let users = numbers.filter_map(|number| reader.by_number(*number));
    let users = users.map(|user| project::user(&reader, user)).collect();
    let page = wanted.page(&call, users, found.total, next)?;
    body::json(StatusCode::OK, &page)
}

fn filter(call: &Call, query: &UserQuery) -> Result<Filter, Error> {
    let mut all = Vec::new();
    if let Some(text) = query
        .search
        .as_deref()
        .filter(|text| !text.trim().is_empty())
    {
        let has = |attr: &AttrId| contains(*attr, text);
        all.push(Filter::Or(SEARCHED.iter().map(has).collect()));
    }
    let active = || Filter::equal(attr::ACTIVE, MatchingRule::Boolean, Key::Bool(true));
    match query.status {
        None => {}
        Some(Status::Active) => all.push(active()),
        Some(Status::Inactive) => all.push(Filter::Not(Box::new(active()))),
    }
    if let Some(role) = &query.role {
        if call.session.tenant().roles().get(role).is_none() {
            return Err(Refusal::not_found(format_args!("the role {role:?}")).into());
        }
        let key = Key::Text(text::case_ignore(role));
        all.push(Filter::equal(
            attr::ROLES_VALUE,
            MatchingRule::CaseIgnore,
            key,
        ));
    }
    Ok(Filter::And(all))
}
