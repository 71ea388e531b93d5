//! Which request goes where. Whatever goes wrong, here or below, is answered as a SCIM error.
//!
//! The paths are few and fixed, so they are read here, once, in place of a router for any paths.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body as HttpBody;
use axum::http::header::{ALLOW, CONTENT_LENGTH};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use jackfield_gateway::Error as Refusal;

use crate::body::Body;
use crate::call::{Call, Incoming, Visit};
use crate::dialect::Notes;
use crate::error::Error;
use crate::exchange::Seen;
use crate::offered::{self, Offered};
use crate::resource::ResourceType;
use crate::{
    Scim, answer, bulk, create, delete, dialect, discovery, get, me, patch, replace, search,
};

/// Below which path everything is.
const PREFIX: &str = "/scim";

/// Answers a request without telling the gateway of it.
pub(crate) async fn answer(
    scim: &Scim,
    head: &Arc<Parts>,
    body: HttpBody,
    seen: &Seen,
) -> Response {
    let notes = Notes::default();
    // In a box, since every operation has its place in it, and it is moved about.
    let mut response = caught(Box::pin(route(scim, head, body, seen, &notes))).await;
    if head.method == Method::HEAD {
        response = without_body(response);
    }
    answer::negotiate(&head.headers, &notes, &mut response);
    dialect::report(head, &notes, &mut response);
    response
}

/// The answer, or what is said after a panic.
async fn caught(answering: impl Future<Output = Response>) -> Response {
    let answered = AssertUnwindSafe(answering).catch_unwind().await;
    answered.unwrap_or_else(|_| {
        tracing::error!("a request ended in a panic");
        Error::from(Refusal::Internal).into_response()
    })
}

async fn route(
    scim: &Scim,
    head: &Arc<Parts>,
    body: HttpBody,
    seen: &Seen,
    notes: &Notes,
) -> Response {
    let path = head.uri.path();
    let below = path.strip_prefix(PREFIX).unwrap_or(path);
    let Some((place, tenant, id)) = Place::of(below) else {
        return Error::from(Refusal::not_found(path)).into_response();
    };
    let incoming = Incoming {
        scim: scim.clone(),
        head: Arc::clone(head),
        tenant,
        id,
        seen: seen.clone(),
        notes: notes.clone(),
    };
    match place.answer(incoming, body).await {
        Ok(response) => response,
        Err(Error::MethodNotAllowed) => {
            let mut response = Error::MethodNotAllowed.into_response();
            let methods = HeaderValue::from_static(place.methods());
            response.headers_mut().insert(ALLOW, methods);
            response
        }
        Err(error) => error.into_response(),
    }
}

/// What a path names below its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// All resources of these types.
    All(&'static [ResourceType]),
    /// `/.search` of these types.
    Search(&'static [ResourceType]),
    One(ResourceType),
    AllOffered(Offered),
    SearchOffered(Offered),
    OneOffered(Offered),
    ServiceProviderConfig,
    ResourceTypes,
    OneResourceType,
    Schemas,
    OneSchema,
    Me,
    Bulk,
}

impl Place {
    /// What a path is, of which tenant, and what it names. A path without a version means the newest
    /// (RFC 7644 §3.13).
    fn of(path: &str) -> Option<(Self, String, Option<String>)> {
        let path = path.strip_prefix('/')?;
        let (tenant, rest) = path.split_once('/').unwrap_or((path, ""));
        let versioned = match rest {
            "v2" => Some(""),
            _ => rest.strip_prefix("v2/"),
        };
        let rest = versioned.unwrap_or(rest);
        let (endpoint, id) = match rest.split_once('/') {
            Some((endpoint, id)) => (endpoint, Some(id)),
            None => (rest, None),
        };
        let is_name = |part: &str| !part.is_empty() && !part.contains('/');
        if !is_name(tenant) || !id.is_none_or(is_name) {
            return None;
        }
        let place = Self::named(endpoint, id)?;
        let id = match id {
            Some(id) => Some(decoded(id)?),
            None => None,
        };
        Some((place, decoded(tenant)?, id))
    }

    fn named(endpoint: &str, id: Option<&str>) -> Option<Self> {
        let types = ResourceType::ALL.into_iter();
        if let Some(ty) = types.into_iter().find(|ty| ty.endpoint() == endpoint) {
            return Some(match id {
                None => Self::All(ty.alone()),
                Some(".search") => Self::Search(ty.alone()),
                Some(_) => Self::One(ty),
            });
        }
        Some(match (endpoint, id) {
            ("", None) => Self::All(&ResourceType::ALL),
            (".search", None) => Self::Search(&ResourceType::ALL),
            ("ServiceProviderConfig", None) => Self::ServiceProviderConfig,
            ("ResourceTypes", None) => Self::ResourceTypes,
            ("ResourceTypes", Some(_)) => Self::OneResourceType,
            ("Schemas", None) => Self::Schemas,
            ("Schemas", Some(_)) => Self::OneSchema,
            ("Me", None) => Self::Me,
            ("Bulk", None) => Self::Bulk,
            _ => {
                let mut all = Offered::ALL.into_iter();
                let offered = all.find(|offered| offered.endpoint() == endpoint)?;
                match id {
                    None => Self::AllOffered(offered),
                    Some(".search") => Self::SearchOffered(offered),
                    Some(_) => Self::OneOffered(offered),
                }
            }
        })
    }

    async fn answer(self, incoming: Incoming, body: HttpBody) -> Result<Response, Error> {
        let method = match incoming.head.method.as_str() {
            "HEAD" => "GET",
            method => method,
        };
        match (self, method) {
            (Self::One(ty), "GET") => get::get(ty, Call::of(&incoming).await?).await,
            (Self::All(types), "GET") => search::list(types, Call::of(&incoming).await?).await,
            (Self::ServiceProviderConfig, "GET") => {
                discovery::service_provider_config(&Visit::of(&incoming).await?)
            }
            (Self::ResourceTypes, "GET") => discovery::resource_types(&Visit::of(&incoming).await?),
            (Self::OneResourceType, "GET") => {
                discovery::resource_type(&Visit::of(&incoming).await?)
            }
            (Self::Schemas, "GET") => discovery::schemas(&Visit::of(&incoming).await?),
            (Self::OneSchema, "GET") => discovery::schema(&Visit::of(&incoming).await?),
            (Self::AllOffered(offered), "GET") => {
                offered::list(offered, Call::of(&incoming).await?).await
            }
            (Self::OneOffered(offered), "GET") => {
                offered::get(offered, Call::of(&incoming).await?).await
            }
            (Self::One(ty), "DELETE") => {
                let status = delete::delete(ty, Call::of(&incoming).await?).await?;
                Ok(status.into_response())
            }
            (Self::Me, "GET") => get::get(ResourceType::User, me::call(&incoming).await?).await,
            (Self::Me, "DELETE") => {
                let call = me::call(&incoming).await?;
                let status = delete::delete(ResourceType::User, call).await?;
                Ok(status.into_response())
            }
            _ => self.take(method, &incoming, body).await,
        }
    }

    /// Answers a request that brings something.
    async fn take(
        self,
        method: &str,
        incoming: &Incoming,
        body: HttpBody,
    ) -> Result<Response, Error> {
        let is_taken = match self {
            Self::All([_]) | Self::Search(_) | Self::SearchOffered(_) | Self::Bulk => {
                method == "POST"
            }
            Self::One(_) | Self::Me => matches!(method, "PUT" | "PATCH"),
            _ => false,
        };
        if !is_taken {
            return Err(Error::MethodNotAllowed);
        }
        let call = match self {
            Self::Me => me::call(incoming).await?,
            _ => Call::of(incoming).await?,
        };
        let body = Body::read(incoming, body).await?;
        let one = match self {
            Self::One(ty) => ty,
            _ => ResourceType::User,
        };
        match self {
            Self::All([ty]) => create::create(*ty, call, body).await,
            Self::One(_) | Self::Me if method == "PUT" => replace::replace(one, call, body).await,
            Self::One(_) | Self::Me => patch::patch(one, call, body).await,
            Self::Search(types) => search::search(types, call, body).await,
            Self::SearchOffered(offered) => offered::search(offered, call, body).await,
            Self::Bulk => bulk::bulk(call, body).await,
            _ => Err(Error::MethodNotAllowed),
        }
    }

    /// The methods that it knows, as in `Allow` (RFC 9110 §10.2.1).
    fn methods(self) -> &'static str {
        match self {
            Self::All([_]) => "GET,HEAD,POST",
            Self::One(_) | Self::Me => "GET,HEAD,PUT,PATCH,DELETE",
            Self::Search(_) | Self::SearchOffered(_) | Self::Bulk => "POST",
            _ => "GET,HEAD",
        }
    }
}

/// A part of a path without its percent-encoding; `None` if it is no text.
fn decoded(part: &str) -> Option<String> {
    if !part.contains('%') {
        return Some(part.to_owned());
    }
    let mut octets = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == b'%');
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|digits| str::from_utf8(digits).ok());
        let octet = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        octets.push(octet.unwrap_or(*first));
        rest = match octet {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    String::from_utf8(octets).ok()
}

/// What answers HEAD (RFC 9110 §9.3.2).
fn without_body(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    if let Some(length) = axum::body::HttpBody::size_hint(&body).exact() {
        head.headers.insert(CONTENT_LENGTH, length.into());
    }
    Response::from_parts(head, HttpBody::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_one_request_with_a_scim_error() {
        let response = caught(async { std::panic::resume_unwind(Box::new("x")) }).await;
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], "application/scim+json");
    }

    #[test]
    fn paths_name_their_place_with_a_version_or_without() {
        let users = ResourceType::User;
        for (path, expected) in [
            ("/acme/v2", Some((Place::All(&ResourceType::ALL), None))),
            ("/acme/v2/", Some((Place::All(&ResourceType::ALL), None))),
            ("/acme", Some((Place::All(&ResourceType::ALL), None))),
            ("/acme/v2/Users", Some((Place::All(users.alone()), None))),
            ("/acme/Users", Some((Place::All(users.alone()), None))),
            (
                "/acme/v2/Users/a%20b",
                Some((Place::One(users), Some("a b"))),
            ),
            (
                "/acme/v2/Users/a+b%2F%",
                Some((Place::One(users), Some("a+b/%"))),
            ),
            (
                "/acme/v2/Users/.search",
                Some((Place::Search(users.alone()), Some(".search"))),
            ),
            (
                "/acme/v2/.search",
                Some((Place::Search(&ResourceType::ALL), None)),
            ),
            (
                "/acme/v2/Roles/x",
                Some((Place::OneOffered(Offered::Role), Some("x"))),
            ),
            (
                "/acme/v2/Schemas/urn:a",
                Some((Place::OneSchema, Some("urn:a"))),
            ),
            ("/acme/v2/Bulk", Some((Place::Bulk, None))),
            ("/acme/v2/Users/", None),
            ("/acme/v2/Users/a/b", None),
            ("/acme/v2/Users/%FF", None),
            ("/acme/v2/users", None),
            ("/acme/v2/Bulk/x", None),
            ("/acme/v1/Users", None),
            ("//v2/Users", None),
            ("/", None),
            ("", None),
        ] {
            let expected = expected.map(|(place, id): (_, Option<&str>)| {
                (place, "acme".to_owned(), id.map(str::to_owned))
            });
            assert_eq!(Place::of(path), expected, "{path}");
        }
    }
}
