//! How an operation ended that had to wait for others: a bind, a write.

use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use jackfield_gateway::Session;

use crate::Error;
use crate::controls::{Answer, PASSWORD_POLICY};
use crate::error::{PolicyWarning, policy_error};
use crate::wire::ber::{SEQUENCE, context, context_constructed, write};

/// An operation that waits. Further requests of its connection are not taken until it ends.
pub(crate) type Pending = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// What an operation came to, and what the password policy has to say about it, if that was asked.
pub(crate) type Outcome = (Result<Ended, Error>, Option<Answer>);

/// What an operation came to that was done.
#[derive(Default)]
pub(crate) struct Ended {
    /// Who the client is from now on, if the operation changed that.
    pub(crate) session: Option<Session>,
    /// Whether a bind was one of version 2.
    pub(crate) is_version_2: bool,
    /// The controls of the response.
    pub(crate) answers: Vec<Answer>,
    /// The responseValue of an extended operation, or the serverSaslCreds of a bind.
    pub(crate) value: Option<Bytes>,
}

/// An operation's outcome, with the word of the password policy if `asked`.
pub(crate) fn outcome(ended: Result<Ended, Error>, asked: bool) -> Outcome {
    let policy = asked.then(|| policy_answer(&ended));
    (ended, policy)
}

/// What the password policy has to say about an outcome
/// (draft-behera-ldap-password-policy-11 §6.2).
fn policy_answer(outcome: &Result<Ended, Error>) -> Answer {
    const WARNING: u8 = context_constructed(0);
    const SECONDS_LEFT: u8 = context(0);
    const ERROR: u8 = context(1);

    let session = outcome.as_ref().ok().and_then(|done| done.session.as_ref());
    let error = match outcome {
        Err(error) => policy_error(error),
        Ok(_) => session
            .filter(|session| session.must_change_password())
            .map(|_| PolicyWarning::ChangeAfterReset.code()),
    };
    let mut value = BytesMut::new();
    write::nested(&mut value, SEQUENCE, |value| {
        if let Some(seconds) = session.and_then(Session::seconds_left) {
            write::nested(value, WARNING, |value| {
                let seconds = seconds.clamp(0, i32::MAX.into());
                write::integer(value, SECONDS_LEFT, seconds);
            });
        }
        if let Some(error) = error {
            write::integer(value, ERROR, error);
        }
    });
    Answer {
        oid: PASSWORD_POLICY,
        value: value.freeze(),
    }
}
