//! POST of a user.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Command, Error as Refusal};
use jackfield_model::Kind;

use super::said::Said;
use crate::body::Body;
use crate::call::Call;
use crate::error::Error;
use crate::shape::user::UserBody;

pub(super) async fn create(call: Call, Body(body): Body<UserBody>) -> Result<Response, Error> {
    let roles = call.session.tenant().roles();
    let attributes = Said::of(body, &roles)?.attributes()?;
    let command = Command::Create {
        kind: Kind::User,
        attributes,
    };
    let written = call.session.write(command).await?;
    let id = written.id.ok_or(Refusal::Internal)?;
    super::answer(&call, &written.reader, id, StatusCode::CREATED)
}
