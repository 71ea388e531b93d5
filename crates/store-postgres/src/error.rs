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
        sqlx::Error::Database(error) if is_senseless(&*error) => Error::Corrupt(text),
        sqlx::Error::Database(_)
        | sqlx::Error::Configuration(_)
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

/// Why a commit failed. An answer of the server says that it was taken back, unless the server
/// ended the session; when the connection was lost, only looking tells.
pub(crate) fn commit_failed(error: sqlx::Error) -> Error {
    match error
        .as_database_error()
        .map(|error| in_class(error, SESSION_ENDED))
    {
        Some(false) => unavailable(error),
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

// SQLSTATE classes, https://www.postgresql.org/docs/current/errcodes-appendix.html

/// Connection exception, operator intervention, system error.
const SESSION_ENDED: &[&str] = &["08", "57", "58"];

/// Data exception, integrity constraint violation, syntax error or unknown table, internal error.
const SENSELESS: &[&str] = &["22", "23", "42", "XX"];

/// Permission denied, the one of class 42 that does not speak of the tables' form.
const NO_PERMISSION: &str = "42501";

/// Whether the tables are not what this version takes them for.
fn is_senseless(error: &dyn DatabaseError) -> bool {
    in_class(error, SENSELESS) && error.code().as_deref() != Some(NO_PERMISSION)
}

fn in_class(error: &dyn DatabaseError, classes: &[&str]) -> bool {
    error
        .code()
        .is_some_and(|code| classes.iter().any(|class| code.starts_with(class)))
}
