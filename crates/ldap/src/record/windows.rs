//! Values in the forms of Active Directory.

use jackfield_model::Timestamp;

/// `userAccountControl` of an ordinary account: NORMAL_ACCOUNT, and ACCOUNTDISABLE if it may not be
/// used ([MS-ADTS] §2.2.16).
pub(crate) fn account_control(is_active: bool) -> i64 {
    if is_active { 0x200 } else { 0x202 }
}

/// The moment with a tenth of a second that is always 0, without which clients of Active Directory
/// do not read it.
pub(crate) fn windows_time(at: Timestamp) -> String {
    at.to_generalized_time().replace('Z', ".0Z")
}
