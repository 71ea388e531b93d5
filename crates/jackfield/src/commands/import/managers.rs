//! Who is whose manager: after all people, since the file has them in any order.

use anyhow::Result;
use jackfield_gateway::{Command, Precondition, Reader};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Dn, Id, Kind};

use super::run::{BATCH, Run, is_fatal};

/// A person of the file, and the name of the manager.
pub(super) struct Managed {
    pub(super) line: u64,
    pub(super) name: String,
    pub(super) person: Id,
    pub(super) manager: Dn,
}

impl Run {
    /// Gives people their managers; those who were there before keep the one they have.
    ///
    /// # Errors
    /// If the store is not there.
    pub(super) async fn give_managers(&mut self) -> Result<()> {
        let all = std::mem::take(&mut self.managed);
        for batch in all.chunks(BATCH) {
            let (mut commands, mut whose) = (Vec::new(), Vec::new());
            let reader = self.session.read()?;
            for managed in batch {
                if has_manager(&reader, managed.person) {
                    continue;
                }
                match self.meant(&managed.manager)? {
                    Some(manager) => {
                        commands.push(give(managed.person, manager));
                        whose.push(managed);
                    }
                    None => {
                        let reason = format!("its manager {} is not there", managed.manager);
                        self.refuse(managed.line, &managed.name, reason);
                    }
                }
            }
            let underway = self.session.write_together(commands).await?;
            for (managed, outcome) in whose.into_iter().zip(underway.outcomes().await) {
                match outcome {
                    Ok(_) => self.report.managers += 1,
                    Err(error) if is_fatal(&error) => return Err(error.into()),
                    Err(error) => {
                        let reason = format!("its manager {}: {error}", managed.manager);
                        self.refuse(managed.line, &managed.name, reason);
                    }
                }
            }
        }
        Ok(())
    }
}

fn has_manager(reader: &Reader, person: Id) -> bool {
    let entry = reader.entry(person);
    entry.is_some_and(|entry| !entry.attribute(attr::MANAGER).is_empty())
}

fn give(person: Id, manager: Id) -> Command {
    let manager = Attributes::new().with(attr::MANAGER_VALUE, &*manager.to_string());
    let path = Path::of(attr::MANAGER, None);
    let set = PatchOp::new(PatchKind::Replace, path, vec![manager.into()]);
    Command::Patch {
        id: person,
        kind: Kind::User,
        ops: vec![set],
        expect: Precondition::None,
    }
}
