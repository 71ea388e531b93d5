//! Tokens that the token endpoint issues: what they are for stands in them, under a keyed hash, so
//! that every node can check them and none keeps them. They name their credential, and are worth
//! nothing any more once that is gone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jackfield_access::Scopes;
use jackfield_model::{Id, TenantId, Timestamp};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::secret::{ACCESS_PREFIX as PREFIX, SecretKey};

/// What the key is derived by; a key is for one purpose.
const KEY: &[u8] = b"jackfield key for access tokens 1";

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccessToken {
    pub(crate) tenant: TenantId,
    /// The credential that the client showed for it.
    pub(crate) credential: Id,
    pub(crate) scopes: Scopes,
    pub(crate) until: Timestamp,
}

impl AccessToken {
    /// The token's text.
    pub(crate) fn seal(&self, key: &SecretKey) -> String {
        let content = [
            self.tenant.0.as_bytes().as_slice(),
            self.credential.0.as_bytes(),
            &[self.scopes.bits()],
            &self.until.0.to_be_bytes(),
        ]
        .concat();
        let mac = mac(key, &content);
        format!(
            "{PREFIX}{}",
            BASE64.encode([content, mac.to_vec()].concat())
        )
    }

    /// What the text is for, if it was made here.
    pub(crate) fn open(key: &SecretKey, text: &str) -> Option<Self> {
        let octets = BASE64.decode(text.strip_prefix(PREFIX)?).ok()?;
        let (content, found) = octets.split_last_chunk::<32>()?;
        if !bool::from(mac(key, content).ct_eq(found)) {
            return None;
        }
        let (tenant, rest) = content.split_first_chunk::<16>()?;
        let (credential, rest) = rest.split_first_chunk::<16>()?;
        let ([scopes], rest) = rest.split_first_chunk::<1>()?;
        let until: &[u8; 8] = rest.try_into().ok()?;
        Some(Self {
            tenant: TenantId(Uuid::from_bytes(*tenant)),
            credential: Id(Uuid::from_bytes(*credential)),
            scopes: Scopes::from_bits(*scopes),
            until: Timestamp(i64::from_be_bytes(*until)),
        })
    }
}

fn mac(key: &SecretKey, content: &[u8]) -> [u8; 32] {
    SecretKey::new(key.hash(KEY)).hash(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_with_its_key_and_unchanged_only() {
        let key = SecretKey::new([7; 32]);
        let token = AccessToken {
            tenant: TenantId(Uuid::from_u128(1)),
            credential: Id(Uuid::from_u128(2)),
            scopes: Scopes::named(&["users"]),
            until: Timestamp(1_795_305_600_000_000),
        };
        let text = token.seal(&key);
        assert_eq!(AccessToken::open(&key, &text), Some(token));
        assert_eq!(AccessToken::open(&SecretKey::new([8; 32]), &text), None);
        let octets = BASE64.decode(text.strip_prefix(PREFIX).unwrap()).unwrap();
        for at in 0..octets.len() {
            let mut changed = octets.clone();
            changed[at] ^= 1;
            let changed = format!("{PREFIX}{}", BASE64.encode(&changed));
            assert_eq!(AccessToken::open(&key, &changed), None, "{at}");
            let shorter = format!("{PREFIX}{}", BASE64.encode(&octets[..at]));
            assert_eq!(AccessToken::open(&key, &shorter), None, "{at}");
        }
        for other in ["", PREFIX, "jft_AAAA", "jfa_ä"] {
            assert_eq!(AccessToken::open(&key, other), None, "{other}");
        }
    }
}
