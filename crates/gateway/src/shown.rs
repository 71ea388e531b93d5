//! Credentials as the `Authorization` field of HTTP has them (RFC 9110 §11.6.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

/// Credentials.
#[derive(Debug, PartialEq, Eq)]
pub enum Shown<'h> {
    /// A token (RFC 6750 §2.1).
    Bearer(&'h str),
    /// A name, a colon and a password (RFC 7617 §2); empty if they cannot be read.
    Basic(Zeroizing<String>),
}

impl<'h> Shown<'h> {
    /// The credentials of this field; `None` for another scheme, and for what is no credentials.
    pub fn of(field: &'h [u8]) -> Option<Self> {
        let (scheme, credentials) = str::from_utf8(field).ok()?.trim().split_once(' ')?;
        let credentials = credentials.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(Self::Bearer(credentials));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let octets = Zeroizing::new(BASE64.decode(credentials).unwrap_or_default());
        let text = str::from_utf8(&octets).unwrap_or_default();
        Some(Self::Basic(Zeroizing::new(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_stand_behind_their_scheme_in_any_case() {
        let basic = |text: &str| Some(Shown::Basic(Zeroizing::new(text.to_owned())));
        for (field, expected) in [
            ("Bearer abc", Some(Shown::Bearer("abc"))),
            ("bearer   abc ", Some(Shown::Bearer("abc"))),
            ("Basic YWJjOmQ=", basic("abc:d")),
            ("BASIC YWJjOmQ=", basic("abc:d")),
            ("Basic abc:d", basic("")),
            ("Basic /w==", basic("")),
            ("Digest abc", None),
            ("Bearer", None),
            ("abc", None),
        ] {
            assert_eq!(Shown::of(field.as_bytes()), expected, "{field}");
        }
        assert_eq!(Shown::of(b"Bearer \xff"), None);
    }
}
