//! What is in the file, read on a thread of its own: some batches ahead of what is made of it.

use std::sync::Arc;

use jackfield_ldap::import::{Import, Imported, import};
use jackfield_ldap::ldif::{self, Entry};
use jackfield_model::schema::attr;
use jackfield_model::{Dn, Kind, Registry};
use smol_str::SmolStr;
use tokio::sync::mpsc;

use super::Entries;
use super::report::Refused;
use super::run::BATCH;

/// So many batches are read before they are wanted.
const AHEAD: usize = 2;

/// An entry of the file.
pub(super) enum Found {
    /// One that becomes a record.
    Record(Box<Pending>),
    /// One that is not taken.
    Refused(Refused),
}

/// A record on its way.
pub(super) struct Pending {
    pub(super) line: u64,
    /// What it is called in the report.
    pub(super) name: String,
    /// The entry's name, in the form in which names are compared.
    pub(super) dn: Option<SmolStr>,
    /// What it is found by, if it is there already.
    pub(super) login: Option<SmolStr>,
    pub(super) record: Imported,
}

/// Entries in batches, and why there are no more, if the file cannot be read on.
pub(super) type Batches = mpsc::Receiver<Result<Vec<Found>, ldif::Error>>;

/// Begins to read.
pub(super) fn read(entries: Entries, registry: Arc<Registry>) -> Batches {
    let (sender, batches) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut batch = Vec::with_capacity(BATCH);
        for entry in entries {
            match entry {
                Ok(entry) => batch.extend(found(entry, &registry)),
                Err(ldif::Error::Entry { line, problem }) => {
                    batch.push(refused(line, "an entry".to_owned(), problem));
                }
                Err(error) => {
                    let rest = [Ok(batch), Err(error)];
                    let _ = rest.into_iter().try_for_each(|it| sender.blocking_send(it));
                    return;
                }
            }
            if batch.len() >= BATCH {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                if sender.blocking_send(Ok(full)).is_err() {
                    // Nobody wants to know any more.
                    return;
                }
            }
        }
        let _ = sender.blocking_send(Ok(batch));
    });
    batches
}

fn found(entry: Entry, registry: &Registry) -> Option<Found> {
    match import(&entry, registry) {
        Import::Branch => None,
        Import::Refused(reason) => Some(refused(entry.line, entry.dn, reason)),
        Import::Record(record) => Some(Found::Record(Box::new(Pending::of(entry, *record)))),
    }
}

fn refused(line: u64, name: String, reason: String) -> Found {
    Found::Refused(Refused { line, name, reason })
}

impl Pending {
    fn of(entry: Entry, record: Imported) -> Self {
        let attributes = &record.attributes;
        let text = |attr| attributes.text(attr).map(SmolStr::new);
        let login = match record.kind {
            Kind::Extension => text(attr::EXTENSION_NUMBER),
            _ => text(attr::USER_NAME),
        };
        let name = match entry.dn.as_str() {
            "" => text(attr::USER_NAME)
                .or_else(|| text(attr::DISPLAY_NAME))
                .unwrap_or_default()
                .into(),
            _ => entry.dn,
        };
        Self {
            line: entry.line,
            dn: Dn::parse(&name).ok().map(|dn| dn.key()),
            name,
            login,
            record,
        }
    }
}
