//! What accounts and connections log in by, and the tokens of users: made, with a secret that is shown
//! once, and revoked.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::access::ApiScope;
use jackfield_gateway::administer::{
    self, CredentialInfo, Made, NewCredential as Limits, SecretLimits, network,
};
use jackfield_gateway::api_token::NewApiToken;
use jackfield_gateway::{Error as Refusal, Session};
use jackfield_model::{Id, Kind, Timestamp, Trust, TrustedKeys};

use super::records::{one, seen};
use crate::body::{self, Body};
use crate::call::Call;
use crate::endpoint::{Endpoints, Operation};
use crate::error::Error;
use crate::page::Wanted;
use crate::shape::credential::{Credential, MadeCredential, NewCredential, NewKind, NewTrust};
use crate::shape::page::{Page, PageQuery};

/// Who logs in by credentials: records of one kind, and how the endpoints of theirs are called.
#[derive(Clone, Copy)]
pub(super) struct Holder {
    pub(super) kind: Kind,
    /// What it takes to read credentials, and to make and end them.
    pub(super) scopes: [ApiScope; 2],
    /// The paths of all credentials of a holder, and of one.
    pub(super) paths: [&'static str; 2],
    /// The names in programs of list, create and revoke.
    pub(super) ids: [&'static str; 3],
}

/// The holders of a kind, by their path and their name in programs.
macro_rules! holder {
    ($kind:expr, $scopes:expr, $path:literal, $one:literal) => {
        $crate::v1::credentials::Holder {
            kind: $kind,
            scopes: $scopes,
            paths: [
                concat!("/", $path, "/{id}/credentials"),
                concat!("/", $path, "/{id}/credentials/{credential}"),
            ],
            ids: [
                concat!("list", $one, "Credentials"),
                concat!("create", $one, "Credential"),
                concat!("revoke", $one, "Credential"),
            ],
        }
    };
}
pub(super) use holder;

/// The endpoints of the credentials of such holders.
pub(super) fn endpoints(holder: Holder) -> Endpoints {
    let Holder {
        kind,
        scopes: [read, write],
        paths: [all, one],
        ids: [listing, making, revoking],
    } = holder;
    Endpoints::default()
        .with(
            Operation::get(all, listing, "List what it logs in by, without secrets.")
                .scope(read)
                .query::<PageQuery>()
                .answers::<Page<Credential>>(200),
            move |call| list(kind, call),
        )
        .with(
            Operation::post(
                all,
                making,
                "Make a credential; its secret is shown this once.",
            )
            .scope(write)
            .body::<NewCredential>()
            .answers::<MadeCredential>(201),
            move |call, body| create(kind, call, body),
        )
        .with(
            Operation::delete(one, revoking, "End a credential at once.").scope(write),
            move |call| revoke(kind, call),
        )
}

async fn list(kind: Kind, call: Call) -> Result<Response, Error> {
    let wanted = Wanted::of(&call, &call.query()?)?;
    let reader = seen(call.session.read_own_writes().await?, kind)?;
    let id = one(&reader, kind, call.id()?)?.record().id;
    if kind == Kind::User {
        call.session.ask_for_tokens_of(id)?;
    }
    let all = reader.credentials(id).into_iter().map(shown).collect();
    let page = wanted.cut(&call, all)?;
    body::json(StatusCode::OK, &page)
}

async fn create(kind: Kind, call: Call, Body(new): Body<NewCredential>) -> Result<Response, Error> {
    let holder = call.id()?;
    one(&seen(call.session.read()?, kind)?, kind, holder)?;
    let (id, secret) = make(&call.session, kind, holder, new).await?;
    let all = call.session.read()?.credentials(holder);
    let info = all.into_iter().find(|info| info.id == id);
    let credential = shown(info.ok_or(Refusal::Unavailable)?);
    let body = MadeCredential { credential, secret };
    body::json(StatusCode::CREATED, &body)
}

async fn revoke(kind: Kind, call: Call) -> Result<StatusCode, Error> {
    let holder = call.id()?;
    let reader = seen(call.session.read_own_writes().await?, kind)?;
    one(&reader, kind, holder)?;
    let named = call.part("credential");
    let known = reader.credentials(holder).into_iter().map(|info| info.id);
    let id = Id::parse(named).filter(|id| known.into_iter().any(|known| known == *id));
    let id = id.ok_or_else(|| Refusal::not_found(format_args!("the credential {named:?}")))?;
    call.session.revoke(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was made, and its secret if it has one.
async fn make(
    session: &Session,
    kind: Kind,
    holder: Id,
    new: NewCredential,
) -> Result<(Id, Option<String>), Error> {
    check(kind, &new)?;
    let networks: Result<Vec<_>, Error> = new.networks.iter().map(|it| of_network(it)).collect();
    let networks = networks?;
    let expires = new.expires.as_deref().map(moment).transpose()?;
    let shown = |made: Made| (made.id, Some(made.text.to_string()));
    let limits = Limits {
        label: &new.label,
        scopes: &new.scopes,
        ceiling: new.ceiling.as_deref(),
        networks: &networks,
        expires,
    };
    Ok(match (kind, new.kind) {
        (Kind::Connection, NewKind::Token) => shown(session.make_token(holder, limits).await?),
        (Kind::Connection, NewKind::Secret) => {
            shown(session.make_client_secret(holder, limits).await?)
        }
        (Kind::Connection, NewKind::Trust) => {
            let trust = trust(session, holder, new.trust)?;
            (session.add_trust(holder, trust, limits).await?, None)
        }
        (_, NewKind::Token) => {
            let token = NewApiToken {
                label: &new.label,
                scopes: &new.scopes,
                networks: &networks,
                expires,
            };
            shown(session.make_api_token(holder, token).await?)
        }
        (_, NewKind::Secret | NewKind::Trust) => {
            let limits = SecretLimits {
                networks: Some(&networks),
                expires: Some(expires),
            };
            let made = session.make_limited_secret(holder, &new.label, &limits);
            shown(made.await?)
        }
    })
}

/// Refuses what such a holder does not have, and what is said though it does not matter.
fn check(kind: Kind, new: &NewCredential) -> Result<(), Error> {
    let is_connection = kind == Kind::Connection;
    let has_it = match new.kind {
        NewKind::Token => kind != Kind::Device,
        NewKind::Secret => kind != Kind::User,
        NewKind::Trust => is_connection,
    };
    let wrong = match new {
        _ if !has_it => ("kind", format!("a {} has none of this kind", kind.name())),
        new if new.ceiling.is_some() && !is_connection => {
            ("ceiling", "it is for connections".to_owned())
        }
        new if !(new.scopes.is_empty() || is_connection || new.kind == NewKind::Token) => {
            let problem = "such a secret is for all that its account may do";
            ("scopes", problem.to_owned())
        }
        new if new.trust.is_some() != (new.kind == NewKind::Trust) => {
            ("trust", "it goes with the kind trust".to_owned())
        }
        _ => return Ok(()),
    };
    Err(Refusal::invalid_value(wrong.0, wrong.1).into())
}

fn of_network(text: &str) -> Result<administer::IpNet, Error> {
    let problem = |expected| format!("{text:?} is not {expected}");
    Ok(network(text).map_err(|expected| Refusal::invalid_value("networks", problem(expected)))?)
}

fn moment(text: &str) -> Result<Timestamp, Error> {
    let problem = "a moment such as 2027-11-22T00:00:00Z was expected";
    let at = Timestamp::parse_rfc3339(text);
    Ok(at.ok_or_else(|| Refusal::invalid_value("expires", problem))?)
}

fn trust(session: &Session, connection: Id, new: Option<NewTrust>) -> Result<Trust, Error> {
    let invalid = |problem| Refusal::invalid_value("trust", problem);
    let new = new.ok_or_else(|| invalid("it is required"))?;
    let keys = match (new.jwks, new.jwks_url) {
        (Some(set), None) => {
            TrustedKeys::Document(serde_json::to_string(&set).map_err(|_| Refusal::Internal)?)
        }
        (None, Some(url)) => TrustedKeys::Url(url),
        _ => return Err(invalid("either jwks or jwksUrl was expected").into()),
    };
    let (issuer, subject) = (new.issuer.as_deref(), new.subject.as_deref());
    Ok(session.trust(connection, issuer, subject, &new.audiences, keys))
}

fn shown(info: CredentialInfo) -> Credential {
    Credential {
        id: info.id.to_string(),
        kind: info.kind.name(),
        label: info.label,
        scopes: info.scopes,
        ceiling: info.ceiling,
        networks: info.networks,
        created: info.created.to_rfc3339(),
        expires: info.expires.map(Timestamp::to_rfc3339),
        last_used: info.last_used.map(Timestamp::to_rfc3339),
    }
}
