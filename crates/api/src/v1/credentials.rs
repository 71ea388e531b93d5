//! What accounts and connections log in by: made, with a secret that is shown once, and revoked.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::administer::{
    self, CredentialInfo, Made, NewCredential as Limits, SecretLimits, network,
};
use jackfield_gateway::api_token::NewApiToken;
use jackfield_gateway::{Error as Refusal, Session};
use jackfield_model::{Id, Kind, Timestamp, Trust, TrustedKeys};

use super::records::{Area, one, seen};
use crate::body::{self, Body};
use crate::call::Call;
use crate::endpoint::{Endpoints, Operation};
use crate::error::Error;
use crate::page::Wanted;
use crate::shape::credential::{Credential, MadeCredential, NewCredential, NewKind, NewTrust};
use crate::shape::page::{Page, PageQuery};

/// An area whose records log in by credentials.
pub(super) trait Holder: Area {
    /// The paths of all credentials of a holder, and of one.
    const PATHS: [&'static str; 2];
    /// The names in programs of list, create and revoke.
    const IDS: [&'static str; 3];
}

/// The names of a holder by its path and its name in programs.
macro_rules! holder {
    ($area:ty, $path:literal, $one:literal) => {
        impl $crate::v1::credentials::Holder for $area {
            const PATHS: [&'static str; 2] = [
                concat!("/", $path, "/{id}/credentials"),
                concat!("/", $path, "/{id}/credentials/{credential}"),
            ];
            const IDS: [&'static str; 3] = [
                concat!("list", $one, "Credentials"),
                concat!("create", $one, "Credential"),
                concat!("revoke", $one, "Credential"),
            ];
        }
    };
}
pub(super) use holder;

/// The endpoints of the credentials of an area's records.
pub(super) fn endpoints<A: Holder>() -> Endpoints {
    let [read, write] = A::SCOPES;
    let ([all, one], [listing, making, revoking]) = (A::PATHS, A::IDS);
    Endpoints::default()
        .with(
            Operation::get(all, listing, "List what it logs in by, without secrets.")
                .scope(read)
                .query::<PageQuery>()
                .answers::<Page<Credential>>(200),
            list::<A>,
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
            create::<A>,
        )
        .with(
            Operation::delete(one, revoking, "End a credential at once.").scope(write),
            revoke::<A>,
        )
}

async fn list<A: Holder>(call: Call) -> Result<Response, Error> {
    let wanted = Wanted::of(&call, &call.query()?)?;
    let reader = seen::<A>(call.session.read_own_writes().await?)?;
    let id = one::<A>(&reader, call.id()?)?.record().id;
    let all = reader.credentials(id).into_iter().map(shown).collect();
    let page = wanted.cut(&call, all)?;
    body::json(StatusCode::OK, &page)
}

async fn create<A: Holder>(call: Call, Body(new): Body<NewCredential>) -> Result<Response, Error> {
    let holder = call.id()?;
    one::<A>(&seen::<A>(call.session.read()?)?, holder)?;
    let (id, secret) = make(&call.session, A::KIND, holder, new).await?;
    let all = call.session.read()?.credentials(holder);
    let info = all.into_iter().find(|info| info.id == id);
    let credential = shown(info.ok_or(Refusal::Unavailable)?);
    let body = MadeCredential { credential, secret };
    body::json(StatusCode::CREATED, &body)
}

async fn revoke<A: Holder>(call: Call) -> Result<StatusCode, Error> {
    let holder = call.id()?;
    let reader = seen::<A>(call.session.read_own_writes().await?)?;
    one::<A>(&reader, holder)?;
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
        NewKind::Token => is_connection || kind == Kind::Service,
        NewKind::Secret => true,
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
