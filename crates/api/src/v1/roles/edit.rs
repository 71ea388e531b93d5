//! PUT of a custom role.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::access::{RoleDef, RoleKey};

use super::changed;
use crate::body::Body;
use crate::call::Call;
use crate::error::Error;
use crate::version;

pub(super) async fn edit(call: Call, Body(def): Body<RoleDef>) -> Result<Response, Error> {
    let key = RoleKey::from(call.part("key"));
    let expect = version::of_write(&call.headers);
    let change = call.session.edit_role(key, def, expect).await?;
    changed(&call, StatusCode::OK, call.part("key"), change)
}
