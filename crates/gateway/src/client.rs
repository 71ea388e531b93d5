//! Connections as clients of the token endpoint (RFC 6749 §2.2): their ids say where they are.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jackfield_directory::Snapshot;
use jackfield_model::{Id, Kind, Record, TenantName};

/// A client's id: the tenant and the connection, so that one endpoint serves all tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId {
    /// The tenant.
    pub tenant: TenantName,
    /// The connection's record.
    pub connection: Id,
}

/// The text is no client's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is no client's id")]
pub struct InvalidClientId;

impl ClientId {
    /// The connection, if it is there.
    pub(crate) fn record<'s>(&self, snapshot: &'s Snapshot) -> Option<&'s Arc<Record>> {
        let record = snapshot.record(self.connection);
        record.filter(|record| record.kind == Kind::Connection)
    }
}

impl FromStr for ClientId {
    type Err = InvalidClientId;

    fn from_str(text: &str) -> Result<Self, InvalidClientId> {
        let (tenant, connection) = text.split_once('.').ok_or(InvalidClientId)?;
        Ok(Self {
            tenant: tenant.parse().map_err(|_| InvalidClientId)?,
            connection: Id::parse(connection).ok_or(InvalidClientId)?,
        })
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.tenant, self.connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_reads_back() {
        let text = "acme.01930000-0000-7000-8000-000000000008";
        let id: ClientId = text.parse().unwrap();
        assert_eq!(id.tenant.as_str(), "acme");
        assert_eq!(id.to_string(), text);
        for other in [
            "",
            ".",
            "acme",
            "acme.",
            "acme.x",
            "ACME.01930000-0000-7000-8000-000000000008",
        ] {
            assert_eq!(other.parse::<ClientId>(), Err(InvalidClientId), "{other}");
        }
    }
}
