//! One import: people first, then their managers, then the groups that they are members of.

use std::collections::{HashMap, HashSet, VecDeque};

use anyhow::Result;
use jackfield_gateway::{Command, Done, Entry as Shown, Error, Located, Node, Session, Underway};
use jackfield_ldap::import::Imported;
use jackfield_model::schema::attr;
use jackfield_model::{Dn, Id, Kind, KindSet, Value, text};
use smol_str::{SmolStr, format_smolstr};

use super::managers::Managed;
use super::read::{Batches, Found, Pending};
use super::report::{Refused, Report};

/// So many records are made in one commit.
pub(super) const BATCH: usize = 1_000;

/// So many commits may be under way before it is looked what became of the first.
const AHEAD: usize = 2;

/// An import under way.
pub(super) struct Run {
    pub(super) session: Session,
    pub(super) report: Report,
    /// What the names of the file became.
    pub(super) made: HashMap<SmolStr, Id>,
    /// The contacts that were there before, which nothing but their names and numbers tells apart.
    contacts: HashSet<SmolStr>,
    batch: Vec<Pending>,
    underway: VecDeque<(Work, Underway)>,
    pub(super) managed: Vec<Managed>,
    pub(super) groups: Vec<Pending>,
}

/// What was handed over, in the order of its commands.
enum Work {
    Records(Vec<Pending>),
    Passwords(Vec<Pending>),
}

impl Run {
    pub(super) fn new(session: Session) -> Self {
        Self {
            session,
            report: Report::default(),
            made: HashMap::new(),
            contacts: HashSet::new(),
            batch: Vec::new(),
            underway: VecDeque::new(),
            managed: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// Takes in all entries.
    ///
    /// # Errors
    /// If the file cannot be read on, or the store is not there: what was made until then stays.
    pub(super) async fn all(mut self, mut batches: Batches) -> Result<Report> {
        let known = |contact: Shown<'_>| {
            let numbers = contact.attribute(attr::PHONE_NUMBERS);
            card(&contact.common_name(), &numbers)
        };
        let reader = self.session.read()?;
        let contacts = reader.every(KindSet::of(&[Kind::Contact]));
        self.contacts = contacts.map(known).collect();
        drop(reader);
        while let Some(batch) = batches.recv().await {
            for found in batch? {
                match found {
                    Found::Record(pending) => self.sort(*pending),
                    Found::Refused(refused) => self.report.refused.push(refused),
                }
                if self.batch.len() >= BATCH {
                    self.make().await?;
                }
            }
        }
        self.make().await?;
        while let Some((work, underway)) = self.underway.pop_front() {
            self.take_up(work, underway).await?;
        }
        self.give_managers().await?;
        self.make_groups().await?;
        Ok(self.report)
    }

    fn sort(&mut self, pending: Pending) {
        for name in &pending.record.unknown {
            *self.report.ignored.entry(name.clone()).or_default() += 1;
        }
        match pending.record.kind {
            Kind::Group => self.groups.push(pending),
            Kind::Contact if self.knows(&pending.record) => self.report.there += 1,
            _ => self.batch.push(pending),
        }
    }

    /// Hands over the people, contacts and extensions that wait.
    async fn make(&mut self) -> Result<()> {
        let mut batch = std::mem::take(&mut self.batch);
        let commands = batch.iter_mut().map(Pending::create).collect();
        self.hand_over(Work::Records(batch), commands).await
    }

    async fn hand_over(&mut self, work: Work, commands: Vec<Command>) -> Result<()> {
        let underway = self.session.write_together(commands).await?;
        self.underway.push_back((work, underway));
        if self.underway.len() > AHEAD
            && let Some((work, underway)) = self.underway.pop_front()
        {
            Box::pin(self.take_up(work, underway)).await?;
        }
        Ok(())
    }

    /// Waits for what became of it.
    async fn take_up(&mut self, work: Work, underway: Underway) -> Result<()> {
        let outcomes = underway.outcomes().await;
        match work {
            Work::Records(records) => {
                let mut locked = Vec::new();
                for (mut pending, outcome) in records.into_iter().zip(outcomes) {
                    let id = self.came_to(&pending, outcome)?;
                    if let (Some(id), Some(kept)) = (id, pending.record.password.take()) {
                        locked.push((pending, id, kept));
                    }
                }
                self.give_passwords(locked).await
            }
            Work::Passwords(whose) => {
                for (pending, outcome) in whose.into_iter().zip(outcomes) {
                    if let Err(error) = outcome {
                        self.refuse_password(&pending, &error);
                    }
                }
                Ok(())
            }
        }
    }

    /// Counts what became of a record; gives what was made.
    fn came_to(&mut self, pending: &Pending, outcome: Result<Done, Error>) -> Result<Option<Id>> {
        let kind = pending.record.kind;
        match outcome {
            Ok(done) => {
                self.count(kind);
                self.remember(pending, done.id);
                Ok(done.id)
            }
            Err(Error::Taken { .. }) => {
                self.report.there += 1;
                let login = pending.login.as_deref();
                let there = login.and_then(|name| self.session.named(kind, name));
                self.remember(pending, there);
                Ok(None)
            }
            Err(error) if is_fatal(&error) => Err(error.into()),
            Err(error) => {
                self.refuse(pending.line, &pending.name, error.to_string());
                Ok(None)
            }
        }
    }

    async fn give_passwords(&mut self, to: Vec<(Pending, Id, String)>) -> Result<()> {
        let (mut commands, mut whose) = (Vec::new(), Vec::new());
        for (pending, id, kept) in to {
            match self.session.imported_password(id, &kept).await {
                Ok(command) => {
                    commands.push(command);
                    whose.push(pending);
                }
                Err(error) => self.refuse_password(&pending, &error),
            }
        }
        match commands.is_empty() {
            true => Ok(()),
            false => self.hand_over(Work::Passwords(whose), commands).await,
        }
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
        self.made.extend(pending.dn.clone().map(|dn| (dn, id)));
        self.managed
            .extend(pending.record.manager.clone().map(|manager| Managed {
                line: pending.line,
                name: pending.name.clone(),
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
        self.refuse(pending.line, &pending.name, reason);
    }
}

impl Pending {
    /// The command that makes it, which takes its attributes along.
    pub(super) fn create(&mut self) -> Command {
        Command::Create {
            kind: self.record.kind,
            attributes: std::mem::take(&mut self.record.attributes),
        }
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
