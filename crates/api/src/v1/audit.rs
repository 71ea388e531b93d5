//! GET of the audit log, as pages of JSON or, where the client asks for it, of JSON lines.

use axum::http::header::{ACCEPT, CONTENT_TYPE, LINK};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jackfield_gateway::Error as Refusal;
use jackfield_gateway::access::ApiScope;
use jackfield_gateway::audit::AuditFilter;
use jackfield_model::Timestamp;

use crate::body;
use crate::call::Call;
use crate::endpoint::{Endpoints, Operation};
use crate::error::Error;
use crate::page::{Place, Wanted};
use crate::shape::audit::{AuditEntry, AuditPage, AuditQuery};
use crate::shape::page::PageQuery;

/// One entry a line.
const JSON_LINES: &str = "application/jsonl";

pub(super) fn endpoints() -> Endpoints {
    Endpoints::default().with(
        Operation::get(
            "/audit",
            "listAudit",
            "Show the audit log; with Accept: application/jsonl one entry a line, and the next page \
             in the header Link.",
        )
        .scope(ApiScope::AuditRead)
        .query::<AuditQuery>()
        .answers::<AuditPage>(200),
        list,
    )
}

async fn list(call: Call) -> Result<Response, Error> {
    let query: AuditQuery = call.query()?;
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor.clone(),
    };
    let wanted = Wanted::of(&call, &page)?;
    let after = u64::try_from(wanted.offset()?).map_err(|_| Error::Cursor)?;
    let filter = filter(query)?;
    let page = call.session.audit(after, wanted.limit, &filter).await?;
    let last = usize::try_from(page.last).map_err(|_| Refusal::Internal)?;
    let next = match page.is_end {
        true => None,
        false => Some(wanted.link(&call, &Place::At(last))?),
    };
    let items: Vec<AuditEntry> = page.lines.into_iter().map(AuditEntry::from).collect();
    match wants_lines(&call.headers) {
        true => lines(&items, next.as_deref()),
        false => body::json(StatusCode::OK, &AuditPage { items, next }),
    }
}

fn filter(query: AuditQuery) -> Result<AuditFilter, Error> {
    let moment = |name: &str, text: Option<String>| {
        let Some(text) = text else { return Ok(None) };
        match Timestamp::parse_rfc3339(&text) {
            Some(at) => Ok(Some(at)),
            None => Err(Error::Query(format!(
                "{name}: a moment such as 2026-11-22T00:00:00Z was expected"
            ))),
        }
    };
    Ok(AuditFilter {
        since: moment("since", query.since)?,
        until: moment("until", query.until)?,
        actor: query.actor,
        target: query.target,
        action: query.action,
        refused: query.refused,
    })
}

fn wants_lines(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    let mut accepted = accepted.unwrap_or_default().split([',', ';']);
    accepted.any(|media| media.trim().eq_ignore_ascii_case(JSON_LINES))
}

fn lines(items: &[AuditEntry], next: Option<&str>) -> Result<Response, Error> {
    let mut body = Vec::new();
    for item in items {
        serde_json::to_writer(&mut body, item).map_err(|_| Refusal::Internal)?;
        body.push(b'\n');
    }
    let media = HeaderValue::from_static(JSON_LINES);
    let mut response = (StatusCode::OK, [(CONTENT_TYPE, media)], body).into_response();
    if let Some(next) = next {
        let link = HeaderValue::from_str(&format!("<{next}>; rel=\"next\""));
        let link = link.map_err(|_| Refusal::Internal)?;
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}
