use jackfield_gateway::access::{Denial, NoSeat};

use super::*;
use crate::wire::ber::BerError;

fn denial() -> Denial {
    Denial::by("rule", "")
}

#[test]
fn every_gateway_error_has_its_result_code() {
    let text = String::new;
    let table = [
        (Gateway::InvalidCredentials, 49),
        (Gateway::LockedOut, 49),
        (Gateway::UnauthenticatedBind, 53),
        (Gateway::LoginRequired, 8),
        (Gateway::ConfidentialityRequired, 13),
        (Gateway::Forbidden(denial()), 50),
        (Gateway::Protected(denial()), 53),
        (
            Gateway::NoSeat(NoSeat {
                limit: 5,
                deactivators: Vec::new(),
            }),
            53,
        ),
        (Gateway::NotFound { what: text() }, 32),
        (
            Gateway::Taken {
                kind: "user",
                attribute: text(),
            },
            19,
        ),
        (
            Gateway::InvalidValue {
                path: text(),
                problem: text(),
            },
            21,
        ),
        (
            Gateway::InvalidPath {
                path: text(),
                problem: text(),
            },
            17,
        ),
        (Gateway::WeakPassword(Vec::new()), 19),
        (Gateway::InvalidFilter(text()), 2),
        (Gateway::InvalidSyntax(text()), 2),
        (Gateway::NoTarget { path: text() }, 16),
        (
            Gateway::Mutability {
                path: text(),
                problem: text(),
            },
            19,
        ),
        (Gateway::VersionMismatch, 122),
        (Gateway::TooMuch { what: "", limit: 1 }, 11),
        (Gateway::TimeLimit, 3),
        (Gateway::Unsupported(""), 53),
        (Gateway::TooBusy { retry_after: 1 }, 51),
        (
            Gateway::Held {
                connection: String::new(),
                retry_after: 9,
            },
            51,
        ),
        (Gateway::Unavailable, 52),
        (Gateway::Internal, 80),
    ];
    for (error, code) in table {
        assert_eq!(Error::from(error.clone()).code() as i64, code, "{error:?}");
    }
}

#[test]
fn every_error_of_the_protocol_has_its_result_code() {
    let table = [
        (Error::Request(RequestError::FilterTooDeep(1)), 11),
        (Error::Request(RequestError::FilterTooLarge(1)), 11),
        (Error::Request(RequestError::FilterTooWide(1)), 11),
        (
            Error::Request(RequestError::Malformed(BerError::Truncated)),
            2,
        ),
        (Error::Frame(FrameError::MessageId), 2),
        (Error::Version(2), 2),
        (Error::AuthenticationMethod, 7),
        (Error::AnonymousBind, 48),
        (Error::CriticalControl("1.2.3".to_owned()), 12),
        (Error::InvalidDn(DnError::TooDeep), 34),
        (
            Error::NoSuchEntry {
                matched: String::new(),
            },
            32,
        ),
        (Error::UndefinedAttribute, 17),
        (Error::NoSuchAttribute, 16),
        (Error::AssertionValue, 21),
        (Error::SizeLimit, 4),
        (Error::NoSuchPage, 53),
        (Error::AssertionFailed, 122),
        (Error::ProxyDenied(Gateway::LoginRequired), 123),
        (Error::PagesOfView, 53),
        (Error::CannotSort, 12),
        (Error::View(ViewFailure::SortMissing), 76),
        (Error::ReadOnly, 53),
        (Error::MandatoryAttribute("sn"), 65),
        (Error::FixedAttribute("uid"), 53),
        (Error::SingleValue("title"), 19),
        (Error::ValueExists, 20),
        (Error::WrongOldPassword, 49),
        (Error::Canceled, 118),
        (Error::NoSuchOperation, 119),
        (Error::UnknownExtension("1.2.3".to_owned()), 2),
        (Error::RepeatedId, 2),
        (Error::StartTls(""), 1),
        (Error::Stopping, 52),
    ];
    for (error, code) in table {
        assert_eq!(error.code() as i64, code, "{error:?}");
    }
    let policy = [
        (Gateway::WeakPassword(vec![Lack::Length(8)]), Some(6)),
        (Gateway::WeakPassword(Vec::new()), Some(5)),
        (Gateway::Forbidden(denial()), Some(3)),
        (Gateway::LockedOut, Some(1)),
        (Gateway::TooBusy { retry_after: 1 }, None),
        (Gateway::InvalidCredentials, None),
    ];
    for (error, code) in policy {
        assert_eq!(policy_error(&error.into()), code);
    }
    assert_eq!(PolicyWarning::ChangeAfterReset.code(), 2);
    let sorting = [
        (Unsortable::NoSuchAttribute, 16),
        (Unsortable::InappropriateMatching, 18),
        (Unsortable::Unwilling, 53),
    ];
    for (error, code) in sorting {
        assert_eq!(error.code(), code, "{error:?}");
    }
    let views = [
        (ViewFailure::SortMissing, 60),
        (ViewFailure::OffsetRange, 61),
        (ViewFailure::NotSorted, 53),
        (ViewFailure::Matching, 18),
    ];
    for (error, code) in views {
        assert_eq!(error.code(), code, "{error:?}");
    }
    let ends = [
        (Done::Success, 0),
        (Done::CompareFalse, 5),
        (Done::CompareTrue, 6),
    ];
    for (done, code) in ends {
        assert_eq!(done.outcome().code as i64, code);
    }
}
