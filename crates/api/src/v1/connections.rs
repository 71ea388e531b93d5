//! Connections: provisioning clients, which push users and groups over SCIM.

use jackfield_gateway::access::ApiScope;
use jackfield_gateway::administer::NewConnection;
use jackfield_gateway::{Entry, Reader, Session};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Kind, Timestamp};

use super::credentials::{self, holder};
use super::project::Shown;
use super::records::{self, Area, Names, names};
use super::said::Said;
use crate::endpoint::Endpoints;
use crate::error::Error;
use crate::shape::account::{Connection, ConnectionBody};
use crate::shape::patch::Patch;

struct Connections;

pub(super) fn endpoints() -> Endpoints {
    let (kind, scopes) = (Connections::KIND, Connections::SCOPES);
    let holder = holder!(kind, scopes, "connections", "Connection");
    records::endpoints::<Connections>().and(credentials::endpoints(holder))
}

impl Area for Connections {
    const KIND: Kind = Kind::Connection;
    const NAMES: Names = names!(
        "connections",
        "Connection",
        "Connections",
        "a connection",
        "connections"
    );
    const SCOPES: [ApiScope; 2] = [ApiScope::AccountsRead, ApiScope::AccountsWrite];
    const NAME: &'static str = "name";
    const SEARCHED: &'static [AttrId] = &[attr::LOGIN];
    type Shown = Connection;
    type Said = ConnectionBody;

    fn shown(session: &Session, reader: &Reader, entry: Entry<'_>) -> Option<Connection> {
        let id = entry.record().id;
        let info = reader.connection(id, session.gateway().now())?;
        let [created, modified] = Shown(entry).times();
        Some(Connection {
            id: id.to_string(),
            name: info.name,
            kind: info.kind,
            ceiling: info.ceiling,
            takes_passwords: info.takes_passwords,
            requires_versions: info.requires_versions,
            client_id: session.client_id(id).to_string(),
            credentials: info.credentials,
            last_used: info.last_used.map(Timestamp::to_rfc3339),
            created,
            modified,
        })
    }

    /// The gateway checks what is said; `null` takes away what was said before.
    fn said(session: &Session, body: ConnectionBody) -> Result<Said, Error> {
        let mut cleared = Said::default();
        if body.ceiling == Patch::Clear {
            cleared.put(attr::CEILING, Vec::new());
        }
        if body.requires_versions == Patch::Clear {
            cleared.put(attr::REQUIRES_VERSIONS, Vec::new());
        }
        if body.takes_passwords == Patch::Clear {
            cleared.put(attr::TAKES_PASSWORDS, Vec::new());
        }
        let (kind, ceiling) = (body.kind, body.ceiling.value());
        let kind = match kind {
            Patch::Clear => Some("generic".to_owned()),
            kind => kind.value(),
        };
        let new = NewConnection {
            name: "",
            kind: kind.as_deref(),
            ceiling: ceiling.as_deref(),
            takes_passwords: body.takes_passwords.value(),
            requires_versions: body.requires_versions.value(),
        };
        let mut said = Said::from(session.connection_said(&new)?);
        said.append(cleared);
        said.say_texts([(attr::LOGIN, body.name)]);
        Ok(said)
    }
}
