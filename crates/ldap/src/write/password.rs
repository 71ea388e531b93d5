//! The Password Modify operation (RFC 3062).

use bytes::{Bytes, BytesMut};
use jackfield_gateway::access::Denial;
use jackfield_gateway::{Command, Error as Gateway, Name, Precondition, Session};
use jackfield_model::{Id, Kind, Principal};

use super::changes::{chosen, set_password};
use crate::Error;
use crate::client::Client;
use crate::ended::Ended;
use crate::wire::RequestError;
use crate::wire::ber::{Reader, SEQUENCE, context, write};

/// RFC 3062 §2.
pub(crate) const OID: &str = "1.3.6.1.4.1.4203.1.11.1";

const USER_IDENTITY: u8 = context(0);
const OLD_PASSWORD: u8 = context(1);
const NEW_PASSWORD: u8 = context(2);
const GENERATED: u8 = context(0);

/// Sets a password: the one that was chosen, or else one that is made here and told.
pub(crate) async fn modify(client: &Client, value: Option<&[u8]>) -> Result<Ended, Error> {
    let request = Wanted::read(value)?;
    if !client.is_secure() {
        return Err(Gateway::ConfidentialityRequired.into());
    }
    let session = client.session.as_ref().ok_or(Gateway::LoginRequired)?;
    let person = whose(session, request.user)?;
    if let Some(old) = request.old
        && !session.is_password_of(person, old).await?
    {
        return Err(Error::WrongOldPassword);
    }
    let (new, is_generated) = match request.new {
        Some(new) => (chosen(new)?, false),
        None => (session.generated_password(), true),
    };
    let command = Command::Patch {
        id: person,
        kind: Kind::User,
        ops: vec![set_password(&new)],
        expect: Precondition::Exists,
    };
    let written = session.write(command).await?;
    Ok(Ended {
        session: written.renewed,
        value: is_generated.then(|| told(&new)),
        ..Ended::default()
    })
}

/// A PasswdModifyRequestValue.
#[derive(Default)]
struct Wanted<'v> {
    user: Option<&'v [u8]>,
    old: Option<&'v [u8]>,
    new: Option<&'v [u8]>,
}

impl<'v> Wanted<'v> {
    fn read(value: Option<&'v [u8]>) -> Result<Self, RequestError> {
        let Some(value) = value else {
            return Ok(Self::default());
        };
        let mut fields = Reader::new(value).nested(SEQUENCE)?;
        let wanted = Self {
            user: fields.optional(USER_IDENTITY, Reader::octets)?,
            old: fields.optional(OLD_PASSWORD, Reader::octets)?,
            new: fields.optional(NEW_PASSWORD, Reader::octets)?,
        };
        // RFC 3062 §3: nothing is changed if a field is not understood.
        match fields.is_empty() {
            true => Ok(wanted),
            false => Err(RequestError::OutOfRange("a field of the password change")),
        }
    }
}

/// The person whose password it is: the client, unless another is named.
fn whose(session: &Session, user: Option<&[u8]>) -> Result<Id, Error> {
    let Some(user) = user.filter(|user| !user.is_empty()) else {
        return match session.principal() {
            Principal::Person(id) => Ok(id),
            _ => {
                let denial = Denial::by("people_only", "only people have passwords");
                Err(Gateway::Forbidden(denial).into())
            }
        };
    };
    let user = String::from_utf8_lossy(user);
    let name = user.strip_prefix("u:").or(user.strip_prefix("dn:"));
    let person = session.person_named(&Name::of(name.unwrap_or(&user)))?;
    person.ok_or(Error::NoSuchEntry {
        matched: String::new(),
    })
}

/// A PasswdModifyResponseValue.
fn told(password: &str) -> Bytes {
    let mut value = BytesMut::new();
    write::nested(&mut value, SEQUENCE, |value| {
        write::octets(value, GENERATED, password.as_bytes());
    });
    value.freeze()
}
