//! `jackfield config schema`: the JSON Schemas that editors use.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use jackfield_config::schemas;

pub(super) fn schema(write: Option<&Path>) -> Result<ExitCode> {
    let Some(folder) = write else {
        let all: serde_json::Map<_, _> = schemas()
            .into_iter()
            .map(|(name, schema)| (name.to_owned(), schema))
            .collect();
        say!("{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, schema) in schemas() {
        let path = folder.join(name);
        let text = serde_json::to_string_pretty(&schema)? + "\n";
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        say!("{}", path.display())?;
    }
    Ok(ExitCode::SUCCESS)
}
