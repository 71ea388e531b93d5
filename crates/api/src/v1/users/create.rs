//! POST of a user.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Command, Error as Refusal};
use jackfield_model::Kind;
use jackfield_model::schema::attr;

use super::said;
use crate::body::Body;
use crate::call::Call;
use crate::error::Error;
use crate::shape::user::UserBody;

pub(super) async fn create(call: Call, Body(body): Body<UserBody>) -> Result<Response, Error> {
    let password = body.password.clone().value();
    let said = said::of(&call.session, body)?;
    let mut attributes = said.attributes(Kind::User, "userName")?;
    if attributes.flag(attr::ACTIVE).is_none() {
        attributes.put(attr::ACTIVE, true);
    }
    if let Some(password) = &password {
        attributes.put(attr::PASSWORD, password.as_str());
    }
    let command = Command::Create {
        kind: Kind::User,
        attributes,
    };
    let written = call.session.write(command).await?;
    let id = written.id.ok_or(Refusal::Internal)?;
    super::answer(&call, &written.reader, id, StatusCode::CREATED)
}
