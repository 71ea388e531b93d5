//! SIP secrets: what the phone of an extension registers with, and who is told it.
//!
//! An extension has one at most. It is kept sealed, shown once to who makes it, and told to service
//! accounts that were given exactly that, where nobody reads along.

use jackfield_directory::Command;
use jackfield_model::{Credential, CredentialKind, EdgeKind, Id, Kind, TenantId, Timestamp};
use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

use crate::administer::Made;
use crate::error::Error;
use crate::people::generated;
use crate::reader::Reader;
use crate::sealing::SealKeys;
use crate::session::Session;

/// The scope of a service account that is told SIP secrets; `all` is without it.
const SCOPE: &str = "sip-secrets";

/// How long a secret may be that is given, in characters.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=128;

/// Characters of a secret that is made here: 139 bits.
const GENERATED: usize = 24;

/// An extension, with what is known of its SIP secret.
pub struct SipAccount {
    /// The extension's number, which is the user name.
    pub number: String,
    /// The user name of who holds the extension.
    pub holder: Option<String>,
    /// When its secret was set; `None` if it has none.
    pub since: Option<Timestamp>,
}

/// The secret of one SIP account. It is never printed.
pub struct SipSecret(Zeroizing<String>);

impl SipSecret {
    /// As it is.
    pub fn clear(&self) -> &str {
        &self.0
    }

    /// As digest authentication begins with it: `MD5(user:realm:password)` in hexadecimal, H(A1)
    /// of RFC 7616 §3.4.2.
    pub fn ha1(&self, user: &str, realm: &str) -> Zeroizing<String> {
        let mut hash = Md5::new();
        for part in [user, ":", realm, ":", &self.0] {
            hash.update(part.as_bytes());
        }
        Zeroizing::new(format!(
            "{:032x}",
            u128::from_be_bytes(hash.finalize().into())
        ))
    }
}

impl std::fmt::Debug for SipSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SipSecret(…)")
    }
}

impl Session {
    /// Gives an extension this SIP secret, or one that is made here, in place of the one it had.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a secret that phones or telephone systems cannot take;
    /// [`Error::NotFound`] if there is no such extension; [`Error::Forbidden`].
    pub async fn set_sip_secret(&self, extension: Id, given: Option<&str>) -> Result<Made, Error> {
        let text = match given {
            Some(given) => Zeroizing::new(checked(given)?.to_owned()),
            None => Zeroizing::new(generated(self.gateway().ids(), GENERATED)),
        };
        let mut credential = self.credential(extension, CredentialKind::Sip);
        let row = (self.tenant().id(), &credential);
        let gateway = self.gateway();
        let sealed = gateway.seal_keys().seal(row, gateway.nonce(), &text)?;
        credential.verifiers = vec![sealed];
        let id = credential.id;
        self.write(Command::AddCredential(credential)).await?;
        Ok(Made { id, text })
    }

    /// Takes the SIP secret of an extension.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it has none; [`Error::Forbidden`].
    pub async fn remove_sip_secret(&self, extension: Id) -> Result<(), Error> {
        let secret = {
            let snapshot = self.snapshot();
            let secret = snapshot.credentials_of(extension).find(|it| is_sip(it));
            secret.map(|it| it.id)
        };
        let secret = secret.ok_or_else(|| Error::not_found("a SIP secret of the extension"))?;
        self.revoke(secret).await
    }

    /// Each extension, in the order in which they were made.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn sip_accounts(&self) -> Result<Vec<SipAccount>, Error> {
        let reader = self.read()?;
        let snapshot = self.snapshot();
        let seen = snapshot
            .all_of(Kind::Extension)
            .filter(|extension| reader.entry(extension.id).is_some());
        let account = |extension: &jackfield_model::Record| {
            let holders = snapshot.targets(EdgeKind::Extension, extension);
            let holder = holders.first().and_then(|(holder, _)| holder.login());
            let secret = snapshot.credentials_of(extension.id).find(|it| is_sip(it));
            SipAccount {
                number: extension.login().unwrap_or_default().to_owned(),
                holder: holder.map(str::to_owned),
                since: secret.map(|it| it.created),
            }
        };
        Ok(seen.map(|extension| account(extension)).collect())
    }

    /// Whether the principal was given SIP secrets.
    pub fn is_told_sip_secrets(&self) -> bool {
        self.has_scope(SCOPE)
    }

    /// As [`read`](Self::read), where nobody reads along: a service account that was given SIP
    /// secrets is told them.
    ///
    /// # Errors
    /// As `read`.
    pub fn read_in_private(&self) -> Result<Reader, Error> {
        let mut reader = self.read()?;
        if self.is_told_sip_secrets() {
            reader.terms_mut().sip = Some(SipSecrets {
                tenant: self.tenant().id(),
                keys: self.gateway().seal_keys().clone(),
            });
        }
        Ok(reader)
    }
}

/// That a reader is told SIP secrets, and how.
#[derive(Clone, Debug)]
pub(crate) struct SipSecrets {
    tenant: TenantId,
    keys: SealKeys,
}

impl Reader {
    /// Whether it tells SIP secrets.
    pub fn is_told_sip_secrets(&self) -> bool {
        self.terms().sip.is_some()
    }

    /// The SIP secret of an extension; nothing for who is not told.
    pub fn sip_secret(&self, extension: Id) -> Option<SipSecret> {
        let SipSecrets { tenant, keys } = self.terms().sip.as_ref()?;
        self.entry(extension)?;
        let secret = self.sip_credential(extension)?;
        keys.open(*tenant, secret).map(SipSecret)
    }

    fn sip_credential(&self, extension: Id) -> Option<&Credential> {
        let mut all = self.snapshot().credentials_of(extension);
        all.find(|it| is_sip(it)).map(|it| &**it)
    }
}

fn is_sip(credential: &Credential) -> bool {
    credential.kind == CredentialKind::Sip
}

/// What is typed into phones and stands in the files of telephone systems: some of these end a
/// value at a semicolon.
fn checked(given: &str) -> Result<&str, Error> {
    let is_fit = |byte: u8| byte.is_ascii_graphic() && byte != b';';
    if LENGTHS.contains(&given.len()) && given.bytes().all(is_fit) {
        return Ok(given);
    }
    let problem = "must be 8 to 128 printable ASCII characters without spaces and semicolons";
    Err(Error::invalid_value("the SIP secret", problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standard() {
        // RFC 2617 §3.5: the user Mufasa of testrealm@host.com.
        let secret = SipSecret(Zeroizing::new("Circle Of Life".to_owned()));
        let ha1 = secret.ha1("Mufasa", "testrealm@host.com");
        assert_eq!(ha1.as_str(), "939e7578ed9e3c518a452acee763bce9");
        assert_eq!(format!("{secret:?}"), "SipSecret(…)");
    }

    #[test]
    fn a_secret_fits_phones_and_files() {
        for good in ["12345678", "a.B-c_d~!", &"x".repeat(128)] {
            assert!(checked(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "1234567",
            "1234 5678",
            "12345678;",
            "1234567ä",
            "1234567\n",
            &"x".repeat(129),
        ] {
            let error = checked(bad).unwrap_err().to_string();
            assert!(bad.is_empty() || !error.contains(bad), "{error}");
        }
    }
}
