//! How audit entries are numbered and chained.
//!
//! Each tenant has one log. Its entries are numbered from 1 without gaps, and each carries a keyed
//! hash (HMAC-SHA-256, RFC 2104) over the hash before it, its number and its content, so that
//! without the key nobody can change, drop, add or reorder entries unseen. The first is chained to
//! a value that the key and the tenant make, so that a log cannot be passed off as another
//! tenant's. Entries cut off at the end show in the number that the tenant's row keeps.
//!
//! Old entries may be dropped ([`Cut`]): what is left is chained to the last that was dropped, and
//! that this was done by the program is sealed with the key, too.

mod message;

use std::fmt;

use jackfield_model::{AuditEntry, Revision, TenantId};

use message::Message;

/// The key of the chain. Whoever has it can forge the log.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditKey([u8; 32]);

impl AuditKey {
    /// The key of these bytes, which nobody can guess.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A value that no other key has, and that gives nothing of this one away.
    pub fn fingerprint(&self) -> [u8; 32] {
        Message::new("jackfield audit key 1").mac(self)
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(…)")
    }
}

/// An audit entry as it is kept: numbered, and chained to the one before by a keyed hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its place in the tenant's log, from 1, without gaps.
    pub sequence: u64,
    /// The entry.
    pub entry: AuditEntry,
    /// The keyed hash over the one before and this entry.
    pub mac: [u8; 32],
    /// The revision that it belongs to; none for what was refused.
    pub revision: Option<Revision>,
}

/// Where a log begins whose oldest entries were dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The number of the last entry that was dropped.
    pub sequence: u64,
    /// Its hash, to which the next is chained.
    pub mac: [u8; 32],
    /// The keyed hash by which the program says that it dropped them.
    pub seal: [u8; 32],
}

impl Cut {
    /// Seals that the entries up to this one are dropped.
    pub fn new(key: &AuditKey, tenant: TenantId, sequence: u64, mac: [u8; 32]) -> Self {
        let mut message = Message::new("jackfield audit cut 1");
        message
            .field(tenant.0.as_bytes())
            .number(sequence)
            .field(&mac);
        Self {
            sequence,
            mac,
            seal: message.mac(key),
        }
    }

    fn is_sound(&self, key: &AuditKey, tenant: TenantId) -> bool {
        Self::new(key, tenant, self.sequence, self.mac) == *self
    }
}

/// What a log says of itself, for holding its entries against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Where it begins, if entries were dropped.
    pub cut: Option<Cut>,
    /// The number of its last entry.
    pub last: u64,
    /// The hash of its last entry.
    pub mac: [u8; 32],
}

/// A log that is as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The number of the first entry that is kept; one more than `last` if none is.
    pub first: u64,
    /// The number of the last entry.
    pub last: u64,
}

/// The log is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit log is broken at entry {sequence}")]
pub struct Broken {
    /// The number that the first wrong entry should have.
    pub sequence: u64,
}

/// The end of a tenant's log, where the next entry is sealed or checked.
#[derive(Clone, Debug)]
pub struct Chain<'k> {
    key: &'k AuditKey,
    sequence: u64,
    mac: [u8; 32],
}

impl<'k> Chain<'k> {
    /// The chain of a tenant without entries.
    pub fn start(key: &'k AuditKey, tenant: TenantId) -> Self {
        let mut message = Message::new("jackfield audit start 1");
        message.field(tenant.0.as_bytes());
        Self {
            key,
            sequence: 0,
            mac: message.mac(key),
        }
    }

    /// The chain of a tenant whose oldest entries may have been dropped.
    ///
    /// # Errors
    /// [`Broken`] if they were not dropped by the program.
    pub fn begin(key: &'k AuditKey, tenant: TenantId, cut: Option<&Cut>) -> Result<Self, Broken> {
        match cut {
            None => Ok(Self::start(key, tenant)),
            Some(cut) if cut.is_sound(key, tenant) => Ok(Self::after(key, cut.sequence, cut.mac)),
            Some(_) => Err(Broken { sequence: 1 }),
        }
    }

    /// The chain after the entry of this number and hash.
    pub fn after(key: &'k AuditKey, sequence: u64, mac: [u8; 32]) -> Self {
        Self { key, sequence, mac }
    }

    /// The number of the last entry; 0 if there is none.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The hash of the last entry.
    pub fn mac(&self) -> [u8; 32] {
        self.mac
    }

    /// Numbers and seals the next entry.
    pub fn seal(&mut self, entry: &AuditEntry, revision: Option<Revision>) -> Sealed {
        self.mac = self.next_mac(entry, revision);
        self.sequence += 1;
        Sealed {
            sequence: self.sequence,
            entry: entry.clone(),
            mac: self.mac,
            revision,
        }
    }

    /// Goes on over an entry that was read, if it is the next one.
    ///
    /// # Errors
    /// [`Broken`] if its number or hash is another; the chain then stays where it was.
    pub fn check(&mut self, sealed: &Sealed) -> Result<(), Broken> {
        let sequence = self.sequence + 1;
        if sealed.sequence != sequence
            || sealed.mac != self.next_mac(&sealed.entry, sealed.revision)
        {
            return Err(Broken { sequence });
        }
        (self.sequence, self.mac) = (sequence, sealed.mac);
        Ok(())
    }

    /// Entries of the first version told neither the actor's name nor the revision.
    fn next_mac(&self, entry: &AuditEntry, revision: Option<Revision>) -> [u8; 32] {
        let purpose = match entry.actor_name {
            None => "jackfield audit entry 1",
            Some(_) => "jackfield audit entry 2",
        };
        let mut message = Message::new(purpose);
        message
            .field(&self.mac)
            .number(self.sequence + 1)
            .entry(entry);
        if let Some(name) = &entry.actor_name {
            message
                .text(name)
                .number(revision.map_or(0, |revision| revision.0));
        }
        message.mac(self.key)
    }
}

/// Checks a tenant's log from its first entry on.
///
/// # Errors
/// [`Broken`] at the first entry that is not as it was written.
pub fn verify<'e>(
    key: &AuditKey,
    tenant: TenantId,
    entries: impl IntoIterator<Item = &'e Sealed>,
) -> Result<(), Broken> {
    let mut chain = Chain::start(key, tenant);
    entries
        .into_iter()
        .try_for_each(|sealed| chain.check(sealed))
}

#[cfg(test)]
mod tests;
