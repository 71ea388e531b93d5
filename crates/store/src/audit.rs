//! How audit entries are numbered and chained.

use jackfield_model::AuditEntry;

/// An audit entry as it is kept: numbered, and chained to the one before by a keyed hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its place in the tenant's log, from 1, without gaps.
    pub sequence: u64,
    /// The entry.
    pub entry: AuditEntry,
    /// The keyed hash over the one before and this entry.
    pub mac: [u8; 32],
}
