//! One import: people first, then their managers, then the groups that they are members of.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use jackfield_gateway::{Command, Entry as Shown, Error, Located, Node, Session};
use jackfield_ldap::import::{Import, Imported, import};
use jackfield_ldap::ldif::{self, Entry};
use jackfield_model::schema::attr;
use jackfield_model::{Dn, Id, Kind, KindSet, Value, text};
use smol_str::{SmolStr, format_smolstr};

use super::managers::Managed;
use super::report::{Refused, Report};

/// So many records are made in one commit.
pub(super) const BATCH: usize = 500;

/// An entry on its way.
pub(super) struct Pending {
    pub(super) line: u64,
    pub(super) dn: String,
    pub(super) record: Imported,
}

impl Pending {
    /// What it is called in the report.
    fn name(&self) -> String {
        let attributes = &self.record.attributes;
        let login = attributes
            .text(attr::USER_NAME)
            .or(attributes.text(attr::DISPLAY_NAME));
        match self.dn.as_str() {
            "" => login.unwrap_or_default().to_owned(),
            dn => dn.to_owned(),
        }
    }
}

/// An import under way.
pub(super) struct Run {
    pub(super) session: Session,
    pub(super) report: Report,
    /// What the names of the file became.
    pub(super) made: HashMap<SmolStr, Id>,
    /// The contacts that were there before, which nothing but their names and numbers tells apart.
    contacts: HashSet<SmolStr>,
    batch: Vec<Pending>,
    pub(super) managed: Vec<Managed>,
    pub(super) groups: Vec<Pending>,
}

impl Run {
    pub(super) fn new(session: Session) -> Self {
        Self {
            session,
            report: Report::default(),
            made: HashMap::new(),
            contacts: HashSet::new(),
            batch: Vec::new(),
            managed: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// Takes in all entries.
    ///
    /// # Errors
    /// If the file cannot be read on, or the store is not there: what was made until then stays.
    pub(super) async fn all(
        mut self,
        entries: impl Iterator<Item = Result<Entry, ldif::Error>>,
    ) -> Result<Report> {
        let registry = self.session.tenant().registry();
        let known = |contact: Shown<'_>| {
            let numbers = contact.attribute(attr::PHONE_NUMBERS);
            card(&contact.common_name(), &numbers)
        };
        let reader = self.session.read()?;
        let contacts = reader.every(KindSet::of(&[Kind::Contact]));
        self.contacts = contacts.map(known).collect();
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(ldif::Error::Entry { line, problem }) => {
                    self.refuse(line, "an entry", problem);
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            match import(&entry, &registry) {
                Import::Branch => {}
                Import::Refused(reason) => self.refuse(entry.line, &entry.dn, reason),
                Import::Record(record) => {
                    for name in &record.unknown {
                        *self.report.ignored.entry(name.clone()).or_default() += 1;
                    }
                    let (line, dn) = (entry.line, entry.dn);
                    let pending = Pending {
                        line,
                        dn,
                        record: *record,
                    };
                    match pending.record.kind {
                        Kind::Group => self.groups.push(pending),
                        Kind::Contact if self.knows(&pending.record) => self.report.there += 1,
                        _ => self.batch.push(pending),
                    }
                }
            }
            if self.batch.len() >= BATCH {
                self.flush().await?;
            }
        }
        self.flush().await?;
        self.give_managers().await?;
        self.make_groups().await?;
        Ok(self.report)
    }

    /// Makes the people, contacts and extensions that wait, and gives them their passwords.
    async fn flush(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        let create = |pending: &Pending| Command::Create {
            kind: pending.record.kind,
            attributes: pending.record.attributes.clone(),
        };
        let commands = batch.iter().map(create).collect();
        let outcomes = self.session.write_all(commands, usize::MAX).await?;
        let mut passwords = Vec::new();
        for (pending, outcome) in batch.iter().zip(outcomes) {
            let kind = pending.record.kind;
            match outcome {
                Ok(written) => {
                    self.count(kind);
                    if let (Some(id), Some(kept)) = (written.id, &pending.record.password) {
                        passwords.push((pending, id, kept));
                    }
                    self.remember(pending, written.id);
                }
                Err(Error::Taken { .. }) => {
                    self.report.there += 1;
                    let there =
                        login(&pending.record).and_then(|name| self.session.named(kind, name));
                    self.remember(pending, there);
                }
                Err(error) if is_fatal(&error) => return Err(error.into()),
                Err(error) => self.refuse(pending.line, &pending.name(), error.to_string()),
            }
        }
        let mut commands = Vec::new();
        let mut whose = Vec::new();
        for (pending, id, kept) in passwords {
            match self.session.imported_password(id, kept).await {
                Ok(command) => {
                    commands.push(command);
                    whose.push(pending);
                }
                Err(error) => self.refuse_password(pending, &error),
            }
        }
        let outcomes = self.session.write_all(commands, usize::MAX).await?;
        for (pending, outcome) in whose.into_iter().zip(outcomes) {
            if let Err(error) = outcome {
                self.refuse_password(pending, &error);
            }
        }
        Ok(())
    }

    /// The record that a name means: one of the file, or one that was in the tenant's tree before.
    pub(super) fn meant(&self, dn: &Dn) -> Result<Option<Id>> {
        if let Some(id) = self.made.get(&dn.key()) {
            return Ok(Some(*id));
        }
        Ok(match self.session.read()?.locate(dn) {
            Located::Found(Node::Record(id)) => Some(id),
            _ => None,
        })
    }

    /// Whether the contact was there before.
    fn knows(&self, contact: &Imported) -> bool {
        let attributes = &contact.attributes;
        let name = attributes.text(attr::DISPLAY_NAME).unwrap_or_default();
        let numbers = attributes.values(attr::PHONE_NUMBERS);
        self.contacts.contains(&card(name, numbers))
    }

    pub(super) fn remember(&mut self, pending: &Pending, id: Option<Id>) {
        let Some(id) = id else { return };
        if let Ok(dn) = Dn::parse(&pending.dn) {
            self.made.insert(dn.key(), id);
        }
        self.managed
            .extend(pending.record.manager.clone().map(|manager| Managed {
                line: pending.line,
                name: pending.name(),
                person: id,
                manager,
            }));
    }

    pub(super) fn count(&mut self, kind: Kind) {
        match kind {
            Kind::User => self.report.users += 1,
            Kind::Contact => self.report.contacts += 1,
            Kind::Group => self.report.groups += 1,
            _ => self.report.others += 1,
        }
    }

    pub(super) fn refuse(&mut self, line: u64, name: &str, reason: String) {
        let name = name.to_owned();
        self.report.refused.push(Refused { line, name, reason });
    }

    fn refuse_password(&mut self, pending: &Pending, error: &Error) {
        let reason = format!("it was made without a password: {error}");
        self.refuse(pending.line, &pending.name(), reason);
    }
}

/// Whether the other entries would fare no better.
pub(super) fn is_fatal(error: &Error) -> bool {
    matches!(
        error,
        Error::Unavailable | Error::Internal | Error::InvalidCredentials
    )
}

/// What a contact is known by: the name, and the numbers however they are ordered.
fn card(name: &str, numbers: &[Value]) -> SmolStr {
    let mut numbers: Vec<SmolStr> = numbers
        .iter()
        .filter_map(|number| number.as_complex()?.text(attr::PHONE_NUMBERS_VALUE))
        .map(text::telephone)
        .collect();
    numbers.sort_unstable();
    format_smolstr!("{} {}", text::case_ignore(name), numbers.join(" "))
}

/// What a record is found by.
fn login(record: &Imported) -> Option<&str> {
    match record.kind {
        Kind::Extension => record.attributes.text(attr::EXTENSION_NUMBER),
        _ => record.attributes.text(attr::USER_NAME),
    }
}
