//! What comes with every request: who asks, of which tenant, about what, with which parameters.

use std::collections::HashMap;

use axum::RequestPartsExt as _;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use jackfield_gateway::access::Denial;
use jackfield_gateway::{Error as Refusal, Session, Shown};
use jackfield_model::{Id, Origin};
use serde::de::DeserializeOwned;
use smol_str::SmolStr;

use crate::endpoint::Needed;
use crate::error::Error;
use crate::{Api, OverTls, PeerAddr};

/// A request of a client that is logged in, and whose token is for what the endpoint does.
pub(crate) struct Call {
    pub(crate) session: Session,
    pub(crate) headers: HeaderMap,
    /// The tenant's own part of the path, before those of the endpoints.
    pub(crate) base: String,
    uri: Uri,
    path: HashMap<String, String>,
}

impl Call {
    /// The part of the path with this name.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// The record that the path names. What is no id names nothing.
    pub(crate) fn id(&self) -> Result<Id, Error> {
        let text = self.part("id");
        Id::parse(text).ok_or_else(|| Refusal::not_found(format_args!("{text:?}")).into())
    }

    /// The parameters.
    pub(crate) fn query<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let query = Query::try_from_uri(&self.uri);
        let Query(query) = query.map_err(|error| {
            let source = std::error::Error::source(&error);
            Error::Query(source.map_or_else(|| error.to_string(), ToString::to_string))
        })?;
        Ok(query)
    }

    /// The path and query of the request.
    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }
}

impl FromRequestParts<Api> for Call {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Error> {
        let path = parts.extract::<Path<HashMap<String, String>>>().await;
        let Path(path) = path.map_err(|_| Refusal::not_found(parts.uri.path()))?;
        let tenant = path.get("tenant").map_or("", String::as_str);
        let session = login(parts, api, tenant).await?;
        let needed = parts.extensions.get::<Needed>().copied();
        check(&session, needed, parts.uri.query())?;
        Ok(Self {
            base: format!("{}/{tenant}", crate::v1::PATH),
            session,
            headers: parts.headers.clone(),
            uri: parts
                .extensions
                .get::<axum::extract::OriginalUri>()
                .map_or_else(|| parts.uri.clone(), |original| original.0.clone()),
            path,
        })
    }
}

/// Refuses what the client's credential is not for, and parameters where none are known. What changes something is refused where it
/// would be done, so that the audit log is told.
fn check(session: &Session, needed: Option<Needed>, query: Option<&str>) -> Result<(), Error> {
    let Some(needed) = needed else { return Ok(()) };
    if session.must_change_password() && !needed.with_temporary_password {
        let why = "Your password is a temporary one: change it first, by PUT of /me/password.";
        return Err(Refusal::Forbidden(Denial::by("must_change_password", why)).into());
    }
    match needed.scope {
        Some(scope) if !scope.is_writing() => session.require(scope)?,
        _ => {}
    }
    match query {
        Some(query) if !query.is_empty() && !needed.takes_parameters => {
            Err(Error::Query("there are no parameters here".to_owned()))
        }
        _ => Ok(()),
    }
}

/// The session of the credentials in `Authorization`: a token, or a person's name and password.
async fn login(parts: &Parts, api: &Api, tenant: &str) -> Result<Session, Error> {
    let origin = origin(parts);
    let field = parts.headers.get(AUTHORIZATION);
    let shown = field.and_then(|field| Shown::of(field.as_bytes()));
    let session = match shown.ok_or(Refusal::LoginRequired)? {
        Shown::Bearer(token) => {
            let session = api.gateway.authenticate_api_token(tenant, token, origin);
            session.await?
        }
        Shown::Basic(pair) => {
            let over_tls = parts.extensions.get::<OverTls>().is_some_and(|tls| tls.0);
            let session = api
                .gateway
                .authenticate_person(tenant, &pair, over_tls, origin);
            session.await?
        }
    };
    Ok(session)
}

fn origin(parts: &Parts) -> Origin {
    let peer = parts.extensions.get::<PeerAddr>();
    Origin {
        protocol: SmolStr::new_static("api"),
        address: peer.map(|PeerAddr(address)| address.ip()),
    }
}
