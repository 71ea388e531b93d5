//! What the operator oversees of connections: which are held, and whom they wait for.

use jackfield_directory::Command;
use jackfield_model::{Id, Kind, Timestamp};

use crate::error::Error;
use crate::session::Session;

/// A connection that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldConnection {
    /// Its name.
    pub connection: String,
    /// Since when.
    pub since: Timestamp,
    /// How many active users it has.
    pub users: u32,
    /// How many it had before it was held.
    pub before: u32,
}

/// A member that a connection named and that is not there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMember {
    /// The group's name.
    pub group: String,
    /// The connection's name.
    pub connection: String,
    /// What the connection calls the member.
    pub member: String,
}

impl Session {
    /// The connections that are held.
    pub fn held_connections(&self) -> Vec<HeldConnection> {
        let snapshot = self.snapshot();
        let held = |connection: &jackfield_model::Record| {
            let watch = snapshot.watch(connection);
            let users = snapshot.active_users_of(connection.id);
            Some(HeldConnection {
                connection: connection.login().unwrap_or_default().to_owned(),
                since: watch.held?,
                users,
                before: watch.height().unwrap_or(users),
            })
        };
        let all = snapshot.all_of(Kind::Connection);
        all.filter_map(|connection| held(connection)).collect()
    }

    /// Lets a connection that is held go on; says whether it was held.
    ///
    /// # Errors
    /// What stands in its way.
    pub async fn release(&self, connection: Id) -> Result<bool, Error> {
        let written = self.write(Command::Release(connection)).await?;
        Ok(written.changed)
    }

    /// The members that are not there yet, of all groups.
    pub fn pending_members(&self) -> Vec<PendingMember> {
        let snapshot = self.snapshot();
        let name = |id| {
            let record = snapshot.record(id);
            record.map(|record| record.common_name().to_string())
        };
        let pending = snapshot.pending().map(|pending| PendingMember {
            group: name(pending.group).unwrap_or_default(),
            connection: name(pending.connection).unwrap_or_default(),
            member: pending.name.to_string(),
        });
        pending.collect()
    }
}
