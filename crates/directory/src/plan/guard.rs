//! The guard against accidents: a connection that would disable or delete too many of its users is
//! held until an operator releases it.
//!
//! A mistyped filter at the provider looks like a thousand people who left. What is refused is
//! answered so that providers ask again later; creating and editing go on.

use std::sync::Arc;

use jackfield_model::schema::attr;
use jackfield_model::{AuditChange, Change, Id, Kind, Record, Value, Watch};

use super::draft::Draft;
use super::{Refusal, action};
use crate::snapshot::Snapshot;

impl Snapshot {
    /// What the guard knows of a connection.
    pub fn watch(&self, connection: &Record) -> Watch {
        let text = connection.attributes.text(attr::GUARD);
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }
}

impl Draft<'_> {
    /// Counts that the acting connection disables or deletes one of its active users.
    pub(super) fn count_loss(&mut self, user: &Record) -> Result<(), Refusal> {
        let owner = self.snapshot.links().owner(user.id);
        let connection = self.connection().filter(|own| owner == Some(*own));
        let connection = connection.and_then(|id| self.snapshot.record(id)).cloned();
        let (Some(connection), true) = (connection, user.is_active()) else {
            return Ok(());
        };
        let before = self.snapshot.watch(&connection);
        let mut watch = before.clone();
        let active = self.snapshot.active_users_of(connection.id);
        let guard = self.snapshot.settings().guard;
        if watch.held.is_some() || watch.lose(&guard, active, self.ctx.now) {
            let connection = connection.login().unwrap_or_default().to_owned();
            return Err(Refusal::Held { connection });
        }
        match watch == before {
            true => Ok(()),
            false => self.put_watch(&connection, &watch),
        }
    }

    fn put_watch(&mut self, connection: &Record, watch: &Watch) -> Result<(), Refusal> {
        let text = serde_json::to_string(watch)
            .map_err(|error| crate::ApplyError::Catalogue(error.to_string()))?;
        let mut record = connection.clone();
        record.attributes.put(attr::GUARD, Value::Str(text.into()));
        record.modified = self.ctx.now;
        record.version = self.version();
        self.push(Change::PutRecord(Arc::new(record)))
    }

    fn guarded(&self, connection: Id) -> Result<Arc<Record>, Refusal> {
        self.require_operator()?;
        let record = self.snapshot.record(connection);
        let connection = record.filter(|record| record.kind == Kind::Connection);
        connection.cloned().ok_or(Refusal::NotFound("connection"))
    }
}

/// Holds a connection.
pub(super) fn hold(draft: &mut Draft<'_>, connection: Id) -> Result<(), Refusal> {
    let connection = draft.guarded(connection)?;
    let mut watch = draft.snapshot.watch(&connection);
    if watch.held.is_some() {
        return Ok(());
    }
    let active = draft.snapshot.active_users_of(connection.id);
    watch.lose(&draft.snapshot.settings().guard, active, draft.ctx.now);
    watch.held = Some(draft.ctx.now);
    draft.put_watch(&connection, &watch)?;
    let change = AuditChange {
        attribute: "users".into(),
        before: watch.height().map(|height| height.to_string()),
        after: Some(active.to_string()),
    };
    draft.tell(action::HOLD, Some(&connection), vec![change]);
    Ok(())
}

/// Releases a connection that is held.
pub(super) fn release(draft: &mut Draft<'_>, connection: Id) -> Result<(), Refusal> {
    let connection = draft.guarded(connection)?;
    let mut watch = draft.snapshot.watch(&connection);
    if watch.held.is_none() {
        return Ok(());
    }
    watch.release(&draft.snapshot.settings().guard, draft.ctx.now);
    draft.put_watch(&connection, &watch)?;
    draft.tell(action::RELEASE, Some(&connection), Vec::new());
    Ok(())
}
