//! Values that are more than text: the formats that the JSON Schemas name.

use std::net::SocketAddr;

use ipnet::IpNet;
use jackfield_model::{DialFormat, Dn, TenantName};
use schemars::{Schema, SchemaGenerator, json_schema};

/// An IP address and a port.
pub(crate) const IP_PORT: &str = "ip-port";
/// A distinguished name other than the root's.
pub(crate) const DN: &str = "dn";
/// An IP network.
pub(crate) const NETWORK: &str = "network";
/// A tenant's name.
pub(crate) const TENANT_NAME: &str = "tenant-name";
/// Digits, as one dials them.
pub(crate) const DIGITS: &str = "digits";
/// Digits, or nothing.
pub(crate) const DIGITS_OR_NONE: &str = "digits-or-none";
/// A telephone number from `+` on, or its beginning.
pub(crate) const E164: &str = "e164";
/// How numbers are shown to phones.
pub(crate) const DIAL: &str = "dial-format";
/// What is logged.
pub(crate) const LOG_FILTER: &str = "log-filter";

/// The schema of a list of networks.
pub(crate) fn networks(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": {"type": "string", "format": NETWORK}})
}

/// The schema of a list of tenants' names.
pub(crate) fn tenants(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": {"type": "string", "format": TENANT_NAME}})
}

/// What a text should have been.
pub(crate) struct Mismatch {
    /// What is wrong with it, to stand after the text; empty where there is no more to say.
    pub reason: String,
    /// What would be right.
    pub expected: &'static str,
}

/// Whether the text has the format; every text has a format that is not known here.
pub(crate) fn check(format: &str, text: &str) -> Result<(), Mismatch> {
    match format {
        IP_PORT => text.parse::<SocketAddr>().map(drop).map_err(|_| Mismatch {
            reason: String::new(),
            expected: "an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080",
        }),
        NETWORK => text.parse::<IpNet>().map(drop).map_err(|_| Mismatch {
            reason: String::new(),
            expected: "an IP network, such as 10.0.0.0/8 or 2001:db8::/32",
        }),
        DN => dn(text).map_err(|reason| Mismatch {
            reason,
            expected: "a distinguished name, such as dc=acme,dc=example",
        }),
        TENANT_NAME => text.parse::<TenantName>().map(drop).map_err(|_| Mismatch {
            reason: String::new(),
            expected: "a tenant name: 1 to 63 lower-case letters, digits and hyphens, the first no hyphen",
        }),
        DIGITS if !are_digits(text) => Err(Mismatch {
            reason: String::new(),
            expected: "digits, such as \"49\"",
        }),
        DIGITS_OR_NONE if !text.is_empty() && !are_digits(text) => Err(Mismatch {
            reason: String::new(),
            expected: "digits, such as \"0\", or \"\"",
        }),
        E164 if !text.strip_prefix('+').is_some_and(are_digits) => Err(Mismatch {
            reason: String::new(),
            expected: "a number from + on, digits only, such as \"+4930555\"",
        }),
        DIAL => text.parse::<DialFormat>().map(drop).map_err(|_| Mismatch {
            reason: String::new(),
            expected: "written, e164, national, or prefix- and digits, such as prefix-9",
        }),
        LOG_FILTER if !is_log_filter(text) => Err(Mismatch {
            reason: String::new(),
            expected: "a level (off, error, warn, info, debug, trace), and after commas levels \
                       of modules, such as info,jackfield_ldap=debug",
        }),
        _ => Ok(()),
    }
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the text is a list of `level` and `module=level`.
pub(crate) fn is_log_filter(text: &str) -> bool {
    let is_level = |text: &str| {
        ["off", "error", "warn", "info", "debug", "trace"]
            .iter()
            .any(|level| level.eq_ignore_ascii_case(text))
    };
    let is_module = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_:".contains(&b))
    };
    text.split(',')
        .all(|part| match part.trim().split_once('=') {
            None => is_level(part.trim()),
            Some((module, level)) => is_module(module) && is_level(level),
        })
}

fn dn(text: &str) -> Result<(), String> {
    match Dn::parse(text) {
        Ok(dn) if dn.is_root() => Err("the root of the tree".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_takes_its_own_and_nothing_else() {
        for (format, good, bad) in [
            (
                IP_PORT,
                ["127.0.0.1:0", "[::]:443"],
                ["localhost:80", "127.0.0.1"],
            ),
            (DN, ["dc=acme,dc=example", "o=Acme"], ["acme", ""]),
            (DIAL, ["e164", "prefix-9"], ["9", "prefix-"]),
            (TENANT_NAME, ["acme", "4u-north"], ["Acme", "-a"]),
            (
                LOG_FILTER,
                ["info", "WARN, jackfield_ldap=debug"],
                ["loud", "info,=debug"],
            ),
        ] {
            for text in good {
                assert!(check(format, text).is_ok(), "{format} {text}");
            }
            for text in bad {
                assert!(check(format, text).is_err(), "{format} {text}");
            }
        }
    }
}
