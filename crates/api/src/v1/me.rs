//! Who the client is, and a person's own password.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::access::ApiScope;
use jackfield_gateway::{Command, Error as Refusal, Precondition};
use jackfield_model::schema::attr;
use jackfield_model::{Kind, Principal};

use super::said::replace;
use crate::body::{self, Body};
use crate::call::Call;
use crate::endpoint::{Endpoints, Operation};
use crate::error::Error;
use crate::shape::me::{Me, OwnPassword};

pub(super) fn endpoints() -> Endpoints {
    Endpoints::default()
        .with(
            Operation::get("/me", "whoAmI", "Show who the client is, and what it may.")
                .answers::<Me>(200)
                .with_temporary_password(),
            me,
        )
        .with(
            Operation::put(
                "/me/password",
                "changePassword",
                "Change one's own password, with which one has logged in; no token does.",
            )
            .scope(ApiScope::UsersWrite)
            .body::<OwnPassword>()
            .with_temporary_password(),
            password,
        )
}

async fn me(call: Call) -> Result<Response, Error> {
    let session = &call.session;
    session.read()?;
    let id = session.principal().record().ok_or(Refusal::LoginRequired)?;
    let permissions = match session.principal() {
        Principal::Person(person) => session.permissions_of(person)?,
        _ => Vec::new(),
    };
    let me = Me {
        tenant: session.tenant().name().to_string(),
        kind: session.principal().kind(),
        id: id.to_string(),
        name: session.name(),
        scopes: session.api_scopes().iter().map(ApiScope::name).collect(),
        roles: session
            .own_roles()
            .iter()
            .map(ToString::to_string)
            .collect(),
        permissions: permissions
            .iter()
            .map(|(permission, _)| permission.to_string())
            .collect(),
        must_change_password: session.must_change_password(),
    };
    body::json(StatusCode::OK, &me)
}

async fn password(call: Call, Body(body): Body<OwnPassword>) -> Result<StatusCode, Error> {
    let Principal::Person(person) = call.session.principal() else {
        return Err(Refusal::not_found("a password of this account").into());
    };
    let command = Command::Patch {
        id: person,
        kind: Kind::User,
        ops: vec![replace(
            attr::PASSWORD,
            None,
            vec![body.password.as_str().into()],
        )],
        expect: Precondition::None,
    };
    call.session.write(command).await?;
    Ok(StatusCode::NO_CONTENT)
}
