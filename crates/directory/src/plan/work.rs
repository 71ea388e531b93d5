//! About how much work a command is.

use jackfield_model::path::{PatchKind, PatchOp};
use jackfield_model::schema::attr;
use jackfield_model::{Id, Kind};

use super::members::named_by;
use super::{Command, RoleCommand};
use crate::snapshot::Snapshot;

impl Command {
    /// About how many values, members and records planning this goes through: for deciding on
    /// which thread, and for nothing else.
    pub fn work(&self, snapshot: &Snapshot) -> usize {
        match self {
            Self::Create { attributes, .. } => attributes.values(attr::MEMBERS).len(),
            // Who is within changes roles if a mapping rule goes by the name.
            Self::Replace { id, attributes, .. } => {
                attributes.values(attr::MEMBERS).len() + snapshot.reach(*id)
            }
            Self::Patch { id, ops, .. } => ops.iter().map(|op| of_op(snapshot, *id, op)).sum(),
            Self::Delete { id, .. } => snapshot.reach(*id),
            Self::Declare(_) => snapshot.len(Kind::User),
            // Who holds it may have another role that ranks above it now.
            Self::Role(RoleCommand::Edit { key, .. } | RoleCommand::Delete { key, .. }) => snapshot
                .role_record(key.as_str())
                .map_or(1, |role| snapshot.reach(role.id)),
            Self::Role(_)
            | Self::Suspend(_)
            | Self::AddCredential(_)
            | Self::RemoveCredential(_)
            | Self::RenewCredential { .. }
            | Self::Hold(_)
            | Self::Release(_) => 1,
        }
    }
}

fn of_op(snapshot: &Snapshot, group: Id, op: &PatchOp) -> usize {
    let is_whole = match op.kind {
        PatchKind::Add => false,
        PatchKind::Replace => true,
        PatchKind::Remove => op.values.is_empty(),
    };
    let is_walked = |filter| named_by(filter).is_none();
    let is_whole = op.path.filter.as_ref().map_or(is_whole, is_walked);
    let is_name = matches!(op.path.attr, attr::DISPLAY_NAME | attr::EXTERNAL_ID);
    let current = match is_name || (op.path.attr == attr::MEMBERS && is_whole) {
        true => snapshot.reach(group),
        false => 0,
    };
    op.values.len() + current
}

impl Snapshot {
    /// About how many others a record leads to: its members or holders; of a connection, whatever
    /// is linked to it.
    fn reach(&self, id: Id) -> usize {
        let Some(record) = self.record(id) else {
            return 0;
        };
        match record.kind {
            Kind::Role => self.holder_count(record),
            Kind::Connection => self.len(Kind::User) + self.len(Kind::Group),
            _ => self.member_edges().count(record.number.0),
        }
    }
}
