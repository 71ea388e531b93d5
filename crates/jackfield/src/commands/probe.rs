//! `jackfield scim probe`: holds an identity provider's conversations with a SCIM server, and says
//! of each step what was expected and what came. What it makes it removes.

mod client;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use jackfield_model::IdSource as _;
use jackfield_scim::conversation::{Conversation, Recording, Run, Turn, shipped};

use self::client::Client;
use self::report::{Held, Report, StepReport};
use crate::ambient::SystemIds;
use crate::cli::{Common, Probe};

pub(super) async fn probe(common: &Common, arguments: &Probe) -> Result<ExitCode> {
    let client = Client::new(arguments)?;
    client.reach().await?;
    let mut report = Report::new(&arguments.provider, client.base());
    for Script { name, text, path } in scripts(arguments)? {
        let (held, recorded) = hold(&client, &name, &text, arguments.exact).await?;
        if let Some(path) = path.filter(|_| arguments.record) {
            std::fs::write(&path, recorded).with_context(|| path.display().to_string())?;
        }
        report.add(held, common.json)?;
    }
    report.finish(common.json)
}

/// A conversation's file.
struct Script {
    name: String,
    text: String,
    /// Where it is, if it is not built in.
    path: Option<PathBuf>,
}

fn scripts(arguments: &Probe) -> Result<Vec<Script>> {
    let Some(folder) = &arguments.from else {
        let built_in = shipped(&arguments.provider).map(|shipped| Script {
            name: shipped.name.to_owned(),
            text: shipped.text.to_owned(),
            path: None,
        });
        return Ok(built_in.collect());
    };
    let folder = folder.join(&arguments.provider);
    let read = |path: PathBuf| -> Result<Script> {
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let name = path.file_name().unwrap_or_default().display().to_string();
        let path = Some(path);
        Ok(Script { name, text, path })
    };
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let paths: std::io::Result<Vec<PathBuf>> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut paths = paths?;
    paths.sort();
    paths.into_iter().map(read).collect()
}

/// Holds one conversation. Gives what came of it, and the file with the answers in it.
async fn hold(client: &Client, name: &str, text: &str, is_exact: bool) -> Result<(Held, String)> {
    let conversation = Conversation::read(text).with_context(|| name.to_owned())?;
    let ids = SystemIds;
    let run = ids.id().simple().to_string();
    // The end of a time-ordered id is random.
    let run = run.get(20..).unwrap_or(&run);
    let nobody = ids.id().to_string();
    let mut run = Run::new(&conversation, client.base(), run, &nobody, is_exact);
    let mut recording = Recording::new(text);
    let mut held = Held::new(name, &conversation);
    while let Some(turn) = run.turn() {
        let step = match turn {
            Turn::Skip(step, reason) => StepReport::skipped(step, reason),
            Turn::Ask(step, request) => match client.send(&request).await {
                Ok(answer) => {
                    let outcome = run.answered(&request, &answer);
                    recording.put(&conversation, held.steps.len(), &run, &answer);
                    StepReport::of(step, &request, &answer, outcome)
                }
                Err(error) => StepReport::unsent(step, &request, format!("{error:#}")),
            },
        };
        held.steps.push(step);
    }
    while let Some(request) = run.tidy() {
        let removed = client.send(&request).await;
        held.left_behind(&request, removed.ok().map(|answer| answer.status));
    }
    Ok((held, recording.finish()))
}
