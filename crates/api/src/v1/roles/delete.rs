//! DELETE of a custom role.

use axum::http::StatusCode;
use jackfield_gateway::access::RoleKey;

use crate::call::Call;
use crate::error::Error;
use crate::version;

pub(super) async fn delete(call: Call) -> Result<StatusCode, Error> {
    let key = RoleKey::from(call.part("key"));
    let expect = version::of_write(&call.headers);
    call.session.delete_role(key, expect).await?;
    Ok(StatusCode::NO_CONTENT)
}
