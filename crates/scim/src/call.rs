//! What comes with every request: who asks, of which tenant, under which address, with which
//! parameters.

use std::sync::Arc;

use axum::extract::Query;
use axum::http::header::{AUTHORIZATION, HOST, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use jackfield_gateway::{Deeds, Error as Refusal, Precondition, Reader, Session, Shown};
use jackfield_model::{Id, Origin};
use smol_str::SmolStr;

use crate::answer;
use crate::dialect::{Dialect, Notes};
use crate::error::Error;
use crate::exchange::Seen;
use crate::me;
use crate::precondition;
use crate::project::{self, Projector, Resource};
use crate::replay::Acting;
use crate::resource::ResourceType;
use crate::select::Selection;
use crate::written::{MEMBERS, Piece, Written};
use crate::{OverTls, PeerAddr, Scim};

/// A request as it came, with what is noted while it is answered.
pub(crate) struct Incoming {
    pub(crate) scim: Scim,
    pub(crate) head: Arc<Parts>,
    pub(crate) tenant: String,
    /// The part of the path that names the resource, where there is one.
    pub(crate) id: Option<String>,
    pub(crate) seen: Seen,
    pub(crate) notes: Notes,
}

/// A request of a client that is logged in.
pub(crate) struct Call {
    pub(crate) scim: Scim,
    pub(crate) session: Session,
    pub(crate) dialect: Dialect,
    /// The URI below which the tenant's endpoints are.
    pub(crate) base: String,
    head: Arc<Parts>,
    id: Option<String>,
    params: Vec<(String, String)>,
}

impl Call {
    /// Logs the client in, and reads what goes with the request.
    pub(crate) async fn of(incoming: &Incoming) -> Result<Self, Error> {
        let id = incoming.id.clone();
        Self::by(session(incoming).await?, incoming, id)
    }

    /// The request as one of this session, about the resource of this id.
    pub(crate) fn by(
        session: Session,
        incoming: &Incoming,
        id: Option<String>,
    ) -> Result<Self, Error> {
        let Incoming { scim, head, .. } = incoming;
        let session = incoming.seen.logged_in(session).without_baseline();
        let params = match head.uri.query() {
            None => Vec::new(),
            Some(_) => {
                let Query(params) = Query::try_from_uri(&head.uri)
                    .map_err(|_| Refusal::InvalidSyntax("the query cannot be read".to_owned()))?;
                params
            }
        };
        Ok(Self {
            scim: scim.clone(),
            dialect: Dialect::of(&session, incoming.notes.clone()),
            session,
            base: base(incoming)?,
            head: Arc::clone(head),
            id,
            params,
        })
    }

    /// The same, of which nothing is really done or told.
    pub(crate) fn rehearsed(&self) -> Self {
        let session = self.session.rehearse().telling(Deeds::default());
        Self {
            scim: self.scim.clone(),
            dialect: Dialect::of(&session, Notes::default()),
            session,
            base: self.base.clone(),
            head: Arc::clone(&self.head),
            id: None,
            params: Vec::new(),
        }
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The part of the path that names the resource.
    pub(crate) fn id_text(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    /// The record that the path names. What is no id names nothing (RFC 7644 §3.4.1: 404).
    pub(crate) fn id(&self) -> Result<Id, Error> {
        let text = self.id_text();
        Id::parse(text).ok_or_else(|| Refusal::not_found(text).into())
    }

    /// Under which condition a write to a resource is done (RFC 7644 §3.14, RFC 9110 §13.2.2).
    ///
    /// # Errors
    /// [`Error::VersionRequired`]; [`Refusal::VersionMismatch`] for a version that the client does not want.
    pub(crate) async fn expectation(&self, id: Id) -> Result<Precondition, Error> {
        let expect = self.checked(precondition::of_write(self.headers()))?;
        if !self.headers().contains_key(IF_NONE_MATCH) {
            return Ok(expect);
        }
        let reader = self.session.read_own_writes().await?;
        // The write says what it means to one that is not there.
        let Some(entry) = reader.entry(id) else {
            return Ok(expect);
        };
        let current = Resource::of(entry).version();
        if precondition::names(self.headers(), &IF_NONE_MATCH, &current) {
            return Err(Refusal::VersionMismatch.into());
        }
        // Nor is it done if another version comes in between.
        let version = entry.record().version;
        Ok(match expect {
            Precondition::Versions(versions) if !versions.contains(&version) => {
                Precondition::Versions(versions)
            }
            _ => Precondition::Versions(vec![version]),
        })
    }

    /// The condition of a write, if there is one or none is demanded.
    ///
    /// # Errors
    /// [`Error::VersionRequired`].
    pub(crate) fn checked(&self, expect: Precondition) -> Result<Precondition, Error> {
        match expect {
            Precondition::None if self.session.requires_versions() => Err(Error::VersionRequired),
            expect => Ok(expect),
        }
    }

    /// The value of a query parameter.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        let is_named = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        self.params
            .iter()
            .find(is_named)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a query parameter that lists names; an empty one says nothing.
    pub(crate) fn list(&self, name: &str) -> Option<&str> {
        self.param(name).filter(|list| !list.trim().is_empty())
    }

    /// What the client wants of resources of these types.
    pub(crate) fn selection(&self, types: &[ResourceType]) -> Selection {
        let list = |name| self.list(name).map(names);
        Selection::new(
            &self.dialect,
            types,
            list("attributes"),
            list("excludedAttributes").into_iter().flatten(),
        )
    }

    /// Whether a resource has more members than need be answered to a write.
    pub(crate) fn is_too_long(&self, selection: &Selection, reader: &Reader, id: Id) -> bool {
        let members = reader.entry(id).map_or(0, |entry| entry.member_count());
        members > self.scim.options().max_answered_members && !selection.is_explicit()
    }

    /// Answers with one resource, or, without `body`, with its headers alone.
    pub(crate) fn answer(
        self,
        status: StatusCode,
        reader: &Reader,
        id: Id,
        body: Option<Selection>,
    ) -> Result<Response, Error> {
        // A write of the same moment may have removed it.
        let entry = reader.entry(id).ok_or_else(|| Refusal::not_found(id))?;
        let location = project::location(&self.base, entry.record()).ok_or(Refusal::Internal)?;
        let resource = Resource::of(entry);
        let version = resource.version();
        let body = body.map(|selection| {
            if entry.member_count() > MEMBERS {
                let piece = Piece::Record(entry.record().number.0);
                let (pieces, around) = (vec![piece], (String::new(), ""));
                return Written::new(
                    reader.clone(),
                    self.dialect,
                    self.base,
                    selection,
                    pieces,
                    around,
                )
                .body();
            }
            let projector = Projector {
                dialect: &self.dialect,
                base: &self.base,
                selection: &selection,
            };
            let mut text = Vec::with_capacity(USUAL);
            projector.resource(&mut text, &resource);
            text.into()
        });
        answer::resource(status, &location, &version, body)
    }
}

/// How long the text of a resource is, more or less, in octets.
const USUAL: usize = 2 << 10;

/// A comma-separated list of names; commas inside value filters separate nothing.
pub(crate) fn names(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    list.split(move |c| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
}

/// A request that need not be logged in: discovery (RFC 7644 §4). Whoever sends credentials all
/// the same, a person's too, learns whether they are right, since some clients test theirs here.
pub(crate) struct Visit {
    pub(crate) scim: Scim,
    pub(crate) dialect: Dialect,
    pub(crate) base: String,
    /// The part of the path that names the resource, where there is one.
    pub(crate) id: String,
    /// Whether the client asks for a choice of what is there.
    pub(crate) has_filter: bool,
}

impl Visit {
    pub(crate) async fn of(incoming: &Incoming) -> Result<Self, Error> {
        let head = &incoming.head;
        if head.headers.contains_key(AUTHORIZATION) {
            let session = match head.extensions.get() {
                Some(Acting(session)) => session.clone(),
                None => me::login(incoming).await?,
            };
            let call = Call::by(session, incoming, incoming.id.clone())?;
            call.session.read()?;
            let has_filter = call.param("filter").is_some();
            let id = call.id.unwrap_or_default();
            return Ok(Self {
                scim: call.scim,
                dialect: call.dialect,
                base: call.base,
                id,
                has_filter,
            });
        }
        let query = head.uri.query().unwrap_or_default();
        Ok(Self {
            scim: incoming.scim.clone(),
            dialect: Dialect::default(),
            base: base(incoming)?,
            id: incoming.id.clone().unwrap_or_default(),
            has_filter: query.split('&').any(|param| param.starts_with("filter=")),
        })
    }
}

/// The session of who asks.
async fn session(incoming: &Incoming) -> Result<Session, Error> {
    match incoming.head.extensions.get() {
        Some(Acting(session)) => Ok(session.clone()),
        None => login(incoming).await,
    }
}

/// The session of the credentials in `Authorization`: a token, or a client's id and secret.
pub(crate) async fn login(incoming: &Incoming) -> Result<Session, Error> {
    let Incoming { head, tenant, .. } = incoming;
    let (gateway, origin) = (incoming.scim.gateway(), origin(head));
    let session = match shown(head)? {
        Shown::Bearer(token) => gateway.authenticate_bearer(tenant, token, origin).await,
        Shown::Basic(pair) => match pair.split_once(':') {
            Some((id, secret)) => {
                gateway
                    .authenticate_client(tenant, id, secret, origin)
                    .await
            }
            None => Err(Refusal::InvalidCredentials),
        },
    };
    Ok(session?)
}

/// The credentials in `Authorization`.
///
/// # Errors
/// [`Refusal::LoginRequired`] if there are none.
pub(crate) fn shown(head: &Parts) -> Result<Shown<'_>, Error> {
    let field = head.headers.get(AUTHORIZATION);
    let shown = field.and_then(|field| Shown::of(field.as_bytes()));
    Ok(shown.ok_or(Refusal::LoginRequired)?)
}

pub(crate) fn origin(parts: &Parts) -> Origin {
    let peer = parts.extensions.get::<PeerAddr>();
    Origin {
        protocol: SmolStr::new_static("scim"),
        address: peer.map(|PeerAddr(address)| address.ip()),
    }
}

pub(crate) fn is_over_tls(parts: &Parts) -> bool {
    parts.extensions.get::<OverTls>().is_some_and(|tls| tls.0)
}

/// What the addresses of the tenant's resources begin with.
fn base(incoming: &Incoming) -> Result<String, Error> {
    let (parts, tenant) = (&incoming.head, &incoming.tenant);
    if let Some(url) = &incoming.scim.options().public_url {
        return Ok(format!("{}/scim/{tenant}/v2", url.trim_end_matches('/')));
    }
    let scheme = if is_over_tls(parts) { "https" } else { "http" };
    let host = match parts.headers.get(HOST) {
        Some(host) => Some(authority(host)?),
        None => parts.uri.authority().cloned(),
    };
    let host = host.as_ref().map_or("localhost", Authority::as_str);
    Ok([scheme, "://", host, "/scim/", tenant, "/v2"].concat())
}

/// The host and port that a `Host` field names (RFC 9112 §3.2, RFC 9110 §7.2): what else a client
/// writes there would stand in addresses that lead nowhere.
fn authority(host: &HeaderValue) -> Result<Authority, Error> {
    let authority = Authority::try_from(host.as_bytes()).ok();
    let named = authority.filter(|it| !it.host().is_empty() && !it.as_str().contains('@'));
    Ok(named.ok_or_else(|| Refusal::InvalidSyntax("Host: no host and port".to_owned()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_at_commas_outside_value_filters() {
        let list = "id, emails[type eq \"a,b\"],name.familyName";
        let expected = ["id", " emails[type eq \"a,b\"]", "name.familyName"];
        assert_eq!(names(list).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_host_is_a_host_with_or_without_a_port() {
        for good in [
            "pbx.example.com",
            "pbx.example.com:8443",
            "[2001:db8::1]:80",
            "192.0.2.1",
        ] {
            let host = HeaderValue::from_static(good);
            assert_eq!(
                authority(&host).map(|it| it.to_string()),
                Ok(good.to_owned())
            );
        }
        for bad in [
            "",
            "a b",
            "x/../y",
            "user@pbx.example.com",
            ":80",
            "a\"b",
            "http://a",
        ] {
            let host = HeaderValue::from_static(bad);
            assert!(authority(&host).is_err(), "{bad:?}");
        }
    }
}
