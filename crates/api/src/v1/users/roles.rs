//! The roles of a user: why, and giving and taking them by hand; and what they permit.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::access::RoleKey;
use jackfield_gateway::roles::Why;

use crate::body;
use crate::call::Call;
use crate::error::Error;
use crate::page::Wanted;
use crate::shape::role::Changed;
use crate::shape::user::{HeldPermission, Reason};

/// GET of `roles` behind a user.
pub(super) async fn why(call: Call) -> Result<Response, Error> {
    let wanted = Wanted::of(&call, &call.query()?)?;
    call.session.read_own_writes().await?;
    let all = call.session.why(call.id()?)?.into_iter();
    let page = wanted.cut(&call, all.map(reason).collect())?;
    body::json(StatusCode::OK, &page)
}

/// PUT of a role behind a user.
pub(super) async fn assign(call: Call) -> Result<Response, Error> {
    let key = RoleKey::from(call.part("key"));
    let change = call.session.assign_role(call.id()?, key).await?;
    body::json(StatusCode::OK, &Changed::from(change))
}

/// DELETE of a role behind a user.
pub(super) async fn unassign(call: Call) -> Result<Response, Error> {
    let key = RoleKey::from(call.part("key"));
    let change = call.session.unassign_role(call.id()?, key).await?;
    body::json(StatusCode::OK, &Changed::from(change))
}

/// GET of `permissions` behind a user.
pub(super) async fn permissions(call: Call) -> Result<Response, Error> {
    let wanted = Wanted::of(&call, &call.query()?)?;
    call.session.read_own_writes().await?;
    let all = call.session.permissions_of(call.id()?)?.into_iter();
    let held = all.map(|(permission, roles)| HeldPermission {
        permission: permission.to_string(),
        roles: roles.iter().map(ToString::to_string).collect(),
    });
    let page = wanted.cut(&call, held.collect())?;
    body::json(StatusCode::OK, &page)
}

fn reason(why: Why) -> Reason {
    Reason {
        role: why.role.to_string(),
        title: why.title,
        source: why.source,
        by: why.by,
        groups: why.groups,
        shown: why.shown,
    }
}
