//! Texts that clients keep for the server: nobody can read or change them, and only the principal
//! that one was given to can hand it in, on any node, for what it was made for, in its time.

use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use crate::error::Error;
use crate::session::Session;

/// Why a text cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsealed {
    /// It was not made here, or for another principal or another purpose.
    Forged,
    /// Its time is over.
    Expired,
}

/// What the key is derived by; a key is for one purpose.
const KEY: &[u8] = b"jackfield key for sealed texts 1";

/// Octets of the moment at which a text's time is over.
const EXPIRY: usize = 8;

impl Session {
    /// Seals `content` for this principal and `purpose`, for a time. The text has only characters that
    /// are unreserved in URIs (RFC 3986 §2.3).
    ///
    /// # Errors
    /// [`Error::Internal`] if the cipher refuses, which it does not.
    pub fn seal(
        &self,
        purpose: &[u8],
        content: &[u8],
        lifetime: Duration,
    ) -> Result<String, Error> {
        let lifetime = i64::try_from(lifetime.as_micros()).unwrap_or(i64::MAX);
        let expires = self.gateway().now().0.saturating_add(lifetime);
        let mut sealed = [expires.to_be_bytes().as_slice(), content].concat();
        let secret = self.gateway().ids().secret();
        let nonce: [u8; NONCE_LEN] = first(&secret).ok_or(Error::Internal)?;
        let aad = Aad::from(self.bound_to(purpose));
        self.sealing_key()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| Error::Internal)?;
        sealed.extend_from_slice(&nonce);
        Ok(BASE64.encode(sealed))
    }

    /// Opens what [`seal`](Self::seal) sealed.
    ///
    /// # Errors
    /// [`Unsealed`].
    pub fn unseal(&self, purpose: &[u8], text: &str) -> Result<Vec<u8>, Unsealed> {
        let mut sealed = BASE64.decode(text).map_err(|_| Unsealed::Forged)?;
        let nonce: [u8; NONCE_LEN] = sealed
            .len()
            .checked_sub(NONCE_LEN)
            .and_then(|at| first(&sealed.split_off(at)))
            .ok_or(Unsealed::Forged)?;
        let aad = Aad::from(self.bound_to(purpose));
        let key = self.sealing_key().map_err(|_| Unsealed::Forged)?;
        let opened = key
            .open_in_place(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| Unsealed::Forged)?;
        let (expires, content) = opened
            .split_first_chunk::<EXPIRY>()
            .ok_or(Unsealed::Forged)?;
        if i64::from_be_bytes(*expires) <= self.gateway().now().0 {
            return Err(Unsealed::Expired);
        }
        Ok(content.to_vec())
    }

    /// The tenant, the principal and the purpose, each at its place.
    fn bound_to(&self, purpose: &[u8]) -> Vec<u8> {
        let tenant = self.tenant().id().0;
        let principal = self.principal();
        let record = principal.record().map(|id| id.0).unwrap_or_default();
        let kind = principal.kind().as_bytes();
        [
            tenant.as_bytes().as_slice(),
            record.as_bytes(),
            kind,
            &[0],
            purpose,
        ]
        .concat()
    }

    /// The same on all nodes, since the secret key is.
    fn sealing_key(&self) -> Result<LessSafeKey, Error> {
        let key = self.gateway().secret_key().hash(KEY);
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| Error::Internal)?;
        Ok(LessSafeKey::new(key))
    }
}

fn first<const N: usize>(octets: &[u8]) -> Option<[u8; N]> {
    octets.first_chunk().copied()
}
