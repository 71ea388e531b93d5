//! Passwords as other directories keep them (RFC 2307 §5.3, and what OpenLDAP and crypt(3) added):
//! checked as they are, and hashed anew at the first login.
//!
//! Their costs are capped, for one entry of a file could otherwise keep a processor busy for ever.
//! DES and NT hashes are not taken: whoever has one needs a new password.

use argon2::password_hash::PasswordVerifier as _;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use md5::Md5;
use pbkdf2::pbkdf2_hmac;
use sha_crypt::ShaCrypt;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq as _;

/// A hash of one of the known kinds, within its cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Imported {
    /// A digest of the password and the salt behind it.
    Digest {
        kind: Kind,
        hash: Vec<u8>,
        salt: Vec<u8>,
    },
    /// `$2a$`, `$2b$` and `$2y$`.
    Bcrypt(String),
    /// `$5$` and `$6$`.
    ShaCrypt(String),
    /// RFC 8018 §5.2.
    Pbkdf2 {
        kind: Kind,
        rounds: u32,
        salt: Vec<u8>,
        hash: Vec<u8>,
    },
    /// `$argon2id$` and its kin, as the product's own.
    Argon2(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

const MAX_BCRYPT_COST: u32 = 14;
const MAX_SHA_CRYPT_ROUNDS: u32 = 1_000_000;
const MAX_PBKDF2_ROUNDS: u32 = 2_000_000;
/// In KiB.
const MAX_ARGON2_MEMORY: u32 = 256 * 1_024;
const MAX_ARGON2_PASSES: u32 = 16;

impl Imported {
    /// Reads what a `userPassword` holds. `None` if it is of no known kind, or too dear.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let Some((scheme, rest)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}'))
        else {
            return crypt(text);
        };
        let digest = |kind: Kind, is_salted: bool| {
            let mut octets = decoded(rest).filter(|octets| octets.len() >= kind.len())?;
            let salt = octets.split_off(kind.len());
            (salt.is_empty() != is_salted).then_some(Self::Digest {
                kind,
                hash: octets,
                salt,
            })
        };
        match scheme.to_ascii_uppercase().as_str() {
            "SSHA" => digest(Kind::Sha1, true),
            "SHA" => digest(Kind::Sha1, false),
            "SSHA256" => digest(Kind::Sha256, true),
            "SHA256" => digest(Kind::Sha256, false),
            "SSHA512" => digest(Kind::Sha512, true),
            "SHA512" => digest(Kind::Sha512, false),
            "SMD5" => digest(Kind::Md5, true),
            "MD5" => digest(Kind::Md5, false),
            "CRYPT" | "BCRYPT" | "ARGON2" => crypt(rest),
            "PBKDF2" | "PBKDF2-SHA1" => pbkdf2(Kind::Sha1, rest),
            "PBKDF2-SHA256" => pbkdf2(Kind::Sha256, rest),
            "PBKDF2-SHA512" => pbkdf2(Kind::Sha512, rest),
            _ => None,
        }
    }

    /// Whether it is the hash of this password.
    pub(super) fn is_of(&self, password: &[u8]) -> bool {
        match self {
            Self::Digest { kind, hash, salt } => kind.digest(password, salt).ct_eq(hash).into(),
            Self::Bcrypt(hash) => bcrypt::verify(password, hash).unwrap_or(false),
            Self::ShaCrypt(hash) => ShaCrypt::default()
                .verify_password(password, hash.as_str())
                .is_ok(),
            Self::Pbkdf2 {
                kind,
                rounds,
                salt,
                hash,
            } => {
                let mut own = vec![0; hash.len()];
                match kind {
                    Kind::Sha1 => pbkdf2_hmac::<Sha1>(password, salt, *rounds, &mut own),
                    Kind::Sha256 => pbkdf2_hmac::<Sha256>(password, salt, *rounds, &mut own),
                    Kind::Sha512 => pbkdf2_hmac::<Sha512>(password, salt, *rounds, &mut own),
                    Kind::Md5 => return false,
                }
                own.ct_eq(hash).into()
            }
            Self::Argon2(hash) => super::matches(hash, password),
        }
    }
}

impl Kind {
    fn len(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn digest(self, password: &[u8], salt: &[u8]) -> Vec<u8> {
        fn of<D: Digest>(password: &[u8], salt: &[u8]) -> Vec<u8> {
            D::new()
                .chain_update(password)
                .chain_update(salt)
                .finalize()
                .to_vec()
        }
        match self {
            Self::Md5 => of::<Md5>(password, salt),
            Self::Sha1 => of::<Sha1>(password, salt),
            Self::Sha256 => of::<Sha256>(password, salt),
            Self::Sha512 => of::<Sha512>(password, salt),
        }
    }
}

/// A hash of crypt(3), or in the PHC form.
fn crypt(text: &str) -> Option<Imported> {
    let mut fields = text.strip_prefix('$')?.split('$');
    match fields.next()? {
        "2a" | "2b" | "2y" => {
            let cost: u32 = fields.next()?.parse().ok()?;
            (cost <= MAX_BCRYPT_COST).then(|| Imported::Bcrypt(text.to_owned()))
        }
        "5" | "6" => {
            let rounds = fields.next()?.strip_prefix("rounds=");
            let rounds = rounds.map_or(Ok(5_000), str::parse::<u32>).ok()?;
            (rounds <= MAX_SHA_CRYPT_ROUNDS).then(|| Imported::ShaCrypt(text.to_owned()))
        }
        "argon2id" | "argon2i" | "argon2d" => {
            let cost = |name: &str| {
                let mut all = text.split(['$', ',']);
                all.find_map(|field| field.strip_prefix(name)?.parse::<u32>().ok())
            };
            let is_cheap = cost("m=")? <= MAX_ARGON2_MEMORY && cost("t=")? <= MAX_ARGON2_PASSES;
            is_cheap.then(|| Imported::Argon2(text.to_owned()))
        }
        _ => None,
    }
}

/// OpenLDAP's `rounds$salt$hash`, in base64 with `.` for `+`.
fn pbkdf2(kind: Kind, text: &str) -> Option<Imported> {
    let mut fields = text.split('$');
    let rounds: u32 = fields.next()?.parse().ok()?;
    let mut octets = || decoded(&fields.next()?.replace('.', "+"));
    let (salt, hash) = (octets()?, octets()?);
    let is_sound = (1..=MAX_PBKDF2_ROUNDS).contains(&rounds) && (16..=64).contains(&hash.len());
    is_sound.then_some(Imported::Pbkdf2 {
        kind,
        rounds,
        salt,
        hash,
    })
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    LENIENT.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `secret`, each made by another program: OpenLDAP, OpenSSL, Python, crypt(3).
    #[rustfmt::skip]
    const HASHES: [&str; 14] = [
        "{SSHA}+2LYo4dBHcKlWoMRE1kGeneQLlkqSROp",
        "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
        "{SMD5}/vKsWkn75JNRiUinxRFu42uR5sQ=",
        "{MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
        "{ssha256}oBmrdHcA6OZEkkCLeXh71YAerbvhXz1qqwjrPsXmEtNzYWx0c2FsdA==",
        "{SSHA512}aCu7JRc+kLsuEmFs1zTY+AiP7DSGnjjG+dH28Dp+E5usqoAixeTPihKqZmkWal4mUfp63tqvCAkFV1LKTDFH6XNhbHRzYWx0",
        "{CRYPT}$2b$12$AkoGcqlzbj579Alb6kQg4Of8IhGf8JSJQMU8YP44gzloWuIYPkFcy",
        "$2y$12$AkoGcqlzbj579Alb6kQg4Of8IhGf8JSJQMU8YP44gzloWuIYPkFcy",
        "{CRYPT}$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA",
        "{CRYPT}$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
        "$6$rounds=2000$saltsalt$GBImuhotpiUgeciq/ZS6UaMklAGJMK25wd5Tacv1I0CcSmxHOQQLpmVKYRPIU6LoFrr4iPAAmsqUTjBoZ.Fwr/",
        "{PBKDF2}1000$c2FsdHNhbHQ$iwnGHj3e4ShfYAA1SPz7CWOx6OI",
        "{PBKDF2-SHA256}1000$c2FsdHNhbHQ$hgR9HsqtKupWxpnv8y99TrPDajTT/9PcSTlNafpdLXQ",
        "{PBKDF2-SHA512}1000$c2FsdHNhbHQ$sm09rUzS3..3.cqsWziIoWFO8bEknKwJwGEvyD1ra4PcWJt5OiWFlM/BVv8ybJe4XW8qMpq33ecFrOaibNGiHA",
    ];

    #[test]
    fn hashes_that_other_programs_made_are_known() {
        for hash in HASHES {
            let imported = Imported::parse(hash).expect(hash);
            assert!(imported.is_of(b"secret"), "{hash}");
            assert!(!imported.is_of(b"Secret") && !imported.is_of(b""), "{hash}");
        }
    }

    #[test]
    fn what_is_unknown_broken_or_too_dear_is_not_taken() {
        for text in [
            "",
            "secret",
            "{CLEARTEXT}secret",
            "{CRYPT}ab01FAX.bQRSU",
            "{SSHA}",
            "{SSHA}c2hvcnQ=",
            "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9i",
            "{SSHA}not base64 !",
            "$2b$31$abcdefghijklmnopqrstuuWcVo1yIqBQKoJXxWXKJXxWXKJXxWXKJ",
            "$6$rounds=999999999$salt$hash",
            "{PBKDF2-SHA256}99999999$c2FsdA$aGFzaA",
            "{PBKDF2-SHA256}1000$c2FsdA$aGFzaA",
            "$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
            "$1$salt$hash",
        ] {
            assert_eq!(Imported::parse(text), None, "{text}");
        }
    }
}
