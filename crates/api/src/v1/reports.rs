//! GET of reports.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::access::ApiScope;

use crate::body;
use crate::call::Call;
use crate::endpoint::{Endpoints, Operation};
use crate::error::Error;
use crate::page::Wanted;
use crate::shape::page::{Page, PageQuery};
use crate::shape::report::Finding;

pub(super) fn endpoints() -> Endpoints {
    Endpoints::default().with(
        Operation::get(
            "/reports/access",
            "reportAccess",
            "List what deserves a look about who has access, the gravest first.",
        )
        .scope(ApiScope::ReportsRead)
        .query::<PageQuery>()
        .answers::<Page<Finding>>(200),
        access,
    )
}

async fn access(call: Call) -> Result<Response, Error> {
    let wanted = Wanted::of(&call, &call.query()?)?;
    let findings = call.session.access_report()?.into_iter();
    let findings = findings.map(|finding| Finding {
        kind: finding.kind.name(),
        id: finding.id.to_string(),
        subject: finding.subject,
        text: finding.text,
    });
    let page = wanted.cut(&call, findings.collect())?;
    body::json(StatusCode::OK, &page)
}
