//! GET of `members` behind a role.

use axum::http::StatusCode;
use axum::response::Response;

use crate::body;
use crate::call::Call;
use crate::error::Error;
use crate::page::Wanted;
use crate::shape::role::Holder;

pub(super) async fn members(call: Call) -> Result<Response, Error> {
    let wanted = Wanted::of(&call, &call.query()?)?;
    call.session.read_own_writes().await?;
    let all = call.session.role_holders(call.part("key"))?.into_iter();
    let holders = all.map(|(id, user_name)| Holder {
        id: id.to_string(),
        user_name,
    });
    let page = wanted.cut(&call, holders.collect())?;
    body::json(StatusCode::OK, &page)
}
