//! Commands that are done together, as one write.

use jackfield_directory::Command;
use tokio::sync::oneshot;

use super::Session;
use crate::error::Error;
use crate::planning::{Answer, Manner};
use crate::tenant::Coming;

pub use jackfield_directory::plan::Done;

/// Commands on their way; they are done, too, if nobody waits for what becomes of them.
pub struct Underway(Vec<Coming>);

impl Underway {
    /// What became of each command.
    pub async fn outcomes(self) -> Vec<Result<Done, Error>> {
        let mut outcomes = Vec::with_capacity(self.0.len());
        for answer in self.0 {
            let outcome = answer.await.unwrap_or(Err(Error::Internal));
            outcomes.push(outcome.map(|Answer { id, changed, .. }| Done { id, changed }));
        }
        outcomes
    }
}

impl Session {
    /// Hands over commands that are done in their order and in one commit, which changes the tenant
    /// once; one that is refused costs the others nothing. Returns before they are done: who has more
    /// of them hands over the next meanwhile.
    ///
    /// Of what is done otherwise than asked nothing is said, and whom the session tells of what it
    /// changes is not told.
    ///
    /// # Errors
    /// As [`read`](Self::read), before anything is done.
    pub async fn write_together(&self, commands: Vec<Command>) -> Result<Underway, Error> {
        self.view(&self.snapshot())?;
        if commands.is_empty() {
            return Ok(Underway(Vec::new()));
        }
        self.charge(commands.len());
        let (mut writes, mut unfit) = (Vec::with_capacity(commands.len()), Vec::new());
        for (place, command) in commands.into_iter().enumerate() {
            match self.prepare(command).await {
                Ok(write) => writes.push(write),
                Err(error) => unfit.push((place, there(Err(error)))),
            }
        }
        let mut answers = match &self.rehearsal {
            Some(rehearsal) => {
                let answers = rehearsal.write_all(writes, Manner::Together).await;
                answers.into_iter().map(there).collect()
            }
            None => self.tenant.hand_over(writes, Manner::Together).await?,
        };
        for (place, answer) in unfit {
            answers.insert(place, answer);
        }
        Ok(Underway(answers))
    }
}

/// An answer that need not be waited for.
fn there(answer: Result<Answer, Error>) -> Coming {
    let (reply, coming) = oneshot::channel();
    // It is taken up at once.
    let _ = reply.send(answer);
    coming
}
