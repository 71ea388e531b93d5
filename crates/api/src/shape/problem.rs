//! Problem details (RFC 9457).

use schemars::JsonSchema;
use serde::Serialize;

/// Why a request was refused (RFC 9457).
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Problem {
    /// Which kind of problem it is; stable.
    #[serde(rename = "type")]
    kind: String,
    /// The kind of problem, in a few words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What stood in the way this time, in a sentence.
    detail: String,
    /// The member of the body, or the parameter, that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// The rule that refused; stable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<&'static str>,
    /// Who could do it instead: the titles of roles, or `operator`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) instead: Vec<String>,
    /// What a password lacks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) lacks: Vec<String>,
}

impl Problem {
    pub(crate) fn new(name: &str, title: &'static str, status: u16, detail: String) -> Self {
        Self {
            kind: format!("urn:jackfield:problem:{name}"),
            title,
            status,
            detail,
            path: None,
            rule: None,
            instead: Vec::new(),
            lacks: Vec::new(),
        }
    }
}
