//! What a store tells of its own accord.

use async_trait::async_trait;
use jackfield_model::{Revision, TenantId};

/// Something that another node committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A tenant reached a revision.
    Moved(TenantId, Revision),
    /// Hints may have been missed: look at every tenant.
    Missed,
}

/// The hints as they come. They are not complete: a poll of the revisions must run beside them.
#[async_trait]
pub trait Hints: Send {
    /// Waits for the next one.
    async fn next(&mut self) -> Hint;
}
