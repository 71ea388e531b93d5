//! Removing a record, with everything that relates it to others.

use std::sync::Arc;

use jackfield_access::{Deed, Denial};
use jackfield_model::{Change, Edge, EdgeKind, Grant, Id, Kind, Link, Record};

use super::authority::Care;
use super::draft::Draft;
use super::members::Membership;
use super::{Refusal, action};

pub(super) fn delete(draft: &mut Draft<'_>, record: &Arc<Record>) -> Result<(), Refusal> {
    if record.kind == Kind::Role {
        let why = "a role is deleted where it is defined: in the catalogue or the tenant's file";
        return Err(Refusal::Forbidden(Denial::by("declared", why)));
    }
    if !draft.writes_attributes(record.id) || draft.has_heir(record.id) {
        return unlink(draft, record);
    }
    match record.kind {
        Kind::User => {
            draft.decide_user(Deed::Delete, record)?;
            draft.count_loss(record)?;
        }
        kind => {
            draft.require_for(kind, Care::Delete)?;
            // It is taken from them.
            for (holder, _) in draft.snapshot.holders_of_place(record) {
                draft.decide_user(Deed::Edit, holder)?;
            }
        }
    }
    draft.tell(action::delete(record.kind), Some(record), Vec::new());
    remove(draft, record)
}

/// Removes the record and its edges, grants, links and credentials. What a connection owned is the
/// heir's, if it has one; the roles that it gave stay until somebody takes them.
pub(super) fn remove(draft: &mut Draft<'_>, record: &Arc<Record>) -> Result<(), Refusal> {
    let related = related(draft, record);
    let mut changes = edges(draft, record);
    let snapshot = &draft.snapshot;
    for (role, sources) in snapshot.grants_of(record) {
        let grant = |source| Grant {
            user: record.id,
            role: role.id,
            source,
        };
        changes.extend(sources.iter().cloned().map(grant).map(Change::Revoke));
    }
    for link in snapshot.links().of(record.id) {
        changes.push(Change::RemoveLink {
            record: link.record,
            connection: link.connection,
        });
    }
    if record.kind == Kind::Connection {
        // Nothing else is linked to.
        for linked in snapshot.links().to(record.id) {
            changes.push(Change::RemoveLink {
                record: linked,
                connection: record.id,
            });
            changes.extend(draft.inherited(linked, record.id));
        }
    }
    changes.extend(draft.expected_with(record));
    for credential in snapshot.credentials_of(record.id) {
        changes.push(Change::RemoveCredential(credential.id));
    }
    changes.push(Change::DeleteRecord(record.id));
    draft.push_all(changes)?;
    related.into_iter().try_for_each(|other| draft.touch(other))
}

/// The records that look different once this one is gone: its groups, the roles granted to it, and
/// whoever holds it.
fn related(draft: &Draft<'_>, record: &Record) -> Vec<Id> {
    let snapshot = &draft.snapshot;
    let holders = snapshot.holders_of_place(record);
    let groups = snapshot.origins(EdgeKind::Member, record);
    let edges = groups.iter().chain(&holders);
    let roles = snapshot.grants_of(record).map(|(role, _)| role.id);
    edges.map(|(other, _)| other.id).chain(roles).collect()
}

/// Leaves to the others what a connection shares with them: its name for the record goes, what it
/// gave, and the record's place in its groups. If it owned the record, the heir does from now on.
fn unlink(draft: &mut Draft<'_>, record: &Arc<Record>) -> Result<(), Refusal> {
    draft.drop_own_grants(record)?;
    let Some(connection) = draft.connection() else {
        return Ok(());
    };
    let groups = draft.snapshot.origins(EdgeKind::Member, record);
    let own: Vec<Arc<Record>> = groups
        .into_iter()
        .filter(|(group, _)| draft.snapshot.links().owner(group.id) == Some(connection))
        .map(|(group, _)| Arc::clone(group))
        .collect();
    for group in own {
        let change = Membership {
            remove: vec![record.number.0],
            ..Membership::default()
        };
        draft.change_members(&group, change)?;
    }
    if let Some(link) = draft.snapshot.links().get(record.id, connection) {
        let had_name = link.external_id.is_some();
        let removed = Change::RemoveLink {
            record: record.id,
            connection,
        };
        let inherited = draft.inherited(record.id, connection);
        draft.push_all([removed].into_iter().chain(inherited).collect())?;
        if had_name {
            draft.touch(record.id)?;
        }
        draft.tell("record.unlink", Some(record), Vec::new());
    }
    Ok(())
}

impl Draft<'_> {
    /// Whether the acting connection owns the record and others are linked to it.
    fn has_heir(&self, record: Id) -> bool {
        let connection = self.connection();
        connection.is_some_and(|connection| self.inherited(record, connection).is_some())
    }

    /// The link that owns the record once this connection, which does now, does not any more: of
    /// those that are left, the one to the eldest connection.
    fn inherited(&self, record: Id, connection: Id) -> Option<Change> {
        let links = self.snapshot.links();
        if links.owner(record) != Some(connection) {
            return None;
        }
        let left = links
            .of(record)
            .filter(|link| link.connection != connection);
        let heir = left.min_by_key(|link| self.snapshot.number_of(link.connection))?;
        Some(Change::PutLink(Link {
            owner: true,
            ..(**heir).clone()
        }))
    }
}

fn edges(draft: &Draft<'_>, record: &Record) -> Vec<Change> {
    let mut changes = Vec::new();
    for kind in [EdgeKind::Member, EdgeKind::Extension, EdgeKind::Desk] {
        for (to, primary) in draft.snapshot.targets(kind, record) {
            changes.push(Change::RemoveEdge(Edge {
                kind,
                from: record.id,
                to: to.id,
                primary,
            }));
        }
        for (from, primary) in draft.snapshot.origins(kind, record) {
            changes.push(Change::RemoveEdge(Edge {
                kind,
                from: from.id,
                to: record.id,
                primary,
            }));
        }
    }
    changes
}
