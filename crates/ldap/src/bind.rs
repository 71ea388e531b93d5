//! Bind (RFC 4511 §4.2, RFC 4513 §5).

use jackfield_gateway::{Bind, Session, Tenant};

use crate::client::Client;
use crate::controls::Controls;
use crate::ended::{Ended, Outcome, outcome};
use crate::schema::Schema;
use crate::wire::request::{Authentication, BindRequest};
use crate::wire::{Frame, Limits, Request};
use crate::{Error, sasl};

/// Authenticates the client.
///
/// The caller has made it anonymous already, and leaves it so if this fails (RFC 4513 §4).
pub(crate) async fn bind(client: Client, frame: Frame, limits: Limits) -> Outcome {
    let request = match Request::decode(&frame, &limits) {
        Ok(Request::Bind(request)) => Ok(request),
        Ok(_) => Err(Error::AuthenticationMethod),
        Err(error) => Err(error.into()),
    };
    let is_version_2 = request.as_ref().is_ok_and(|request| request.version == 2);
    let controls = match is_version_2 {
        true => Ok(Controls::default()),
        false => Controls::read(&frame, &Schema::default()),
    };
    let controls = match controls {
        Ok(controls) => controls,
        Err(error) => return (Err(error), None),
    };
    let session = match request {
        Ok(request) => authenticate(&client, &request).await,
        Err(error) => Err(error),
    };
    let ended = session.map(|session| Ended {
        session,
        is_version_2,
        ..Ended::default()
    });
    outcome(ended, controls.password_policy)
}

/// Whom the client is from now on; nobody yet, where only its next requests tell of which tenant.
async fn authenticate(
    client: &Client,
    request: &BindRequest<'_>,
) -> Result<Option<Session>, Error> {
    if !matches!(request.version, 2 | 3) {
        return Err(Error::Version(request.version));
    }
    // Version 2 (RFC 1777) where the tenant has phones that know no other.
    let speaks = |tenant: &Tenant| request.version == 3 || tenant.settings().ldap_version_2;
    if request.name.is_empty() && !client.nameable().any(|tenant| speaks(&tenant)) {
        return Err(Error::Version(request.version));
    }
    let session = match request.authentication {
        Authentication::Simple(b"") if request.name.is_empty() => {
            return anonymous(client, speaks);
        }
        Authentication::Simple(password) => simple(client, request, password).await,
        Authentication::Sasl {
            mechanism,
            credentials,
        } if request.version == 3 => sasl::authenticate(client, mechanism, credentials).await,
        Authentication::Sasl { .. } | Authentication::Other(_) => Err(Error::AuthenticationMethod),
    }?;
    if !speaks(session.tenant()) {
        return Err(Error::Version(request.version));
    }
    Ok(Some(session))
}

async fn simple(
    client: &Client,
    request: &BindRequest<'_>,
    password: &[u8],
) -> Result<Session, Error> {
    let listener_tenant = client.listener_tenant()?;
    let bind = Bind {
        name: request.name,
        password,
        listener_tenant: listener_tenant.as_ref(),
        served: &client.ldap.options.tenants,
        secure: client.is_secure(),
        origin: client.origin.clone(),
    };
    Ok(client.ldap.gateway.bind(bind).await?)
}

/// RFC 4513 §5.1.1: only where the listener and a tenant let anybody read the phone book. Which of
/// several tenants is meant each search says, as before any bind (§4).
fn anonymous(client: &Client, speaks: impl Fn(&Tenant) -> bool) -> Result<Option<Session>, Error> {
    let mut open = client.nameable().filter(speaks).filter_map(|tenant| {
        let session = client.nobody(&tenant).ok()?;
        session.read().is_ok().then_some(session)
    });
    let session = open.next().ok_or(Error::AnonymousBind)?;
    Ok(client.shown_tenant().map(|_| session))
}
