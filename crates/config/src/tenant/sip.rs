//! `[sip]`: what is the same for all SIP accounts of the tenant.

use jackfield_model::{PasswordForm, Sip};
use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use crate::document::Document;

/// The SIP accounts of the tenant: each extension is one.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SipTable {
    /// The domain of its SIP addresses; the first of `domains`, if it is not said.
    domain: Option<String>,
    /// The realm in which its telephone system asks for passwords; the domain, if it is not said.
    realm: Option<String>,
    /// The part of the dial plan (Asterisk's and FreeSWITCH's context) in which its phones' calls
    /// begin; `default`, if it is not said.
    context: Option<String>,
    /// In which form `SIPIdentityPassword` has the password.
    h350_password: Form,
}

/// The form of a password.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Form {
    /// As it is.
    #[default]
    Clear,
    /// As the hash HA1: MD5 of the user, the realm and the password.
    Ha1,
}

impl SipTable {
    /// The settings, in a tenant with these domains.
    pub(crate) fn resolve(self, domains: &[SmolStr], document: &mut Document<'_>) -> Sip {
        let mut checked = |key, text: Option<String>| {
            let text = text?;
            if is_token(&text) {
                return Some(SmolStr::from(text));
            }
            let message = format!("`{key}` cannot be \"{text}\"");
            let expected = "printable ASCII without spaces, quotes and colons".to_owned();
            document.problem(&format!("sip.{key}"), message, expected);
            None
        };
        let domain = checked("domain", self.domain).or_else(|| domains.first().cloned());
        let realm = checked("realm", self.realm).or_else(|| domain.clone());
        let context = checked("context", self.context);
        Sip {
            domain,
            realm,
            context,
            h350_password: match self.h350_password {
                Form::Clear => PasswordForm::Clear,
                Form::Ha1 => PasswordForm::Ha1,
            },
        }
    }
}

/// A colon would end the realm within a hash, and the others an address or a header.
fn is_token(text: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_graphic() && !b"\":\\@;".contains(&byte);
    (1..=255).contains(&text.len()) && text.bytes().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_can_stand_in_a_hash_and_a_header() {
        for text in ["asterisk", "acme.example", "x"] {
            assert!(is_token(text), "{text}");
        }
        for text in ["", "a b", "a:b", "a\"b", "ä", "a\n", &"a".repeat(256)] {
            assert!(!is_token(text), "{text}");
        }
    }
}
