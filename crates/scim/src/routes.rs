//! Which request goes where. Whatever goes wrong, here or below, is answered as a SCIM error.
//!
//! The paths are few and fixed, so they are read here, once, in place of a router for any paths.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body as HttpBody;
use axum::http::Method;
use axum::http::header::{ALLOW, CONTENT_LENGTH};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use jackfield_gateway::Error as Refusal;
use percent_encoding::percent_decode_str;

use crate::body::Body;
use crate::call::{Call, Incoming, Visit};
use crate::dialect::Notes;
use crate::error::Error;
use crate::exchange::Seen;
use crate::offered::{self, Offered};
use crate::resource::ResourceType;
use crate::{
    Scim, answer, bulk, create, delete, dialect, discovery, get, head, me, patch, replace, search,
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
    let (notes, since) = (Notes::default(), Instant::now());
    let path = head.uri.path();
    let named = Place::of(path.strip_prefix(PREFIX).unwrap_or(path));
    let place = named.as_ref().map(|(place, ..)| *place);
    // In a box, since every operation has its place in it, and it is moved about.
    let mut response = caught(Box::pin(route(scim, named, head, body, seen, &notes))).await;
    let counted = scim.counted();
    counted.answered(place, &head.method, response.status(), since);
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
    named: Option<(Place, String, Option<String>)>,
    head: &Arc<Parts>,
    body: HttpBody,
    seen: &Seen,
    notes: &Notes,
) -> Response {
    if let Err(error) = head::check(head) {
        return error.into_response();
    }
    let Some((place, tenant, id)) = named else {
        return Error::from(Refusal::not_found(head.uri.path())).into_response();
    };
    let incoming = Incoming {
        scim: scim.clone(),
        head: Arc::clone(head),
        tenant,
        id,
        seen: seen.clone(),
        notes: notes.clone(),
    };
    let Some(operation) = place.operation(head.method.as_str()) else {
        let allowed = [(ALLOW, place.methods())];
        return (allowed, Error::MethodNotAllowed).into_response();
    };
    let answered = operation.answer(place, &incoming, body).await;
    answered.unwrap_or_else(IntoResponse::into_response)
}

/// What a path names below its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
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
        // `/Users/`, as Microsoft's own requests have it, and any other path likewise.
        let rest = match rest.strip_suffix('/') {
            Some(rest) if !rest.is_empty() => rest,
            _ => rest,
        };
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

    /// What a method does here. HEAD is GET without a body (RFC 9110 §9.3.2), and `/Me` is a user.
    pub(crate) fn operation(self, method: &str) -> Option<Operation> {
        use Operation as Op;
        let place = match self {
            Self::Me => Self::One(ResourceType::User),
            place => place,
        };
        Some(match (place, method) {
            (_, "HEAD") => return self.operation("GET"),
            (Self::All(types), "GET") => Op::List(types),
            (Self::All([ty]), "POST") => Op::Create(*ty),
            (Self::Search(types), "POST") => Op::Search(types),
            (Self::One(ty), "GET") => Op::Get(ty),
            (Self::One(ty), "PUT") => Op::Replace(ty),
            (Self::One(ty), "PATCH") => Op::Patch(ty),
            (Self::One(ty), "DELETE") => Op::Delete(ty),
            (Self::AllOffered(offered), "GET") => Op::ListOffered(offered),
            (Self::SearchOffered(offered), "POST") => Op::SearchOffered(offered),
            (Self::OneOffered(offered), "GET") => Op::GetOffered(offered),
            (Self::ServiceProviderConfig, "GET") => {
                Op::Discover(discovery::service_provider_config)
            }
            (Self::ResourceTypes, "GET") => Op::Discover(discovery::resource_types),
            (Self::OneResourceType, "GET") => Op::Discover(discovery::resource_type),
            (Self::Schemas, "GET") => Op::Discover(discovery::schemas),
            (Self::OneSchema, "GET") => Op::Discover(discovery::schema),
            (Self::Bulk, "POST") => Op::Bulk,
            _ => return None,
        })
    }

    /// The methods that do something here, as in `Allow` (RFC 9110 §10.2.1).
    fn methods(self) -> String {
        let mut methods = METHODS.to_vec();
        methods.retain(|method| self.operation(method).is_some());
        methods.join(",")
    }
}

/// All methods that do something somewhere.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// What a request asks for.
pub(crate) enum Operation {
    Get(ResourceType),
    List(&'static [ResourceType]),
    Search(&'static [ResourceType]),
    Create(ResourceType),
    Replace(ResourceType),
    Patch(ResourceType),
    Delete(ResourceType),
    GetOffered(Offered),
    ListOffered(Offered),
    SearchOffered(Offered),
    Discover(fn(&Visit) -> Result<Response, Error>),
    Bulk,
}

impl Operation {
    async fn answer(
        self,
        place: Place,
        incoming: &Incoming,
        body: HttpBody,
    ) -> Result<Response, Error> {
        let call = async {
            match place {
                Place::Me => me::call(incoming).await,
                _ => Call::of(incoming).await,
            }
        };
        let body = Body::read(incoming, body);
        match self {
            Self::Get(ty) => get::get(ty, call.await?).await,
            Self::List(types) => search::list(types, call.await?).await,
            Self::Search(types) => search::search(types, call.await?, body.await?).await,
            Self::Create(ty) => create::create(ty, call.await?, body.await?).await,
            Self::Replace(ty) => replace::replace(ty, call.await?, body.await?).await,
            Self::Patch(ty) => patch::patch(ty, call.await?, body.await?).await,
            Self::Delete(ty) => Ok(delete::delete(ty, call.await?).await?.into_response()),
            Self::GetOffered(offered) => offered::get(offered, call.await?).await,
            Self::ListOffered(offered) => offered::list(offered, call.await?).await,
            Self::SearchOffered(offered) => {
                offered::search(offered, call.await?, body.await?).await
            }
            Self::Discover(answer) => answer(&Visit::of(incoming).await?),
            Self::Bulk => bulk::bulk(call.await?, body.await?).await,
        }
    }
}

/// A part of a path without its percent-encoding; `None` if it is no text.
fn decoded(part: &str) -> Option<String> {
    let text = percent_decode_str(part).decode_utf8().ok()?;
    Some(text.into_owned())
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
    fn each_place_allows_what_does_something_there() {
        let (read, both) = ("GET,HEAD", "GET,HEAD,POST");
        let one = "GET,HEAD,PUT,PATCH,DELETE";
        for (path, expected) in [
            ("/acme", read),
            ("/acme/.search", "POST"),
            ("/acme/Users", both),
            ("/acme/Users/.search", "POST"),
            ("/acme/Users/x", one),
            ("/acme/Me", one),
            ("/acme/Roles", read),
            ("/acme/Roles/.search", "POST"),
            ("/acme/Roles/x", read),
            ("/acme/ServiceProviderConfig", read),
            ("/acme/ResourceTypes", read),
            ("/acme/ResourceTypes/x", read),
            ("/acme/Schemas", read),
            ("/acme/Schemas/x", read),
            ("/acme/Bulk", "POST"),
        ] {
            let (place, ..) = Place::of(path).unwrap();
            assert_eq!(place.methods(), expected, "{path}");
        }
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
            ("/acme/v2/Users/", Some((Place::All(users.alone()), None))),
            ("/acme/v2/Users//", None),
            ("/acme/v2/Users/x/", Some((Place::One(users), Some("x")))),
            ("/acme/v2/Users/x//", None),
            ("/acme/v2//", None),
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
