//! Assertions (JWTs, RFC 7519) by which clients prove who they are (RFC 7523 §2.2 and §3): their own,
//! or those of an identity provider that vouches for them.
//!
//! Signatures are made by keys of which only the public half is known here; nothing that an
//! assertion says about itself, but which of these keys it is signed with, is believed before the
//! signature was checked.

use std::collections::HashSet;
use std::time::Duration;

use jackfield_model::{Timestamp, Trust};
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

/// How far the clocks of others may be off.
const LEEWAY_SECONDS: i64 = 60;

/// How far ahead an assertion may end: whoever signs a longer one is not careful with them.
const LONGEST_SECONDS: i64 = 24 * 3_600;

/// How assertions may be signed: [`SIGNING_ALGORITHMS`](crate::issue::SIGNING_ALGORITHMS).
const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::ES256,
    Algorithm::EdDSA,
];

/// Longer ones are not read.
const MAX_BYTES: usize = 16 << 10;

/// What an assertion says that counts here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assertion {
    /// Its own name, if it has one.
    pub(crate) id: Option<String>,
    /// When it ends, with the leeway.
    pub(crate) until: Timestamp,
}

/// Why an assertion is not taken; for the log alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Doubt {
    #[error("it is no JWT")]
    Unreadable,
    #[error("it is signed in a way that is not taken")]
    Algorithm,
    #[error("none of the issuer's keys is the one that it names")]
    Key,
    #[error("its signature is not by the key that it names, or its claims cannot be read")]
    Signature,
    #[error("it is by another issuer")]
    Issuer,
    #[error("it is about another subject")]
    Subject,
    #[error("it is for another audience")]
    Audience,
    #[error("it is over, not good yet, or good for too long")]
    Time,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMore,
    exp: f64,
    nbf: Option<f64>,
    iat: Option<f64>,
    jti: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Assertion {
    /// Checks an assertion against what is trusted.
    pub(crate) fn check(
        text: &str,
        trust: &Trust,
        keys: &JwkSet,
        audiences: &[&str],
        now: Timestamp,
    ) -> Result<Self, Doubt> {
        let claims = verified(text, keys)?;
        if claims.iss != trust.issuer {
            return Err(Doubt::Issuer);
        }
        if claims.sub != trust.subject {
            return Err(Doubt::Subject);
        }
        let is_meant = |audience: &String| match trust.audiences.as_slice() {
            [] => audiences.contains(&audience.as_str()),
            said => said.iter().any(|own| own == audience),
        };
        let is_for_us = match &claims.aud {
            OneOrMore::One(audience) => is_meant(audience),
            OneOrMore::More(several) => several.iter().any(is_meant),
        };
        if !is_for_us {
            return Err(Doubt::Audience);
        }
        let until = time(&claims, now).ok_or(Doubt::Time)?;
        Ok(Self {
            id: claims.jti,
            until,
        })
    }
}

/// About whom an assertion says it is, unchecked: for finding what to check it against.
pub(crate) fn claimed_subject(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Subject {
        sub: String,
    }
    let is_short = text.len() <= MAX_BYTES;
    let claims = is_short.then(|| jsonwebtoken::dangerous::insecure_decode::<Subject>(text));
    claims?.ok().map(|token| token.claims.sub)
}

/// The key that an assertion names, unchecked: for knowing whether it is among those known.
pub(crate) fn names_other_key(text: &str, keys: &JwkSet) -> bool {
    text.len() <= MAX_BYTES
        && decode_header(text).is_ok_and(|header| {
            let kid = header.kid;
            kid.is_some_and(|kid| keys.find(&kid).is_none())
        })
}

fn verified(text: &str, keys: &JwkSet) -> Result<Claims, Doubt> {
    if text.len() > MAX_BYTES {
        return Err(Doubt::Unreadable);
    }
    let header = decode_header(text).map_err(|_| Doubt::Unreadable)?;
    let algorithm = header.alg;
    if !ALGORITHMS.contains(&algorithm) {
        return Err(Doubt::Algorithm);
    }
    let key = match (&header.kid, keys.keys.as_slice()) {
        (Some(kid), _) => keys.find(kid),
        // Whoever publishes one key need not say which it is.
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let key = key
        .filter(|key| may_sign(key, algorithm))
        .ok_or(Doubt::Key)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| Doubt::Key)?;
    // Its claims are checked here, against the time that is passed in.
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims = HashSet::new();
    decode::<Claims>(text, &key, &validation)
        .map(|token| token.claims)
        .map_err(|_| Doubt::Signature)
}

/// Whether the key is for signatures, and for ones of this kind (RFC 7517 §4.2 and §4.4).
fn may_sign(key: &Jwk, algorithm: Algorithm) -> bool {
    let is_signing = matches!(
        key.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let is_of_kind = key.common.key_algorithm.as_ref().is_none_or(|own| {
        matches!(
            (own, algorithm),
            (KeyAlgorithm::RS256, Algorithm::RS256)
                | (KeyAlgorithm::PS256, Algorithm::PS256)
                | (KeyAlgorithm::ES256, Algorithm::ES256)
                | (KeyAlgorithm::EdDSA, Algorithm::EdDSA)
        )
    });
    is_signing && is_of_kind
}

/// When the assertion ends, if it is good now.
fn time(claims: &Claims, now: Timestamp) -> Option<Timestamp> {
    let until = moment(claims.exp)?.plus_seconds(LEEWAY_SECONDS);
    let is_begun = |since: Option<f64>| match since {
        Some(since) => moment(since).is_some_and(|since| since <= now.plus_seconds(LEEWAY_SECONDS)),
        None => true,
    };
    let is_short = until <= now.plus_seconds(LONGEST_SECONDS + 2 * LEEWAY_SECONDS);
    (until > now && is_short && is_begun(claims.nbf) && is_begun(claims.iat)).then_some(until)
}

/// A NumericDate (RFC 7519 §2).
fn moment(seconds: f64) -> Option<Timestamp> {
    let since = Duration::try_from_secs_f64(seconds).ok()?;
    i64::try_from(since.as_micros()).ok().map(Timestamp)
}

#[cfg(test)]
mod tests;
