//! How clients say who they are (RFC 6749 §2.3.1, RFC 7521 §4.2).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use zeroize::Zeroizing;

use super::error::Error;
use jackfield_gateway::{Error as Refusal, Shown};

/// The parameters of a request.
pub(super) struct Parameters(pub(super) Vec<(String, String)>);

impl Parameters {
    /// The value of a parameter; what has none was not sent (RFC 6749 §3.2).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        values
            .next()
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Whether a parameter was sent more than once, which it must not be.
    pub(super) fn is_repeated(&self) -> bool {
        let mut names: Vec<&str> = self.0.iter().map(|(key, _)| key.as_str()).collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair.first() == pair.last())
    }
}

/// The client's id and secret of `Authorization: Basic …`, if there is such a header. Both are made
/// here and have no character that form encoding would change.
pub(super) fn basic(headers: &HeaderMap) -> Result<Option<(String, Zeroizing<String>)>, Error> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let Some(Shown::Basic(pair)) = Shown::of(header.as_bytes()) else {
        return Err(Refusal::InvalidCredentials.into());
    };
    let (id, secret) = pair.split_once(':').ok_or(Refusal::InvalidCredentials)?;
    Ok(Some((id.to_owned(), Zeroizing::new(secret.to_owned()))))
}
