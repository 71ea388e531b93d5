//! `[log]`: what is logged, and how.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::environment::Overrides;
use crate::format;

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// A level (off, error, warn, info, debug, trace), and after commas levels of single modules.
    #[schemars(extend("format" = format::LOG_FILTER))]
    pub filter: String,
    /// How a line looks.
    pub format: LogFormat,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object a line.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}

impl Log {
    pub(super) fn resolve(self, overrides: &Overrides, document: &mut Document<'_>) -> Self {
        let Some(filter) = overrides.log.clone() else {
            return self;
        };
        if let Err(mismatch) = format::check(format::LOG_FILTER, &filter) {
            let message = format!("the environment's log filter cannot be \"{filter}\"");
            document.problem("", message, mismatch.expected.to_owned());
        }
        Self { filter, ..self }
    }
}
