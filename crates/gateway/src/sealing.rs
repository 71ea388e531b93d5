//! Secrets that others must be told again: sealed, each for its own row, under a key that stands
//! in a file of its own (AES-256-GCM).

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jackfield_directory::Command;
use jackfield_model::{Credential, CredentialKind, Origin, Principal, Secret, TenantId, Verifier};
use smol_str::SmolStr;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::gateway::Gateway;
use crate::secret::SecretKey;

/// How sealed secrets are named among the verifiers of a credential.
pub(crate) const SCHEME: &str = "aes-256-gcm";

/// What an associated text begins with; a seal is for one purpose.
const PURPOSE: &[u8] = b"jackfield sealed secret 1";

/// The keys that open what is sealed; the first one seals.
#[derive(Clone)]
pub struct SealKeys(Arc<[SealKey]>);

struct SealKey {
    name: String,
    fingerprint: [u8; 32],
    key: LessSafeKey,
}

impl SealKeys {
    /// The keys of these octets, of which there is one at least.
    ///
    /// # Errors
    /// [`Error::Internal`] if the cipher takes none of that length, which it does.
    pub fn new(keys: &[[u8; 32]]) -> Result<Self, Error> {
        let keys = keys.iter().map(SealKey::new);
        Ok(Self(keys.collect::<Result<_, _>>()?))
    }

    /// For each key a value that no other has, and that gives nothing of it away.
    pub fn fingerprints(&self) -> impl Iterator<Item = [u8; 32]> {
        self.0.iter().map(|key| key.fingerprint)
    }

    /// Seals a secret for the row of this credential.
    pub(crate) fn seal(
        &self,
        (tenant, row): (TenantId, &Credential),
        nonce: [u8; NONCE_LEN],
        secret: &str,
    ) -> Result<Verifier, Error> {
        let SealKey { name, key, .. } = self.0.first().ok_or(Error::Internal)?;
        let mut sealed = secret.as_bytes().to_vec();
        let aad = Aad::from(associated(tenant, row));
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| Error::Internal)?;
        let blob = BASE64.encode([nonce.as_slice(), &sealed].concat());
        Ok(Verifier {
            scheme: SmolStr::new_static(SCHEME),
            value: Secret::new(format!("{name}.{blob}")),
        })
    }

    /// The secret that is sealed in this credential; `None`, and a line in the log, if none of the
    /// keys opens it.
    pub(crate) fn open(&self, tenant: TenantId, row: &Credential) -> Option<Zeroizing<String>> {
        let opened = row
            .verifiers
            .iter()
            .find_map(|it| self.opened(tenant, row, it));
        if opened.is_none() {
            tracing::error!(
                credential = %row.id,
                "a secret is sealed under a key that none of the files in keys.seal_files holds"
            );
        }
        opened
    }

    fn opened(
        &self,
        tenant: TenantId,
        row: &Credential,
        verifier: &Verifier,
    ) -> Option<Zeroizing<String>> {
        let (name, blob) = verifier.value.expose().split_once('.')?;
        let key = self.0.iter().find(|key| key.name == name)?;
        let blob = Zeroizing::new(BASE64.decode(blob).ok()?);
        let (nonce, sealed) = blob.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let aad = Aad::from(associated(tenant, row));
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let secret = key.key.open_in_place(nonce, aad, &mut sealed).ok()?;
        Some(Zeroizing::new(str::from_utf8(secret).ok()?.to_owned()))
    }

    /// Whether the first key sealed this.
    fn is_current(&self, row: &Credential) -> bool {
        let name = self.0.first().map(|key| key.name.as_str());
        let mut values = row.verifiers.iter().map(|it| it.value.expose());
        values.all(|value| value.split_once('.').map(|(name, _)| name) == name)
    }
}

impl SealKey {
    fn new(octets: &[u8; 32]) -> Result<Self, Error> {
        let fingerprint = SecretKey::new(*octets).hash(b"jackfield seal key 1");
        let name = fingerprint.first_chunk().copied().unwrap_or_default();
        let key = UnboundKey::new(&AES_256_GCM, octets).map_err(|_| Error::Internal)?;
        Ok(Self {
            name: format!("{:016x}", u64::from_be_bytes(name)),
            fingerprint,
            key: LessSafeKey::new(key),
        })
    }
}

impl std::fmt::Debug for SealKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKeys(…)")
    }
}

/// The row for which a secret is sealed: moved to another, it does not open.
fn associated(tenant: TenantId, row: &Credential) -> Vec<u8> {
    [tenant.0, row.principal.0, row.id.0]
        .iter()
        .fold(PURPOSE.to_vec(), |mut all, id| {
            all.extend_from_slice(id.as_bytes());
            all
        })
}

impl Gateway {
    /// Seals anew, under the first key, what another one sealed, in every tenant; returns how many
    /// secrets that were.
    ///
    /// # Errors
    /// [`Error::Internal`] for a secret that no key opens, which stays as it is; what else stands
    /// in its way.
    pub async fn reseal(&self) -> Result<usize, Error> {
        let mut count = 0;
        for tenant in self.all_tenants() {
            let operator = self.act_as(&tenant, Principal::Operator, Origin::local("cli"));
            let snapshot = tenant.snapshot();
            let sealed = snapshot
                .credentials()
                .filter(|it| it.kind == CredentialKind::Sip);
            let mut commands = Vec::new();
            for credential in sealed.filter(|it| !self.seal_keys().is_current(it)) {
                let secret = self.seal_keys().open(tenant.id(), credential);
                let secret = secret.ok_or(Error::Internal)?;
                let row = (tenant.id(), &**credential);
                commands.push(Command::RenewCredential {
                    id: credential.id,
                    verifier: self.seal_keys().seal(row, self.nonce(), &secret)?,
                });
            }
            for outcome in operator.write_all(commands, usize::MAX).await? {
                match outcome {
                    Ok(_) => count += 1,
                    // It was changed or taken in the meantime.
                    Err(Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(count)
    }

    /// A number that no other seal has.
    pub(crate) fn nonce(&self) -> [u8; NONCE_LEN] {
        let secret = self.ids().secret();
        std::array::from_fn(|at| secret.get(at).copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use jackfield_model::{Id, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn keys(octets: &[u8]) -> SealKeys {
        let keys: Vec<_> = octets.iter().map(|it| [*it; 32]).collect();
        SealKeys::new(&keys).unwrap()
    }

    fn tenant(number: u128) -> TenantId {
        TenantId(Uuid::from_u128(number))
    }

    fn row() -> Credential {
        let [id, extension] = [1, 2].map(|number| Id(Uuid::from_u128(number)));
        Credential::new(id, extension, CredentialKind::Sip, Timestamp(0))
    }

    fn sealed(keys: &SealKeys, nonce: u8) -> Credential {
        let verifier = keys
            .seal((tenant(1), &row()), [nonce; NONCE_LEN], "s3cret")
            .unwrap();
        Credential {
            verifiers: vec![verifier],
            ..row()
        }
    }

    #[test]
    fn a_seal_opens_in_its_own_row_and_nowhere_else() {
        let keys = keys(&[1]);
        let own = sealed(&keys, 9);
        assert_eq!(keys.open(tenant(1), &own).unwrap().as_str(), "s3cret");
        assert!(keys.open(tenant(2), &own).is_none());
        let moved = [
            Credential {
                id: Id(Uuid::from_u128(3)),
                ..own.clone()
            },
            Credential {
                principal: Id(Uuid::from_u128(3)),
                ..own.clone()
            },
        ];
        for other in moved {
            assert!(keys.open(tenant(1), &other).is_none(), "{other:?}");
        }
        let value = own.verifiers[0].value.expose().to_owned();
        assert!(!value.contains("s3cret"));
        for (at, _) in value.char_indices() {
            let mut forged = value.clone();
            let other = if forged[at..].starts_with('B') {
                "C"
            } else {
                "B"
            };
            forged.replace_range(at..=at, other);
            let mut row = own.clone();
            row.verifiers[0].value = Secret::new(&*forged);
            // The last character has bits that stand for nothing and must not be set.
            assert!(keys.open(tenant(1), &row).is_none(), "{at}");
        }
    }

    #[test]
    fn the_first_key_seals_and_each_one_opens() {
        let (old, both, new) = (keys(&[1]), keys(&[2, 1]), keys(&[2]));
        let by_old = sealed(&old, 9);
        let by_both = sealed(&both, 9);
        assert!(both.open(tenant(1), &by_old).is_some() && new.open(tenant(1), &by_old).is_none());
        assert!(new.open(tenant(1), &by_both).is_some() && old.open(tenant(1), &by_both).is_none());
        assert!(old.is_current(&by_old) && !both.is_current(&by_old) && new.is_current(&by_both));
    }

    #[test]
    fn nothing_of_a_key_is_shown() {
        let keys = keys(&[0x41]);
        assert_eq!(format!("{keys:?}"), "SealKeys(…)");
        assert!(!keys.fingerprints().any(|it| it == [0x41; 32]));
    }
}
