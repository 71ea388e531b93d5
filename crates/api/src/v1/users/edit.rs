//! PATCH of a user: a merge patch (RFC 7396).

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Command, Error as Refusal};
use jackfield_model::Kind;

use super::said;
use crate::body::MergePatch;
use crate::call::Call;
use crate::error::Error;
use crate::shape::patch::Patch;
use crate::shape::user::UserBody;
use crate::version;

pub(super) async fn edit(
    call: Call,
    MergePatch(body): MergePatch<UserBody>,
) -> Result<Response, Error> {
    let id = call.id()?;
    if body.password != Patch::Keep {
        return Err(Refusal::Mutability {
            path: "password".to_owned(),
            problem: "it is set by PUT of the user's password".to_owned(),
        }
        .into());
    }
    let command = Command::Patch {
        id,
        kind: Kind::User,
        ops: said::of(&call.session, body)?.operations(Kind::User, "userName")?,
        expect: version::of_write(&call.headers),
    };
    let written = call.session.write(command).await?;
    super::answer(&call, &written.reader, id, StatusCode::OK)
}
