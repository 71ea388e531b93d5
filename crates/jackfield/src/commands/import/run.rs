//! One import: people first, then their managers, then the groups that they are members of.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use anyhow::Result;
use jackfield_gateway::{
    Command, Entry as Shown, Error, Located, Node, Order, Precondition, Query, Session, Start,
};
use jackfield_ldap::import::{Import, Imported, import};
use jackfield_ldap::ldif::{self, Entry};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Dn, Filter, Id, Kind, KindSet, Truth, Value, text};
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

use super::managers::Managed;

/// So many records are made in one commit.
pub(super) const BATCH: usize = 500;

/// What came of an import.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) users: usize,
    pub(super) contacts: usize,
    pub(super) groups: usize,
    /// Extensions and desks.
    pub(super) others: usize,
    /// Members that were added to groups.
    pub(super) members: usize,
    /// People who were given their managers.
    pub(super) managers: usize,
    /// Records that were there before.
    pub(super) there: usize,
    /// Attributes without a place here, and how often they came.
    pub(super) ignored: BTreeMap<String, usize>,
    pub(super) refused: Vec<Refused>,
}

/// An entry that was not taken.
#[derive(Debug, Serialize)]
pub(super) struct Refused {
    line: u64,
    name: String,
    reason: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.name, self.reason)
    }
}

/// An entry on its way.
struct Pending {
    line: u64,
    dn: String,
    record: Imported,
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
    made: HashMap<SmolStr, Id>,
    /// The contacts that were there before, which nothing but their names and numbers tells apart.
    contacts: HashSet<SmolStr>,
    batch: Vec<Pending>,
    pub(super) managed: Vec<Managed>,
    groups: Vec<Pending>,
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
        let mut contacts = HashSet::new();
        self.each(Kind::Contact, &mut |contact| {
            let numbers = contact.attribute(attr::PHONE_NUMBERS);
            contacts.insert(card(&contact.common_name(), &numbers));
        })?;
        self.contacts = contacts;
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

    /// Makes the groups that are not there yet, and then adds the members of all.
    async fn make_groups(&mut self) -> Result<()> {
        let groups = std::mem::take(&mut self.groups);
        let mut known = HashMap::new();
        self.each(Kind::Group, &mut |group| {
            known.insert(text::case_ignore(&group.common_name()), group.record().id);
        })?;
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
                None => {
                    let (kind, attributes) = (Kind::Group, group.record.attributes.clone());
                    match self
                        .session
                        .write(Command::Create { kind, attributes })
                        .await
                    {
                        Ok(written) => {
                            self.count(Kind::Group);
                            written.id
                        }
                        Err(error) if is_fatal(&error) => return Err(error.into()),
                        Err(error) => {
                            self.refuse(group.line, &group.dn, error.to_string());
                            None
                        }
                    }
                }
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

    async fn add_members(&mut self, group: &Pending, id: Id) -> Result<()> {
        let mut members: Vec<Id> = Vec::new();
        for dn in &group.record.members {
            match self.meant(dn)? {
                Some(member) => members.push(member),
                // Groups that must have a member hold themselves, or one that stands for none.
                None if dn.is_root() || self.made.get(&dn.key()) == Some(&id) => {}
                None => self.refuse(
                    group.line,
                    &group.dn,
                    format!("its member {dn} is not there"),
                ),
            }
        }
        for name in &group.record.member_names {
            match self.session.named(Kind::User, name) {
                Some(member) => members.push(member),
                None => self.refuse(
                    group.line,
                    &group.dn,
                    format!("its member {name} is not there"),
                ),
            }
        }
        members.retain(|member| *member != id);
        if members.is_empty() {
            return Ok(());
        }
        let member = |id: &Id| {
            let id = id.to_string();
            Value::Complex(Attributes::new().with(attr::MEMBERS_VALUE, id.as_str()))
        };
        let path = Path {
            attr: attr::MEMBERS,
            filter: None,
            sub: None,
            text: "members".to_owned(),
        };
        let add = PatchOp {
            kind: PatchKind::Add,
            path,
            values: members.iter().map(member).collect(),
            create_missing: false,
        };
        let command = Command::Patch {
            id,
            kind: Kind::Group,
            ops: vec![add],
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

    /// Gives each record of the kind that is in the tenant.
    fn each(&self, kind: Kind, each: &mut dyn FnMut(Shown<'_>)) -> Result<()> {
        let reader = self.session.read()?;
        let query = Query {
            kinds: KindSet::of(&[kind]),
            only: None,
            filter: &Filter::Const(Truth::True),
            order: Order::Number,
            start: Start::FIRST,
            limit: usize::MAX,
            count: false,
            stop: &|| false,
        };
        let found = reader
            .search(&query)
            .map(|found| found.numbers)
            .unwrap_or_default();
        found
            .into_iter()
            .filter_map(|number| reader.by_number(number))
            .for_each(each);
        Ok(())
    }

    fn remember(&mut self, pending: &Pending, id: Option<Id>) {
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

    fn count(&mut self, kind: Kind) {
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
