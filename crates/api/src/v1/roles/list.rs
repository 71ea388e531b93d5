//! GET of roles.

use axum::http::StatusCode;
use axum::response::Response;

use super::shown;
use crate::body;
use crate::call::Call;
use crate::error::Error;
use crate::page::Wanted;

pub(super) async fn list(call: Call) -> Result<Response, Error> {
    let wanted = Wanted::of(&call, &call.query()?)?;
    call.session.read_own_writes().await?;
    let all = call.session.roles()?.into_iter().map(shown).collect();
    let page = wanted.cut(&call, all)?;
    body::json(StatusCode::OK, &page)
}
