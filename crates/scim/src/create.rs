//! POST of a resource (RFC 7644 §3.3).

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Command, Error as Refusal};
use jackfield_model::schema::attr;

use crate::body::Body;
use crate::call::Call;
use crate::decode;
use crate::error::Error;
use crate::resource::ResourceType;

pub(crate) async fn create(ty: ResourceType, call: Call, body: Body) -> Result<Response, Error> {
    let mut attributes = decode::resource(&call.dialect, ty, &body.0)?.attributes;
    if ty == ResourceType::User && attributes.flag(attr::ACTIVE).is_none() {
        attributes.put(attr::ACTIVE, true);
    }
    let command = Command::Create {
        kind: ty.kind(),
        attributes,
    };
    let written = call.session.write(command).await?;
    let id = written.id.ok_or(Refusal::Internal)?;
    call.answer(
        StatusCode::CREATED,
        &written.reader,
        id,
        Some(&call.selection(&[ty])),
    )
}
