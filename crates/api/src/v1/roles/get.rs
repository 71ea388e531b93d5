//! GET of a role.

use axum::http::StatusCode;
use axum::response::Response;

use super::shown;
use crate::body;
use crate::call::Call;
use crate::error::Error;

pub(super) async fn get(call: Call) -> Result<Response, Error> {
    call.session.read_own_writes().await?;
    let role = call.session.role(call.part("key"))?;
    let version = role.version;
    body::resource(&call.headers, StatusCode::OK, None, version, &shown(role))
}
