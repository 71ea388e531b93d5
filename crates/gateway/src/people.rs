//! What protocols ask about people beyond their records: who is named, and with which password.

use std::sync::Arc;

use jackfield_access::password::{CharacterKind, Lack};
use jackfield_model::{Credential, CredentialKind, Id, IdSource, Kind, Principal, text};

use crate::bind::{Name, by_mail, principal_of};
use crate::error::Error;
use crate::lockout::Subject;
use crate::session::Session;

impl Session {
    /// The person whom a name means, if the principal may know of that one.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn person_named(&self, name: &Name<'_>) -> Result<Option<Id>, Error> {
        let reader = self.read()?;
        let snapshot = self.snapshot();
        let person = name
            .bearer(&snapshot)
            .filter(|record| record.kind == Kind::User);
        let known = person.and_then(|person| reader.entry(person.id));
        Ok(known.map(|person| person.record().id))
    }

    /// The name of who acts.
    pub fn name(&self) -> String {
        self.snapshot().actor_name(self.principal())
    }

    /// The user of this id, user name or mail address.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, or more than one.
    pub fn user(&self, named: &str) -> Result<Id, Error> {
        self.read()?;
        let snapshot = self.snapshot();
        let is_user = |id: &Id| {
            snapshot
                .record(*id)
                .is_some_and(|user| user.kind == Kind::User)
        };
        if let Some(id) = Id::parse(named).filter(is_user) {
            return Ok(id);
        }
        let key = text::case_ignore(named);
        if let Some(user) = snapshot.keyed(Kind::User, &key) {
            return Ok(user.id);
        }
        let user = match by_mail(&snapshot, &key).as_slice() {
            [one] => snapshot.numbered(*one),
            _ => None,
        };
        let user = user.ok_or_else(|| Error::not_found(format_args!("the user {named:?}")))?;
        Ok(user.id)
    }

    /// The operator's session as that of somebody else: of `anonymous`, of the `operator`, or of
    /// whom the name means. Nothing if it means nobody, or this is not the operator's.
    pub fn through_the_eyes_of(&self, name: &str) -> Option<Self> {
        if self.principal() != Principal::Operator {
            return None;
        }
        let principal = match name {
            "operator" => Principal::Operator,
            "anonymous" => Principal::Anonymous,
            name => principal_of(Name::of(name).bearer(&self.snapshot())?)?,
        };
        Some(self.with_principal(principal))
    }

    /// Whether a person has this password. Wrong ones count like those of a bind.
    ///
    /// # Errors
    /// [`Error::LockedOut`] after too many wrong ones; that it could not be checked now.
    pub async fn is_password_of(&self, person: Id, password: &[u8]) -> Result<bool, Error> {
        let snapshot = self.snapshot();
        let passwords: Vec<Arc<Credential>> = snapshot
            .credentials_of(person)
            .filter(|credential| credential.kind == CredentialKind::Password)
            .cloned()
            .collect();
        let (gateway, tenant) = (self.gateway(), self.tenant());
        let from = self.origin().address;
        let subject = from.map(|from| Subject::new(Some(tenant.id()), person, from));
        let mut attempt = gateway.attempt(subject).await?;
        let found = gateway
            .check_password(&passwords, password, &mut attempt)
            .await?;
        match found {
            Some(_) => attempt.right(),
            None => {
                let bearer = snapshot.record(person);
                let told = gateway.tell_wrong(attempt, Some(tenant), bearer, self.origin());
                told.await;
            }
        }
        Ok(found.is_some())
    }

    /// A password that satisfies the tenant's policy, of characters that are not taken for one
    /// another.
    pub fn generated_password(&self) -> String {
        let snapshot = self.snapshot();
        let policy = &snapshot.catalogue().password;
        let length = usize::from(policy.min_length).max(LENGTH);
        let mut password = generated(self.gateway().ids(), length);
        for lack in policy.lacks(&password) {
            password.push(match lack {
                Lack::Length(_) | Lack::Kind(CharacterKind::LowerCase) => 'x',
                Lack::Kind(CharacterKind::UpperCase) => 'X',
                Lack::Kind(CharacterKind::Digit) => '7',
                Lack::Kind(CharacterKind::Symbol) => '-',
            });
        }
        password
    }
}

/// So many random characters that are not taken for one another, of 5.8 bits each.
pub(crate) fn generated(ids: &dyn IdSource, length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        let secret = ids.secret();
        text.extend(secret.iter().filter_map(|octet| letter(*octet)));
    }
    text.truncate(length);
    text
}

/// Characters of a generated password at the least.
const LENGTH: usize = 20;

const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// The letter for an octet; none for those that would favour the first letters.
fn letter(octet: u8) -> Option<char> {
    let octet = usize::from(octet);
    let is_even = octet < 256 / LETTERS.len() * LETTERS.len();
    let letter = LETTERS.get(octet % LETTERS.len()).filter(|_| is_even);
    letter.copied().map(char::from)
}
