//! What can go wrong with an operation, and the one place where result codes are chosen.

use jackfield_gateway::Error as Gateway;
use jackfield_gateway::access::password::Lack;
use jackfield_model::dn::DnError;
use ldap3_proto::LdapResultCode as Code;

use crate::wire::response::Outcome;
use crate::wire::{FrameError, RequestError};

/// Why an operation was not done, or not wholly. What a variant prints is told to the client.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The gateway refused.
    #[error(transparent)]
    Gateway(#[from] Gateway),
    /// The request cannot be read.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// What came is no LDAP; the session is over.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The client speaks another version of the protocol.
    #[error("LDAP version {0} is not spoken here, only version 3")]
    Version(i64),
    /// A way to authenticate that is not offered, or not here.
    #[error("this way to log in is not offered on this connection")]
    AuthenticationMethod,
    /// A bind without name and password, where the tenant does not allow it.
    #[error("a name and a password are required")]
    AnonymousBind,
    /// A control that is not known, and was marked as critical.
    #[error("the critical control {0} is not supported")]
    CriticalControl(String),
    /// A name cannot be read.
    #[error("not a DN: {0}")]
    InvalidDn(#[from] DnError),
    /// There is no such entry, or the client may not know of it.
    #[error("there is no such entry")]
    NoSuchEntry {
        /// The name of the nearest entry above that is there; may be empty.
        matched: String,
    },
    /// The attribute of a Compare is not in the schema.
    #[error("the attribute is not known")]
    UndefinedAttribute,
    /// The entry of a Compare has no such attribute, or the client may not read it.
    #[error("the entry has no such attribute")]
    NoSuchAttribute,
    /// The value of a Compare cannot be one of the attribute.
    #[error("the value is not one that the attribute can have")]
    AssertionValue,
    /// There are more entries than the client takes, or the server gives.
    #[error("there are more entries")]
    SizeLimit,
    /// The cookie of a further page is not the last one that was given, or the search another.
    #[error("there is no such page: begin again with the first")]
    NoSuchPage,
    /// What the client asserts of the entry does not hold.
    #[error("the assertion does not hold")]
    AssertionFailed,
    /// The client may not act for somebody else, or not for that one.
    #[error("{0}")]
    ProxyDenied(Gateway),
    /// Pages of a list view, which is a page already.
    #[error("a list view cannot be asked for in pages")]
    PagesOfView,
    /// The results cannot be sorted as is asked, and unsorted they are of no use.
    #[error("the results cannot be sorted so")]
    CannotSort,
    /// There is no such part of the list.
    #[error("{0}")]
    View(#[from] ViewFailure),
    /// An operation that writes what is not written over LDAP.
    #[error("the directory is written over SCIM; over LDAP people change their own data only")]
    ReadOnly,
    /// An attribute that is not changed over LDAP.
    #[error("{0} cannot be changed over LDAP")]
    FixedAttribute(&'static str),
    /// No value of an attribute that an entry must have.
    #[error("{0} must have a value")]
    MandatoryAttribute(&'static str),
    /// More values than the attribute can have.
    #[error("{0} has one value only")]
    SingleValue(&'static str),
    /// A value to be added is there already.
    #[error("the value is there already")]
    ValueExists,
    /// The password to be replaced is another.
    #[error("the old password is wrong")]
    WrongOldPassword,
    /// The operation was cancelled.
    #[error("the operation was cancelled")]
    Canceled,
    /// There is nothing to cancel.
    #[error("no such operation is going on")]
    NoSuchOperation,
    /// An extended operation that is not known.
    #[error("the extended operation {0} is not supported")]
    UnknownExtension(String),
    /// The message ID is that of an operation that goes on.
    #[error("an operation with this message ID is going on")]
    RepeatedId,
    /// StartTLS cannot begin now.
    #[error("{0}")]
    StartTls(&'static str),
    /// The server is about to stop.
    #[error("the server is shutting down")]
    Stopping,
}

/// Why results cannot be sorted (RFC 2891 §1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsortable {
    /// No such attribute is known.
    NoSuchAttribute,
    /// No rule puts such values in order, or not the one that was named.
    InappropriateMatching,
    /// Too many keys, or one twice.
    Unwilling,
}

impl Unsortable {
    /// The sortResult.
    pub(crate) fn code(self) -> i64 {
        let code = match self {
            Self::NoSuchAttribute => Code::NoSuchAttribute,
            Self::InappropriateMatching => Code::InappropriateMatching,
            Self::Unwilling => Code::UnwillingToPerform,
        };
        code as i64
    }
}

/// Why there is no such part of a list (draft-ietf-ldapext-ldapv3-vlv-09 §6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewFailure {
    /// The list is in no order.
    #[error("a list view needs a sort control")]
    SortMissing,
    /// The list could not be put in order.
    #[error("the list cannot be sorted so")]
    NotSorted,
    /// No value of the first sort key can be what was asserted.
    #[error("the first sort key cannot have this value")]
    Matching,
    /// The position is outside the list.
    #[error("there is no such position in the list")]
    OffsetRange,
}

impl ViewFailure {
    /// The virtualListViewResult. Its codes 60 and 61 are its own.
    pub(crate) fn code(self) -> i64 {
        match self {
            Self::SortMissing => 60,
            Self::OffsetRange => 61,
            Self::NotSorted => Code::UnwillingToPerform as i64,
            Self::Matching => Code::InappropriateMatching as i64,
        }
    }
}

/// What the password policy says of a bind that succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyWarning {
    /// The password must be changed first.
    ChangeAfterReset,
}

impl PolicyWarning {
    /// The error of the control (draft-behera-ldap-password-policy-11 §6.2).
    pub(crate) fn code(self) -> i64 {
        match self {
            Self::ChangeAfterReset => 2,
        }
    }
}

/// What the password policy says of a refusal (draft-behera-ldap-password-policy-11 §6.2), if it
/// is one of its own.
pub(crate) fn policy_error(error: &Error) -> Option<i64> {
    let Error::Gateway(error) = error else {
        return None;
    };
    match error {
        Gateway::WeakPassword(lacks) => {
            let is_short = lacks.iter().any(|lack| matches!(lack, Lack::Length(_)));
            Some(if is_short { 6 } else { 5 })
        }
        Gateway::Forbidden(_) => Some(3),
        Gateway::LockedOut => Some(1),
        _ => None,
    }
}

/// How an operation can end well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// It was done.
    Success,
    /// The assertion holds.
    CompareTrue,
    /// The assertion does not hold.
    CompareFalse,
}

impl Done {
    /// RFC 4511 Appendix A.1.
    pub(crate) fn outcome(self) -> Outcome<'static> {
        Outcome::new(match self {
            Self::Success => Code::Success,
            Self::CompareTrue => Code::CompareTrue,
            Self::CompareFalse => Code::CompareFalse,
        })
    }
}

impl Error {
    /// Gives the LDAPResult of this error to `answer` (RFC 4511 §4.1.9).
    pub(crate) fn with_outcome<R>(&self, answer: impl FnOnce(Outcome<'_>) -> R) -> R {
        let text = self.to_string();
        let matched_dn = match self {
            Self::NoSuchEntry { matched } => matched.as_str(),
            _ => "",
        };
        answer(Outcome {
            code: self.code(),
            matched_dn,
            diagnostic: &text,
        })
    }

    /// The result code. Sections are those of RFC 4511 where none other is named.
    #[allow(
        clippy::match_same_arms,
        reason = "one arm a cause, each with its section, though codes repeat"
    )]
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::Gateway(error) => gateway_code(error),
            // Appendix A.2: nothing is wrong with them but their size.
            Self::Request(
                RequestError::FilterTooDeep(_)
                | RequestError::FilterTooLarge(_)
                | RequestError::FilterTooWide(_),
            ) => Code::AdminLimitExceeded,
            Self::Request(_) | Self::Frame(_) => Code::ProtocolError, // §4.1.1
            Self::Version(_) => Code::ProtocolError,                  // §4.2
            Self::AuthenticationMethod => Code::AuthMethodNotSupported, // §4.2
            Self::AnonymousBind => Code::InappropriateAuthentication, // Appendix A.2
            Self::CriticalControl(_) => Code::UnavailableCriticalExtension, // §4.1.11
            Self::InvalidDn(_) => Code::InvalidDNSyntax,              // Appendix A.2
            Self::NoSuchEntry { .. } => Code::NoSuchObject,           // §4.5.2
            Self::UndefinedAttribute => Code::UndefinedAttributeType, // Appendix A.2
            Self::NoSuchAttribute => Code::NoSuchAttribute,           // §4.10
            Self::AssertionValue => Code::InvalidAttributeSyntax,     // Appendix A.2
            Self::SizeLimit => Code::SizeLimitExceeded,               // §4.5.1.4
            Self::NoSuchPage => Code::UnwillingToPerform,             // RFC 2696 §3
            Self::AssertionFailed => Code::AssertionFailed,           // RFC 4528 §3
            Self::ProxyDenied(_) => Code::AuthorizationError,         // RFC 4370 §3
            Self::PagesOfView => Code::UnwillingToPerform,            // Appendix A.2
            Self::CannotSort => Code::UnavailableCriticalExtension,   // RFC 2891 §2
            Self::View(_) => Code::VirtualListViewError, // draft-ietf-ldapext-ldapv3-vlv-09 §6.2.1
            Self::ReadOnly => Code::UnwillingToPerform,  // Appendix A.2
            Self::FixedAttribute(_) => Code::UnwillingToPerform, // Appendix A.2
            Self::MandatoryAttribute(_) => Code::ObjectClassViolation, // §4.6
            Self::SingleValue(_) => Code::ConstraintViolation, // Appendix A.2
            Self::ValueExists => Code::AttributeOrValueExists, // §4.6
            Self::WrongOldPassword => Code::InvalidCredentials, // RFC 3062 §3
            Self::Canceled => Code::Canceled,            // RFC 3909 §3
            Self::NoSuchOperation => Code::NoSuchOperation, // RFC 3909 §3
            Self::UnknownExtension(_) => Code::ProtocolError, // §4.12
            Self::RepeatedId => Code::ProtocolError,     // §4.1.1.1
            Self::StartTls(_) => Code::OperationsError,  // §4.14.2
            Self::Stopping => Code::Unavailable,         // §4.4.1
        }
    }
}

#[allow(
    clippy::match_same_arms,
    reason = "one arm a cause, each with its section, though codes repeat"
)]
fn gateway_code(error: &Gateway) -> Code {
    match error {
        Gateway::InvalidCredentials => Code::InvalidCredentials, // RFC 4513 §5.1.3
        // draft-behera-ldap-password-policy-11 §8.1.1
        Gateway::LockedOut => Code::InvalidCredentials,
        Gateway::UnauthenticatedBind => Code::UnwillingToPerform, // RFC 4513 §5.1.2
        Gateway::LoginRequired => Code::StrongerAuthRequired,     // Appendix A.2
        Gateway::ConfidentialityRequired => Code::ConfidentialityRequired, // RFC 4513 §5.1.3
        Gateway::Forbidden(_) => Code::InsufficentAccessRights,   // Appendix A.2
        Gateway::Protected(_) => Code::UnwillingToPerform,        // Appendix A.2
        Gateway::NoSeat { .. } => Code::UnwillingToPerform,       // Appendix A.2
        Gateway::NotFound { .. } => Code::NoSuchObject,           // Appendix A.2
        Gateway::Taken { .. } => Code::ConstraintViolation,       // Appendix A.2
        Gateway::InvalidValue { .. } => Code::InvalidAttributeSyntax, // Appendix A.2
        // draft-behera-ldap-password-policy-11 §8.2.7
        Gateway::WeakPassword(_) => Code::ConstraintViolation,
        Gateway::InvalidPath { .. } => Code::UndefinedAttributeType, // Appendix A.2
        Gateway::InvalidFilter(_) => Code::ProtocolError,            // §4.1.1
        Gateway::InvalidSyntax(_) => Code::ProtocolError,            // §4.1.1
        Gateway::NoTarget { .. } => Code::NoSuchAttribute,           // Appendix A.2
        Gateway::Mutability { .. } => Code::ConstraintViolation,     // Appendix A.2
        Gateway::VersionMismatch => Code::AssertionFailed,           // RFC 4528 §3
        Gateway::TooMuch { .. } => Code::AdminLimitExceeded,         // Appendix A.2
        Gateway::TimeLimit => Code::TimeLimitExceeded,               // §4.5.1.5
        Gateway::Unsupported(_) => Code::UnwillingToPerform,         // Appendix A.2
        Gateway::TooBusy { .. } | Gateway::Held { .. } => Code::Busy, // Appendix A.2
        Gateway::Unavailable => Code::Unavailable,                   // Appendix A.2
        Gateway::Internal => Code::Other,                            // Appendix A.2
    }
}

#[cfg(test)]
mod tests;
