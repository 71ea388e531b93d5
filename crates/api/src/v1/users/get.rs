//! GET of a user.

use axum::http::StatusCode;
use axum::response::Response;

use crate::call::Call;
use crate::error::Error;

pub(super) async fn get(call: Call) -> Result<Response, Error> {
    let reader = call.session.read_own_writes().await?;
    super::answer(&call, &reader, call.id()?, StatusCode::OK)
}
