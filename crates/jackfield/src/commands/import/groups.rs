//! Groups and their members: after all people, whom they name.

use std::collections::HashMap;

use anyhow::Result;
use jackfield_gateway::{Command, Precondition};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, KindSet, Value, text};
use smol_str::SmolStr;

use super::run::{Pending, Run, is_fatal};

impl Run {
    /// Makes the groups that are not there yet, and then adds the members of all.
    pub(super) async fn make_groups(&mut self) -> Result<()> {
        let groups = std::mem::take(&mut self.groups);
        let mut known: HashMap<SmolStr, Id> = self
            .session
            .read()?
            .every(KindSet::of(&[Kind::Group]))
            .map(|group| (text::case_ignore(&group.common_name()), group.record().id))
            .collect();
        let mut ids = Vec::with_capacity(groups.len());
        for group in &groups {
            let name = group
                .record
                .attributes
                .text(attr::DISPLAY_NAME)
                .unwrap_or_default();
            let key = text::case_ignore(name);
            let id = match known.get(&key) {
                Some(id) => {
                    self.report.there += 1;
                    Some(*id)
                }
                None => self.make_group(group).await?,
            };
            known.extend(id.map(|id| (key, id)));
            self.remember(group, id);
            ids.push(id);
        }
        for (group, id) in groups.iter().zip(ids) {
            if let Some(id) = id {
                self.add_members(group, id).await?;
            }
        }
        Ok(())
    }

    async fn make_group(&mut self, group: &Pending) -> Result<Option<Id>> {
        let command = Command::Create {
            kind: Kind::Group,
            attributes: group.record.attributes.clone(),
        };
        match self.session.write(command).await {
            Ok(written) => {
                self.count(Kind::Group);
                Ok(written.id)
            }
            Err(error) if is_fatal(&error) => Err(error.into()),
            Err(error) => {
                self.refuse(group.line, &group.dn, error.to_string());
                Ok(None)
            }
        }
    }

    async fn add_members(&mut self, group: &Pending, id: Id) -> Result<()> {
        let members = self.members(group, id)?;
        if members.is_empty() {
            return Ok(());
        }
        let member = |id: &Id| {
            let id = id.to_string();
            Value::Complex(Attributes::new().with(attr::MEMBERS_VALUE, id.as_str()))
        };
        let path = Path::of(attr::MEMBERS, None);
        let values = members.iter().map(member).collect();
        let command = Command::Patch {
            id,
            kind: Kind::Group,
            ops: vec![PatchOp::new(PatchKind::Add, path, values)],
            expect: Precondition::None,
        };
        match self.session.write(command).await {
            Ok(written) if written.changed => self.report.members += members.len(),
            Ok(_) => {}
            Err(error) if is_fatal(&error) => return Err(error.into()),
            Err(error) => self.refuse(group.line, &group.dn, error.to_string()),
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
            self.refuse(group.line, &group.dn, reason);
        }
        members.retain(|member| *member != id);
        Ok(members)
    }
}
