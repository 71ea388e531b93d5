//! `/Me` (RFC 7644 §3.11): the user that a person is, for the person.
//!
//! People log in as at the HTTP API, by a token of theirs or by name and password; but for discovery no
//! other endpoint takes these. What a person may do to the own user is what the tenant's role system says.

use jackfield_gateway::access::{ApiScope, Denial};
use jackfield_gateway::{ClientId, Error as Refusal, Session, Shown};
use jackfield_model::Principal;

use crate::call::{self, Call, Incoming};
use crate::error::Error;

/// A request of a person, as one about the own user.
pub(crate) async fn call(incoming: &Incoming) -> Result<Call, Error> {
    let session = login(incoming).await?;
    let Principal::Person(person) = session.principal() else {
        let why = "The client acts for nobody: /Me is for people.";
        return Err(Refusal::Forbidden(Denial::by("me", why)).into());
    };
    session.require(ApiScope::UsersRead)?;
    if session.must_change_password() {
        let why = "The password is a temporary one and has to be changed first.";
        return Err(Refusal::Forbidden(Denial::by("must_change_password", why)).into());
    }
    Call::by(session, incoming, Some(person.to_string()))
}

/// The session of a person, or of a client of any kind.
pub(crate) async fn login(incoming: &Incoming) -> Result<Session, Error> {
    let Incoming {
        head: parts,
        tenant,
        ..
    } = incoming;
    let (gateway, origin) = (incoming.scim.gateway(), call::origin(parts));
    let session = match call::shown(parts)? {
        Shown::Bearer(token) if gateway.is_of_connection(tenant, token) => {
            call::login(incoming).await?
        }
        Shown::Basic(pair) if is_client(&pair) => call::login(incoming).await?,
        Shown::Bearer(token) => {
            let session = gateway.authenticate_api_token(tenant, token, origin);
            session.await?
        }
        Shown::Basic(pair) => {
            let over_tls = call::is_over_tls(parts);
            let session = gateway.authenticate_person(tenant, &pair, over_tls, origin);
            session.await?
        }
    };
    Ok(session)
}

/// Whether the name is a client's id, and no person's.
fn is_client(pair: &str) -> bool {
    let name = pair.split_once(':').map(|(name, _)| name);
    name.is_some_and(|name| name.parse::<ClientId>().is_ok())
}
