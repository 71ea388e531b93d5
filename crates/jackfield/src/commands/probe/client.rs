//! Sending a conversation's requests.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use jackfield_scim::conversation::{Answer, Request};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Certificate, StatusCode};

use crate::cli::Probe;

/// As long as Okta waits.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The certificates in a file.
fn authorities(path: &Path) -> Result<Vec<Certificate>> {
    let octets = std::fs::read(path).with_context(|| path.display().to_string())?;
    let found = Certificate::from_pem_bundle(&octets)?;
    if found.is_empty() {
        bail!("there is no certificate in {}", path.display());
    }
    Ok(found)
}

/// A server that is probed.
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    pub(super) fn new(arguments: &Probe) -> Result<Self> {
        let token = match &arguments.token_file {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                let text = text.with_context(|| path.display().to_string())?;
                Some(text.trim().to_owned())
            }
            None => None,
        };
        let authorities = arguments.ca.as_deref().map(authorities).transpose()?;
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .tls_certs_merge(authorities.unwrap_or_default())
            .build()?;
        let base = arguments.url.clone();
        Ok(Self { http, base, token })
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Makes sure that there is a server, and that it takes the token: nothing that follows would
    /// come to more.
    pub(super) async fn reach(&self) -> Result<()> {
        let mut builder = self.http.get(format!("{}/Users?count=1", self.base));
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token);
        }
        let answer = builder.send().await;
        let answer = answer.with_context(|| format!("cannot reach {}", self.base))?;
        match (answer.status(), &self.token) {
            (StatusCode::UNAUTHORIZED, Some(_)) => bail!("{} does not take the token", self.base),
            (StatusCode::UNAUTHORIZED, None) => {
                bail!("{} asks for a token: --token-file", self.base)
            }
            _ => Ok(()),
        }
    }

    /// Sends a request. One that names its own credentials gets no others.
    pub(super) async fn send(&self, request: &Request) -> Result<Answer> {
        let url = format!("{}{}", self.base, request.target);
        let mut builder = self.http.request(request.method.parse()?, url);
        let names = |name: &str| {
            let mut headers = request.headers.iter();
            headers.any(|(known, _)| known.eq_ignore_ascii_case(name))
        };
        if let Some(token) = self
            .token
            .as_ref()
            .filter(|_| !names(AUTHORIZATION.as_str()))
        {
            builder = builder.bearer_auth(token);
        }
        if request.body.is_some() && !names(CONTENT_TYPE.as_str()) {
            builder = builder.header(CONTENT_TYPE, jackfield_scim::MEDIA_TYPE);
        }
        for (name, value) in request
            .headers
            .iter()
            .filter(|(_, value)| !value.is_empty())
        {
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder.send().await?;
        let text = |value: &reqwest::header::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), text(value)));
        Ok(Answer {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: response.text().await?,
        })
    }
}
