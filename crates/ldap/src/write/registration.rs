//! What a telephone system tells of a registered phone (Asterisk's realtime driver, which modifies
//! the entry of the account).

use jackfield_gateway::{Registration, Session};
use jackfield_model::{Id, Timestamp};
use ldap3_proto::proto::{LdapModify, LdapModifyType};

use crate::Error;
use crate::filter::value::as_text;
use crate::schema::{Source, attribute_type};

/// The longest value, in octets.
const MAX_VALUE: usize = 512;

/// When a registration ends, in seconds since 1970.
const ENDS: &str = "AstAccountExpirationTimestamp";

/// Whether the modifications are about nothing else.
pub(super) fn is_one(changes: &[LdapModify]) -> bool {
    !changes.is_empty() && changes.iter().all(|change| name_of(change).is_some())
}

/// Keeps what is told.
pub(super) fn keep(session: &Session, record: Id, changes: &[LdapModify]) -> Result<(), Error> {
    session.register(record, |told| {
        for change in changes {
            apply(told, change)?;
        }
        let seconds = told.get(ENDS).and_then(|text| text.parse::<i64>().ok());
        Ok(seconds.map(|seconds| Timestamp(0).plus_seconds(seconds)))
    })
}

fn apply(told: &mut Registration, change: &LdapModify) -> Result<(), Error> {
    let name = name_of(change).ok_or(Error::ReadOnly)?;
    let value = match change.modification.vals.as_slice() {
        [] => None,
        [only] if only.len() > MAX_VALUE => return Err(Error::AssertionValue),
        [only] => Some(as_text(only)),
        _ => return Err(Error::SingleValue(name)),
    };
    match (&change.operation, value) {
        // deviates: RFC 4511 §4.6 refuses to take away what is not there. Asterisk takes back all
        // that it may have told of a phone that left; refused, it would leave the phone registered.
        (LdapModifyType::Delete | LdapModifyType::Replace, None) => {
            told.remove(name);
            Ok(())
        }
        (LdapModifyType::Delete, Some(value)) => match told.remove(name) {
            Some(old) if *value == *old => Ok(()),
            _ => Err(Error::NoSuchAttribute),
        },
        (LdapModifyType::Add, Some(_)) if told.contains_key(name) => Err(Error::SingleValue(name)),
        (LdapModifyType::Add | LdapModifyType::Replace, Some(value)) => {
            told.insert(name, value.into());
            Ok(())
        }
        _ => Err(Error::FixedAttribute(name)),
    }
}

fn name_of(change: &LdapModify) -> Option<&'static str> {
    let attribute = attribute_type(&change.modification.atype)?;
    attribute
        .sources
        .iter()
        .find_map(|(_, source)| match source {
            Source::Registration(name) => Some(*name),
            _ => None,
        })
}
