//! GET of the templates of custom roles.

use axum::http::StatusCode;
use axum::response::Response;

use crate::body;
use crate::call::Call;
use crate::error::Error;
use crate::page::Wanted;
use crate::shape::role::Template;

pub(super) async fn templates(call: Call) -> Result<Response, Error> {
    let wanted = Wanted::of(&call, &call.query()?)?;
    let all = call.session.role_templates()?.into_iter();
    let all = all.map(|(key, definition)| Template {
        key: key.to_string(),
        definition,
    });
    let page = wanted.cut(&call, all.collect())?;
    body::json(StatusCode::OK, &page)
}
