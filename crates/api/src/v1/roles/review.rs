//! POST of `review` behind a role.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::access::RoleKey;

use crate::body;
use crate::call::Call;
use crate::error::Error;
use crate::shape::role::Changed;

pub(super) async fn review(call: Call) -> Result<Response, Error> {
    let key = RoleKey::from(call.part("key"));
    let change = call.session.review_role(key).await?;
    body::json(StatusCode::OK, &Changed::from(change))
}
