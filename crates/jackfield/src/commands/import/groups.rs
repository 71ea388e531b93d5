//! Groups and their members: after all people, whom they name.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use jackfield_gateway::{Command, Precondition};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, KindSet, Value, text};
use smol_str::SmolStr;

use super::read::Pending;
use super::run::{BATCH, Run, is_fatal};

/// So many members, or all of a larger group, are added in one commit.
const MEMBERS: usize = 10_000;

/// The groups that are there, by their names in the form in which these are compared.
type Known = HashMap<SmolStr, Id>;

impl Run {
    /// Makes the groups that are not there yet, and then adds the members of all.
    pub(super) async fn make_groups(&mut self) -> Result<()> {
        let mut known: Known = self
            .session
            .read()?
            .every(KindSet::of(&[Kind::Group]))
            .map(|group| (text::case_ignore(&group.common_name()), group.record().id))
            .collect();
        let (mut batch, mut names) = (Vec::new(), HashSet::new());
        let mut there = Vec::new();
        for group in std::mem::take(&mut self.groups) {
            let name = group.record.attributes.text(attr::DISPLAY_NAME);
            let key = text::case_ignore(name.unwrap_or_default());
            // A name that comes again means the group that it meant before.
            if batch.len() == BATCH || !names.insert(key.clone()) {
                let whole = std::mem::take(&mut batch);
                there.extend(self.make_some(whole, &mut known).await?);
                names = HashSet::from([key.clone()]);
            }
            batch.push((key, group));
        }
        there.extend(self.make_some(batch, &mut known).await?);
        self.add_members(there).await
    }

    /// Makes groups of different names, unless they are known; gives those that are there then.
    async fn make_some(
        &mut self,
        mut batch: Vec<(SmolStr, Pending)>,
        known: &mut Known,
    ) -> Result<Vec<(Pending, Id)>> {
        let new = batch.iter_mut().filter(|(key, _)| !known.contains_key(key));
        let commands = new.map(|(_, group)| group.create()).collect();
        let underway = self.session.write_together(commands).await?;
        let mut outcomes = underway.outcomes().await.into_iter();
        let mut there = Vec::with_capacity(batch.len());
        for (key, group) in batch {
            let id = match known.get(&key) {
                Some(id) => {
                    self.report.there += 1;
                    Some(*id)
                }
                None => match outcomes.next().transpose() {
                    Ok(done) => {
                        self.count(Kind::Group);
                        done.and_then(|done| done.id)
                    }
                    Err(error) if is_fatal(&error) => return Err(error.into()),
                    Err(error) => {
                        self.refuse(group.line, &group.name, error.to_string());
                        None
                    }
                },
            };
            self.remember(&group, id);
            if let Some(id) = id {
                known.insert(key, id);
                there.push((group, id));
            }
        }
        Ok(there)
    }

    async fn add_members(&mut self, groups: Vec<(Pending, Id)>) -> Result<()> {
        let (mut commands, mut whose, mut count) = (Vec::new(), Vec::new(), 0);
        for (group, id) in groups {
            let members = self.members(&group, id)?;
            if members.is_empty() {
                continue;
            }
            count += members.len();
            commands.push(add(id, &members));
            whose.push((group, members.len()));
            if count >= MEMBERS {
                let (commands, whose) = (std::mem::take(&mut commands), std::mem::take(&mut whose));
                self.add_some(commands, whose).await?;
                count = 0;
            }
        }
        self.add_some(commands, whose).await
    }

    async fn add_some(
        &mut self,
        commands: Vec<Command>,
        whose: Vec<(Pending, usize)>,
    ) -> Result<()> {
        let underway = self.session.write_together(commands).await?;
        for ((group, members), outcome) in whose.into_iter().zip(underway.outcomes().await) {
            match outcome {
                Ok(done) if done.changed => self.report.members += members,
                Ok(_) => {}
                Err(error) if is_fatal(&error) => return Err(error.into()),
                Err(error) => self.refuse(group.line, &group.name, error.to_string()),
            }
        }
        Ok(())
    }

    /// The members that are there, without the group itself.
    fn members(&mut self, group: &Pending, id: Id) -> Result<Vec<Id>> {
        let mut members: Vec<Id> = Vec::new();
        let mut missing = Vec::new();
        for dn in &group.record.members {
            match self.meant(dn)? {
                Some(member) => members.push(member),
                // Groups that must have a member hold themselves, or one that stands for none.
                None if dn.is_root() || self.made.get(&dn.key()) == Some(&id) => {}
                None => missing.push(dn.to_string()),
            }
        }
        for name in &group.record.member_names {
            match self.session.named(Kind::User, name) {
                Some(member) => members.push(member),
                None => missing.push(name.clone()),
            }
        }
        for name in missing {
            let reason = format!("its member {name} is not there");
            self.refuse(group.line, &group.name, reason);
        }
        members.retain(|member| *member != id);
        Ok(members)
    }
}

fn add(group: Id, members: &[Id]) -> Command {
    let member = |id: &Id| {
        let id = id.to_string();
        Value::Complex(Attributes::new().with(attr::MEMBERS_VALUE, id.as_str()))
    };
    let path = Path::of(attr::MEMBERS, None);
    let values = members.iter().map(member).collect();
    Command::Patch {
        id: group,
        kind: Kind::Group,
        ops: vec![PatchOp::new(PatchKind::Add, path, values)],
        expect: Precondition::None,
    }
}
