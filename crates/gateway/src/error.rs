//! What can go wrong, as one closed vocabulary.
//!
//! `ldap` and `scim` each map it totally, in one file, to result codes and to statuses. What a
//! variant prints is told to the client: it names rules and attributes, never secrets and never
//! what the client may not know. What is only for the log goes to the log where it happens.

use std::fmt;

use jackfield_access::password::Lack;
use jackfield_access::{Denial, NoSeat};

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No usable credentials came: none, unknown, wrong, expired, or from the wrong network. The
    /// client is never told which.
    #[error("the credentials are not valid")]
    InvalidCredentials,
    /// Wrong passwords for the account came too often from the client's network; nothing is checked
    /// for a while. It reads as if the password were wrong.
    #[error("the credentials are not valid")]
    LockedOut,
    /// A name came with an empty password (RFC 4513 §5.1.2).
    #[error("a name without a password is not a login")]
    UnauthenticatedBind,
    /// Requests without a login are not served here.
    #[error("log in first")]
    LoginRequired,
    /// A password would have crossed the network in the clear.
    #[error("passwords are taken over TLS only")]
    ConfidentialityRequired,
    /// The principal may not do this; the text says why, and who could.
    #[error("{0}")]
    Forbidden(Denial),
    /// A rule of the catalogue protects the target from anybody's request: the last holder of a
    /// role that must keep one, say.
    #[error("{0}")]
    Protected(Denial),
    /// The licence has no seat for one more user.
    #[error("{0}")]
    NoSeat(NoSeat),
    /// There is no such tenant, resource or entry, or the principal may not know of it.
    #[error("{what} was not found")]
    NotFound {
        /// What was asked for, in the client's own words.
        what: String,
    },
    /// Another record has this value already.
    #[error("another {kind} has this {attribute} already")]
    Taken {
        /// The kind of record.
        kind: &'static str,
        /// The attribute.
        attribute: String,
    },
    /// A value is not of the attribute's type, or not one it can have.
    #[error("{path}: {problem}")]
    InvalidValue {
        /// The attribute, as the client named it.
        path: String,
        /// What is wrong with it and what was expected.
        problem: String,
    },
    /// A password lacks what the tenant's policy asks for.
    #[error("password: it lacks {}", listed(.0))]
    WeakPassword(Vec<Lack>),
    /// A path names nothing, or cannot be read.
    #[error("{path}: {problem}")]
    InvalidPath {
        /// The path, as the client wrote it.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A filter cannot be read.
    #[error("the filter cannot be read: {0}")]
    InvalidFilter(String),
    /// The body or message cannot be read.
    #[error("the request cannot be read: {0}")]
    InvalidSyntax(String),
    /// A patch path matches no value.
    #[error("{path} matches nothing")]
    NoTarget {
        /// The path, as the client wrote it.
        path: String,
    },
    /// The attribute cannot be changed so.
    #[error("{path} cannot be changed: {problem}")]
    Mutability {
        /// The attribute.
        path: String,
        /// Why.
        problem: String,
    },
    /// The resource is no longer at the version that the client named (RFC 7644 §3.14).
    #[error("the resource has changed in the meantime")]
    VersionMismatch,
    /// The connection disabled or deleted too many of its users at once.
    #[error(
        "the connection {connection:?} disabled or deleted too many of its users at once and is held \
         until an operator releases it"
    )]
    Held {
        /// Its name.
        connection: String,
        /// After how many seconds to try again.
        retry_after: u32,
    },
    /// More than the server gives or takes at once.
    #[error("{what} is more than {limit}")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed, in the unit of `what`.
        limit: u64,
    },
    /// The search ran into the client's or the server's time limit.
    #[error("the time limit is over")]
    TimeLimit,
    /// The server does not do this at all.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// The principal's requests come too fast.
    #[error("too many requests; try again in {retry_after} s")]
    TooBusy {
        /// After how many seconds to try again.
        retry_after: u32,
    },
    /// The store or the tenant is not available now; nothing was done.
    #[error("the directory is not available at the moment")]
    Unavailable,
    /// A mistake of the program; the log says more.
    #[error("an internal error happened")]
    Internal,
}

fn listed(lacks: &[Lack]) -> String {
    let lacks: Vec<String> = lacks.iter().map(ToString::to_string).collect();
    lacks.join(", ")
}

impl Error {
    /// An [`Error::InvalidValue`].
    pub fn invalid_value(path: impl fmt::Display, problem: impl fmt::Display) -> Self {
        Self::InvalidValue {
            path: path.to_string(),
            problem: problem.to_string(),
        }
    }

    /// An [`Error::NotFound`].
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::NotFound {
            what: what.to_string(),
        }
    }
}
