//! Commands that are done together: one draft, one change set, one revision.

use jackfield_model::{ChangeSet, Id, Verifier};

use super::draft::Draft;
use super::settle::settle;
use super::{Command, Context, Planned, Refusal, Refused, run};
use crate::snapshot::Snapshot;

/// What commands come to that are done together.
#[derive(Debug)]
pub struct Together {
    /// What to commit; `None` if nothing would change.
    pub set: Option<ChangeSet>,
    /// The snapshot as it will be. Its indexes are brought up to date by whoever asks them.
    pub snapshot: Snapshot,
    /// What became of each command.
    pub outcomes: Vec<Result<Done, Refused>>,
}

/// A command that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The record that it is about.
    pub id: Option<Id>,
    /// Whether anything changes.
    pub changed: bool,
}

/// Plans commands of one actor as one write, each on the outcome of those before it and with the
/// password that came with it. What follows from changes is looked at once, after all of them.
///
/// `None` if they cannot be told apart: one was refused after it had changed something, or all of
/// them together are. Planned [one by one](super::plan), each gets an answer of its own.
pub fn together<'c>(
    snapshot: &'c Snapshot,
    ctx: &Context<'c>,
    commands: impl IntoIterator<Item = (&'c Command, Option<&'c Verifier>)>,
) -> Option<Together> {
    let mut draft = Draft::new(snapshot, ctx);
    let mut outcomes = Vec::new();
    for (command, password) in commands {
        draft.ctx.password = password;
        let before = draft.mark();
        let outcome = run(&mut draft, command);
        let changed = draft.keep_since(before);
        match &outcome {
            Err(_) if changed => return None,
            // Of these the one has more to be done, and the other may have done a part of it.
            Err(Refusal::Held { .. } | Refusal::Mistake(_)) => return None,
            _ => {}
        }
        let outcome = outcome.map(|id| Done { id, changed });
        outcomes.push(outcome.map_err(|refusal| draft.refused(refusal)));
    }
    settle(&mut draft).ok()?;
    let Planned { set, snapshot, .. } = draft.finish(None);
    Some(Together {
        set,
        snapshot,
        outcomes,
    })
}
