//! Telling the gateway what each client asked for and what came of it, for operators to read.
//!
//! What stands in the way of a request is noting a few words and keeping its body a little longer;
//! all else is done later, elsewhere. Secrets are taken out before anything is kept.

mod node;
mod redact;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, IF_MATCH};
use axum::http::request::Parts;
use axum::response::Response;
use jackfield_gateway::exchanges::Stamp;
use jackfield_gateway::{Deeds, Session, Tenant};
use jackfield_model::{Deed, Exchange, Id, Principal, SentBody};
use smol_str::SmolStr;

use crate::{PeerAddr, Repaired, Scim, routes};

use redact::Redacted;

/// What came to light while a request was answered. Cloning gives another handle to the same.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Facts>>);

#[derive(Default)]
struct Facts {
    client: Option<Client>,
    body: Option<Bytes>,
    deeds: Deeds,
}

/// Who asked.
struct Client {
    tenant: Tenant,
    connection: Option<Id>,
    credential: Option<(Id, String)>,
}

/// What a client was told about an error: an extension of the response.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) scim_type: Option<&'static str>,
    pub(crate) detail: String,
}

impl Seen {
    /// Notes who asks. Gives the session, which from now on tells what it changes.
    pub(crate) fn logged_in(&self, session: Session) -> Session {
        self.with(|facts| {
            facts.client = Some(Client {
                tenant: session.tenant().clone(),
                connection: match session.principal() {
                    Principal::Connection(id) => Some(id),
                    _ => None,
                },
                credential: session.opened_with(),
            });
            session.telling(facts.deeds.clone())
        })
    }

    /// Notes the body of a request.
    pub(crate) fn came(&self, body: &Bytes) {
        self.with(|facts| facts.body = Some(body.clone()));
    }

    /// What was changed until now.
    pub(crate) fn deeds(&self) -> Vec<Deed> {
        self.with(|facts| facts.deeds.take())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Facts) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is kept of a body, if it is JSON.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn kept(body: &[u8]) -> Option<String> {
    Redacted::new("").body(body).map(|(text, _)| text)
}

/// Answers a request, and tells the gateway of it.
pub(crate) async fn tell(scim: &Scim, request: Request) -> Response {
    let started = Instant::now();
    let seen = Seen::default();
    let (head, body) = request.into_parts();
    let head = Arc::new(head);
    let response = routes::answer(scim, &head, body, &seen).await;
    let facts = seen.with(std::mem::take);
    let client = facts.client.or_else(|| nobody(scim, &head));
    if let Some(client) = client {
        let status = response.status();
        let asked = Asked {
            duration_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            most_bytes: scim.options().max_kept_bytes,
            status: status.as_u16(),
            refused: response.extensions().get().cloned(),
            repaired: response.extensions().get().cloned().unwrap_or_default(),
            body: facts.body.unwrap_or_default(),
            deeds: facts.deeds,
            connection: client.connection,
            credential: client.credential,
            head,
        };
        let who = (client.connection, asked.status >= 400);
        let (gateway, weight) = (scim.gateway(), asked.body.len());
        let finish = move |stamp| asked.exchange(stamp);
        gateway
            .exchanges()
            .note(gateway, &client.tenant, who, weight, finish);
    }
    response
}

/// Nobody in particular, in the tenant that the path names.
fn nobody(scim: &Scim, head: &Parts) -> Option<Client> {
    // Who comes without credentials, to look at what there is, need not be told of.
    head.headers.get(AUTHORIZATION)?;
    let name = head.uri.path().split('/').nth(2)?;
    Some(Client {
        tenant: scim.gateway().tenant(name).ok()?,
        connection: None,
        credential: None,
    })
}

fn text(headers: &HeaderMap, name: &axum::http::HeaderName) -> Option<String> {
    let value = headers.get(name)?.as_bytes();
    Some(String::from_utf8_lossy(value).into_owned())
}

/// Everything about an exchange, as it was.
struct Asked {
    head: Arc<Parts>,
    connection: Option<Id>,
    credential: Option<(Id, String)>,
    body: Bytes,
    most_bytes: usize,
    status: u16,
    refused: Option<Refused>,
    repaired: Repaired,
    deeds: Deeds,
    duration_us: u64,
}

impl Asked {
    /// What is kept of it.
    fn exchange(self, stamp: Stamp) -> Exchange {
        let Parts { headers, uri, .. } = &*self.head;
        let peer: Option<&PeerAddr> = self.head.extensions.get();
        let presented = text(headers, &AUTHORIZATION).unwrap_or_default();
        let mut redacted = Redacted::new(&presented);
        let target = uri.path_and_query().map_or("", |target| target.as_str());
        let target = redacted.target(target);
        let body = self.kept_body(&mut redacted);
        let suggested = self.repaired.suggested;
        let suggested = suggested.filter(|kind| self.repaired.kind.is_some_and(|own| own != *kind));
        let ignored = self.repaired.ignored;
        let refused = self.refused;
        let (credential, label) = self.credential.unzip();
        Exchange {
            id: stamp.id,
            at: stamp.at,
            connection: self.connection,
            credential,
            label: label.unwrap_or_default(),
            address: peer.map(|PeerAddr(address)| address.ip()),
            method: SmolStr::new(self.head.method.as_str()),
            target,
            condition: text(headers, &IF_MATCH).map(|text| redacted.text(text)),
            body,
            repairs: self.repaired.repairs.into_iter().map(Into::into).collect(),
            ignored: ignored
                .into_iter()
                .map(|name| redacted.text(name))
                .collect(),
            suggested: suggested.map(|kind| SmolStr::new_static(kind.as_str())),
            deeds: redacted.deeds(self.deeds.take()),
            status: self.status,
            scim_type: refused.as_ref().and_then(|it| it.scim_type).map(Into::into),
            detail: refused.map(|refused| redacted.text(refused.detail)),
            duration_us: self.duration_us,
            skipped: stamp.skipped,
        }
    }

    fn kept_body(&self, redacted: &mut Redacted) -> SentBody {
        if self.body.is_empty() {
            return SentBody::None;
        }
        let left = SentBody::Left {
            length: u64::try_from(self.body.len()).unwrap_or(u64::MAX),
        };
        let is_short = self.body.len() <= self.most_bytes;
        // A text that nobody will see is looked through where an answer may repeat of it.
        if !is_short && self.refused.is_none() {
            return left;
        }
        match redacted.body(&self.body) {
            Some((text, redacted)) if is_short => SentBody::Json { text, redacted },
            _ => left,
        }
    }
}
