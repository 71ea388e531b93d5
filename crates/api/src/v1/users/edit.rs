//! PATCH of a user: a merge patch (RFC 7396).

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::Command;
use jackfield_model::Kind;

use super::said::Said;
use crate::body::MergePatch;
use crate::call::Call;
use crate::error::Error;
use crate::shape::user::UserBody;
use crate::version;

pub(super) async fn edit(
    call: Call,
    MergePatch(body): MergePatch<UserBody>,
) -> Result<Response, Error> {
    let id = call.id()?;
    let roles = call.session.tenant().roles();
    let command = Command::Patch {
        id,
        kind: Kind::User,
        ops: Said::of(body, &roles)?.operations()?,
        expect: version::of_write(&call.headers),
    };
    let written = call.session.write(command).await?;
    super::answer(&call, &written.reader, id, StatusCode::OK)
}
