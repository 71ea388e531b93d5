//! Tokens and machine secrets: made here, with 256 bits, so that a keyed hash is enough to check
//! one and costs microseconds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jackfield_model::{Id, Secret, Verifier};
use sha2::Sha256;
use smol_str::SmolStr;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;
use zeroize::Zeroizing;

/// How the verifiers of machine secrets are named.
pub const SCHEME: &str = "hmac-sha256";

/// What tokens begin with, so that scanners of leaked secrets can find them: those of credentials, and those
/// that the token endpoint issues.
pub const TOKEN_PREFIXES: [&str; 2] = [TOKEN_PREFIX, ACCESS_PREFIX];

const TOKEN_PREFIX: &str = "jft_";
pub(crate) const ACCESS_PREFIX: &str = "jfa_";

/// The key under which machine secrets are hashed. It stands in a file of its own, so that the
/// database alone lets nobody test a guess.
///
/// What is kept is the hash begun with it, which every use goes on with.
#[derive(Clone)]
pub struct SecretKey(Hmac<Sha256>);

impl SecretKey {
    /// The key of these octets.
    pub fn new(octets: [u8; 32]) -> Self {
        let octets = Zeroizing::new(octets);
        // HMAC fills its key up to a block with these.
        let mut key = Zeroizing::new([0; 64]);
        if let Some((own, _)) = key.split_first_chunk_mut() {
            *own = *octets;
        }
        Self(Hmac::new((&*key).into()))
    }

    /// What a secret is checked against.
    pub fn verifier(&self, secret: &str) -> Verifier {
        let hash = BASE64.encode(self.hash(secret.as_bytes()));
        Verifier {
            scheme: SmolStr::new_static(SCHEME),
            value: Secret::new(hash),
        }
    }

    /// Whether a verifier is that of this secret; compares in constant time.
    pub fn verify(&self, verifier: &Verifier, secret: &[u8]) -> bool {
        let mut stored = [0; 33];
        let written = BASE64.decode_slice(verifier.value.expose(), &mut stored);
        let stored = written.ok().and_then(|length| stored.get(..length));
        let is_it = |stored: &[u8]| bool::from(stored.ct_eq(&self.hash(secret)));
        verifier.scheme == SCHEME && stored.is_some_and(is_it)
    }

    /// A value that no other key has, and that gives nothing of this one away.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.hash(b"jackfield secret key 1")
    }

    /// A keyed hash of this text.
    pub(crate) fn hash(&self, text: &[u8]) -> [u8; 32] {
        let mac = self.0.clone().chain_update(text);
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// The text of a secret of these octets.
pub fn secret_text(octets: &[u8; 32]) -> String {
    BASE64.encode(octets)
}

/// The text of a token: the credential's id, by which it is found, and the secret.
pub fn token_text(credential: Id, secret: &[u8; 32]) -> String {
    let mut octets = Zeroizing::new(Vec::with_capacity(48));
    octets.extend_from_slice(credential.0.as_bytes());
    octets.extend_from_slice(secret);
    format!("{TOKEN_PREFIX}{}", BASE64.encode(&*octets))
}

/// The credential's id and the secret of a token, if the text is one.
pub(crate) fn parse_token(text: &str) -> Option<(Id, String)> {
    let octets = Zeroizing::new(BASE64.decode(text.strip_prefix(TOKEN_PREFIX)?).ok()?);
    let (id, secret) = octets.split_first_chunk::<16>()?;
    let secret: &[u8; 32] = secret.try_into().ok()?;
    Some((Id(Uuid::from_bytes(*id)), secret_text(secret)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_is_checked_by_its_hash() {
        let key = SecretKey::new([7; 32]);
        let id = Id(Uuid::from_u128(42));
        let token = token_text(id, &[9; 32]);
        let (found, secret) = parse_token(&token).unwrap();
        let verifier = key.verifier(&secret_text(&[9; 32]));
        assert_eq!(found, id);
        assert!(key.verify(&verifier, secret.as_bytes()));
        assert!(!key.verify(&verifier, secret_text(&[8; 32]).as_bytes()));
        assert!(!SecretKey::new([8; 32]).verify(&verifier, secret.as_bytes()));
    }

    #[test]
    fn other_text_is_no_token() {
        for text in ["", "jft_", "jft_AAAA", "Bearer", "jft_ä", &"x".repeat(70)] {
            assert!(parse_token(text).is_none(), "{text}");
        }
    }
}
