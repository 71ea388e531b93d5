//! PUT of the password of a user.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::Command;
use jackfield_model::Kind;
use jackfield_model::schema::attr;

use crate::body::{self, Body};
use crate::call::Call;
use crate::error::Error;
use crate::shape::user::{PasswordBody, PasswordSet};
use crate::v1::said::replace;
use crate::version;

pub(super) async fn reset(call: Call, Body(body): Body<PasswordBody>) -> Result<Response, Error> {
    let id = call.id()?;
    let made = match &body.password {
        None => Some(call.session.generated_password()),
        Some(_) => None,
    };
    let password = body.password.or_else(|| made.clone()).unwrap_or_default();
    let command = Command::Patch {
        id,
        kind: Kind::User,
        ops: vec![replace(
            attr::PASSWORD,
            None,
            vec![password.as_str().into()],
        )],
        expect: version::of_write(&call.headers),
    };
    let written = call.session.write(command).await?;
    let answer = PasswordSet {
        password: made,
        must_change: written.reader.must_change_password(id),
    };
    body::json(StatusCode::OK, &answer)
}
