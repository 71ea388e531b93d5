//! Modify (RFC 4511 §4.6): a person's own password and profile, as far as the catalogue leaves
//! them to people, and what a telephone system tells of registered phones. Everything else is
//! written over SCIM.

mod changes;
pub(crate) mod password;
mod registration;

use bytes::BytesMut;
use jackfield_gateway::{Command, Entry, Error as Gateway, Node, Precondition, Reader, Session};
use jackfield_model::{Dn, Id, Kind};
use ldap3_proto::proto::LdapModifyRequest;

use self::changes::Planned;
use crate::client::Client;
use crate::controls::{Answer, Controls, POST_READ, PRE_READ};
use crate::ended::Ended;
use crate::search::base::{self, Base};
use crate::selection::{Selection, Shape};
use crate::wire::{RequestOp, output};
use crate::{Error, record};

/// How often a change is planned anew because another came between.
const TRIES: usize = 5;

/// Changes the attributes of an entry: all that is asked, or nothing.
///
/// It is planned on what the entry is and done only if it still is that, so that an assertion
/// (RFC 4528) and what is read before and after (RFC 4527) are of one piece with the change.
pub(crate) async fn modify(
    client: &Client,
    request: &LdapModifyRequest,
    controls: &Controls,
) -> Result<Ended, Error> {
    let dn = Dn::parse(&request.dn)?;
    for _ in 0..TRIES {
        match attempt(client, &dn, request, controls).await {
            Err(Error::Gateway(Gateway::VersionMismatch)) => {}
            other => return other,
        }
    }
    Err(Gateway::TooBusy { retry_after: 1 }.into())
}

async fn attempt(
    client: &Client,
    dn: &Dn,
    request: &LdapModifyRequest,
    controls: &Controls,
) -> Result<Ended, Error> {
    let mut ended = Ended::default();
    let session = client.session.as_ref();
    let (id, version, planned) = {
        let (reader, id) = target(client, dn, controls)?;
        let entry = reader.entry(id).ok_or(Gateway::Unavailable)?;
        if registration::is_one(&request.changes) {
            let session = session.ok_or(Gateway::LoginRequired)?;
            let before = copy(&reader, entry, PRE_READ, controls.pre_read.as_ref());
            registration::keep(session, id, &request.changes)?;
            // The reader sees what is told at any moment, whatever else it reads.
            let after = copy(&reader, entry, POST_READ, controls.post_read.as_ref());
            ended.answers.extend(before.into_iter().chain(after));
            return Ok(ended);
        }
        if entry.record().kind != Kind::User {
            return Err(Error::ReadOnly);
        }
        let planned = changes::plan(&reader, entry, &request.changes)?;
        let before = copy(&reader, entry, PRE_READ, controls.pre_read.as_ref());
        ended.answers.extend(before);
        (id, entry.record().version, planned)
    };
    let session = session.ok_or(Gateway::LoginRequired)?;
    check_password(client, session, id, &planned).await?;
    let command = Command::Patch {
        id,
        kind: Kind::User,
        ops: planned.ops,
        expect: Precondition::Versions(vec![version]),
    };
    let written = session.write(command).await?;
    let after = written.reader.entry(id);
    let after = after.and_then(|entry| {
        copy(
            &written.reader,
            entry,
            POST_READ,
            controls.post_read.as_ref(),
        )
    });
    ended.answers.extend(after);
    ended.session = written.renewed;
    Ok(ended)
}

/// The record that a name means, once it satisfies what is asserted of it.
fn target(client: &Client, dn: &Dn, controls: &Controls) -> Result<(Reader, Id), Error> {
    let base = base::find(client, dn)?;
    base.assert(controls.assertion.as_ref())?;
    match base {
        Base::Tree(reader, Node::Record(id)) => Ok((reader, id)),
        Base::Tree(..) | Base::Alone(..) => Err(Error::ReadOnly),
    }
}

/// Refuses to add, delete or rename an entry (RFC 4511 §4.6 to §4.9), with the reason that comes
/// first.
pub(crate) fn refuse(client: &Client, op: RequestOp, dn: &str, controls: &Controls) -> Error {
    let refused = || {
        let dn = Dn::parse(dn)?;
        if client.session.is_none() {
            return Err(Gateway::LoginRequired.into());
        }
        // What is to be added is not there yet.
        if op != RequestOp::Add {
            base::find(client, &dn)?.assert(controls.assertion.as_ref())?;
        }
        Err(Error::ReadOnly)
    };
    refused().map_or_else(|error| error, |()| Error::ReadOnly)
}

/// Passwords cross no network in the clear, and the old one is right if it was given.
async fn check_password(
    client: &Client,
    session: &Session,
    person: Id,
    planned: &Planned,
) -> Result<(), Error> {
    if planned.sets_password && !client.is_secure() {
        return Err(Gateway::ConfidentialityRequired.into());
    }
    match &planned.old_password {
        Some(old) if !session.is_password_of(person, old).await? => Err(Error::WrongOldPassword),
        _ => Ok(()),
    }
}

/// The entry as a control of the response shows it (RFC 4527 §3).
fn copy(
    reader: &Reader,
    entry: Entry<'_>,
    oid: &'static str,
    selection: Option<&Selection>,
) -> Option<Answer> {
    let shape = Shape::of(selection?.clone());
    let mut value = BytesMut::new();
    let form = shape.selection.form(entry.record().kind);
    let apart = record::write(&mut value, None, reader, entry, &shape, &form);
    output::copy(&mut value, &apart);
    Some(Answer {
        oid,
        value: value.freeze(),
    })
}
