//! `/api/v1`: which request goes where.
//!
//! | module | holds |
//! | --- | --- |
//! | `users`, `roles` | users and roles, one operation a file |
//! | `records` | the one shape of areas that are looked after alike |
//! | `extensions`, `desks`, `contacts`, `accounts`, `connections` | those areas |
//! | `credentials` | what accounts and connections log in by, and the tokens of users |
//! | `project`, `said`, `own`, `filter` | what is shown of records, said of them, looked for |
//! | `check` | whether users may do something |
//! | `audit`, `reports` | what was done; what deserves a look |
//! | `me` | who the client is |

mod accounts;
mod audit;
mod check;
mod connections;
mod contacts;
mod credentials;
mod desks;
mod extensions;
mod filter;
mod me;
mod own;
mod project;
mod records;
mod reports;
mod roles;
mod said;
mod users;

use std::any::Any;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jackfield_gateway::Error as Refusal;
use tower_http::catch_panic::CatchPanicLayer;

use crate::endpoint::Endpoints;
use crate::error::Error;
use crate::{Api, openapi, request_id};

/// What all paths begin with.
pub(crate) const PATH: &str = "/api/v1";

/// Every endpoint below a tenant.
pub(crate) fn endpoints() -> Endpoints {
    me::endpoints()
        .and(users::endpoints())
        .and(roles::endpoints())
        .and(extensions::endpoints())
        .and(desks::endpoints())
        .and(contacts::endpoints())
        .and(accounts::endpoints())
        .and(connections::endpoints())
        .and(check::endpoints())
        .and(audit::endpoints())
        .and(reports::endpoints())
}

pub(crate) fn router(api: &Api) -> Router<Api> {
    let endpoints = endpoints();
    let document = Bytes::from(openapi::document(&endpoints).to_string());
    let document = move || {
        let document = document.clone();
        async move { ([(CONTENT_TYPE, "application/json")], document) }
    };
    let versioned = Router::new()
        .route("/openapi.json", get(document))
        .nest("/{tenant}", endpoints.router(api.gateway.metrics()))
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(
            api.clone(),
            request_id::identify,
        ));
    Router::new().nest(PATH, versioned)
}

async fn nowhere(request: Request) -> Error {
    Refusal::not_found(request.uri().path()).into()
}

async fn wrong_method() -> Error {
    Error::MethodNotAllowed
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "the signature is the layer's"
)]
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request ended in a panic");
    Error::from(Refusal::Internal).into_response()
}
