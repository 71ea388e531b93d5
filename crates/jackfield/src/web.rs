//! Documents that others publish: the keys of those whose assertions are trusted.

use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use jackfield_gateway::keys::Fetch;

/// How long a document may take, from the first to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The web, asked without following redirects: operators name where a document is.
pub(crate) struct Web(reqwest::Client);

impl Web {
    pub(crate) fn new() -> Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self(client))
    }

    async fn read(&self, url: &str, limit: usize) -> Result<Vec<u8>, reqwest::Error> {
        let mut response = self.0.get(url).send().await?.error_for_status()?;
        let mut document = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            document.extend_from_slice(&chunk);
            if document.len() > limit {
                break;
            }
        }
        Ok(document)
    }
}

#[async_trait]
impl Fetch for Web {
    async fn fetch(&self, url: &str, limit: usize) -> Result<Vec<u8>, String> {
        match self.read(url, limit).await {
            Ok(document) if document.len() > limit => Err(format!("more than {limit} bytes")),
            Ok(document) => Ok(document),
            Err(error) => Err(error.to_string()),
        }
    }
}
