//! `[http]`: how HTTP clients reach this node.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::Document;

/// How HTTP clients reach this node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// The URL that clients use, such as `https://directory.example`, where that is not the
    /// listener's address: behind a proxy, or by name. Resources name themselves by it.
    pub public_url: Option<String>,
    /// Whether the HTTP listener may serve plain HTTP to other machines, tokens and all: for a
    /// proxy that adds TLS, on a network that nobody else reads.
    pub allow_plain_http_beyond_loopback: bool,
}

impl Http {
    /// The DNS name that clients use, where the URL that they use has one.
    pub fn host(&self) -> Option<&str> {
        self.name_or_address()
            .filter(|host| host.parse::<IpAddr>().is_err())
    }

    /// The DNS name or IP address that clients use, where it is not the listener's; an IPv6 address
    /// without brackets.
    pub fn name_or_address(&self) -> Option<&str> {
        let (_, rest) = self.public_url.as_deref()?.split_once("://")?;
        match rest.strip_prefix('[') {
            Some(address) => address.split(']').next(),
            None => rest.split(['/', ':']).next(),
        }
    }

    pub(super) fn resolve(self, document: &mut Document<'_>) -> Self {
        let Some(url) = &self.public_url else {
            return self;
        };
        let url = url.trim_end_matches('/');
        if !is_base(url) {
            document.problem(
                "http.public_url",
                format!("`public_url` cannot be \"{url}\""),
                "http:// or https://, a host, and perhaps a port and a path".to_owned(),
            );
        }
        Self {
            public_url: Some(url.to_owned()),
            ..self
        }
    }
}

/// Whether paths can be appended to the URL.
fn is_base(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let is_plain = |c: char| c.is_ascii_graphic() && !"?#@\\\"<>".contains(c);
        rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
            && rest.chars().all(is_plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_a_name() {
        for (url, host, either) in [
            ("https://a.example", Some("a.example"), "a.example"),
            ("http://a.example:8080/x", Some("a.example"), "a.example"),
            ("https://192.0.2.1/x", None, "192.0.2.1"),
            ("https://[2001:db8::1]:443", None, "2001:db8::1"),
        ] {
            let http = Http {
                public_url: Some(url.to_owned()),
                ..Http::default()
            };
            assert_eq!(http.host(), host, "{url}");
            assert_eq!(http.name_or_address(), Some(either), "{url}");
        }
        assert_eq!(Http::default().host(), None);
    }

    #[test]
    fn a_public_url_can_have_paths_appended() {
        for url in [
            "https://a.example",
            "http://a:8080",
            "https://[::1]:8443/pbx",
        ] {
            assert!(is_base(url), "{url}");
        }
        for url in [
            "a.example",
            "ftp://a",
            "https://",
            "https://a?x=1",
            "https://u@a",
            "https:///a",
        ] {
            assert!(!is_base(url), "{url}");
        }
    }
}
