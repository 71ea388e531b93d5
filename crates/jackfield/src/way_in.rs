//! Access to a tenant, for a start: a connection that may do everything, and an account that reads
//! everything.

use anyhow::Result;
use jackfield_gateway::Session;
use jackfield_gateway::administer::{Made, NewConnection, NewCredential};
use jackfield_model::Id;

/// What was made.
pub(crate) struct WayIn {
    /// A token of the connection.
    pub(crate) token: Made,
    /// The account.
    pub(crate) service: Id,
    /// The account's password.
    pub(crate) secret: Made,
}

/// Makes a connection and an account of this name, if they are not there, and new secrets of theirs.
pub(crate) async fn make(operator: &Session, name: &str) -> Result<WayIn> {
    let new = NewConnection {
        name,
        kind: None,
        ceiling: Some("full"),
        takes_passwords: Some(true),
        requires_versions: None,
    };
    let connection = operator.ensure_connection(new).await?;
    let new = NewCredential {
        label: name,
        ..NewCredential::default()
    };
    let token = operator.make_token(connection, new).await?;
    let service = operator.ensure_service(name, &["all"]).await?;
    let secret = operator.make_secret(service, name).await?;
    Ok(WayIn {
        token,
        service,
        secret,
    })
}
