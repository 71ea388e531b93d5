//! The driver's errors in the store's words.

use jackfield_store::Error;
use jackfield_store::sql::Fault;
use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::migrate::MigrateError;

/// Why a statement failed.
pub(crate) fn statement_failed(error: sqlx::Error) -> Fault {
    match error.as_database_error().map(DatabaseError::kind) {
        Some(ErrorKind::UniqueViolation) => Fault::Taken,
        Some(ErrorKind::ForeignKeyViolation) => Fault::Orphan,
        _ => Fault::Other(unavailable(error)),
    }
}

/// Why the database could not be used; nothing was written.
pub(crate) fn unavailable(error: sqlx::Error) -> Error {
    let text = error.to_string();
    match error {
        sqlx::Error::Database(error) if is_sound(&*error) => Error::Unavailable(text),
        sqlx::Error::Configuration(_)
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => Error::Unavailable(text),
        _ => Error::Corrupt(text),
    }
}

/// Whether another process was in the way.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| primary_code(error) == BUSY)
}

/// Why a commit failed. A busy or full database took it back; after any other error, such as a
/// write that failed on the way to the disk, only looking tells.
pub(crate) fn commit_failed(error: &sqlx::Error) -> Error {
    match error.as_database_error().map(primary_code) {
        Some(BUSY | FULL) => Error::Unavailable(error.to_string()),
        _ => Error::Unknown(error.to_string()),
    }
}

/// Why the tables could not be brought up to date.
pub(crate) fn migration_failed(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            unavailable(error)
        }
        other => Error::Corrupt(other.to_string()),
    }
}

// Primary result codes, https://www.sqlite.org/rescode.html
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const NO_MEMORY: i32 = 7;
const READ_ONLY: i32 = 8;
const INTERRUPTED: i32 = 9;
const IO_ERROR: i32 = 10;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const NO_PERMISSION: i32 = 23;

/// Whether what the database holds is in order, and only its use failed.
fn is_sound(error: &dyn DatabaseError) -> bool {
    matches!(
        primary_code(error),
        BUSY | LOCKED
            | NO_MEMORY
            | READ_ONLY
            | INTERRUPTED
            | IO_ERROR
            | FULL
            | CANNOT_OPEN
            | NO_PERMISSION
    )
}

/// The result code without its extension, which is in the upper bytes.
fn primary_code(error: &dyn DatabaseError) -> i32 {
    error
        .code()
        .and_then(|code| code.parse::<i32>().ok())
        .unwrap_or_default()
        & 0xff
}
