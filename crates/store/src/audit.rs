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

use std::fmt;

use hmac::digest::Key;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jackfield_model::{AuditChange, AuditEntry, Origin, Outcome, Revision, TenantId};
use sha2::Sha256;

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

/// What is hashed: every field with its length before it, so that no two contents read alike.
/// Entries are taken apart by name: a new field does not compile until it is hashed too.
struct Message(Vec<u8>);

impl Message {
    fn new(purpose: &str) -> Self {
        let mut message = Self(Vec::with_capacity(512));
        message.text(purpose);
        message
    }

    fn mac(&self, key: &AuditKey) -> [u8; 32] {
        // The key fills its block with zeros, as RFC 2104 §2 does; in this form it is never refused.
        let mut block = Key::<Hmac<Sha256>>::default();
        block
            .iter_mut()
            .zip(key.0)
            .for_each(|(slot, byte)| *slot = byte);
        let mut hmac = Hmac::<Sha256>::new(&block);
        hmac.update(&self.0);
        hmac.finalize().into_bytes().into()
    }

    fn number(&mut self, number: u64) -> &mut Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    fn field(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.field(text.as_bytes())
    }

    fn maybe(&mut self, bytes: Option<&[u8]>) -> &mut Self {
        match bytes {
            Some(bytes) => self.number(1).field(bytes),
            None => self.number(0),
        }
    }

    fn entry(&mut self, entry: &AuditEntry) {
        let AuditEntry {
            at,
            actor,
            actor_name: _, // behind the entry, where it is told
            origin,
            action,
            target,
            target_name,
            outcome,
            changes,
        } = entry;
        let Origin { protocol, address } = origin;
        let address = address.map(|address| address.to_string());
        self.field(&at.0.to_be_bytes())
            .text(actor.kind())
            .maybe(actor.record().as_ref().map(|id| id.0.as_bytes().as_slice()))
            .text(protocol)
            .maybe(address.as_ref().map(String::as_bytes))
            .text(action)
            .maybe(target.as_ref().map(|id| id.0.as_bytes().as_slice()))
            .text(target_name);
        match outcome {
            Outcome::Done => self.text("done"),
            Outcome::Refused(reason) => self.text("refused").text(reason),
        };
        self.number(changes.len() as u64);
        for AuditChange {
            attribute,
            before,
            after,
        } in changes
        {
            self.text(attribute)
                .maybe(before.as_ref().map(String::as_bytes))
                .maybe(after.as_ref().map(String::as_bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_model::{Id, Principal, Timestamp};
    use uuid::Uuid;

    use super::*;

    const KEY: AuditKey = AuditKey::new([7; 32]);
    const TENANT: TenantId = TenantId(Uuid::from_u128(1));

    fn entry(name: &str) -> AuditEntry {
        AuditEntry {
            at: Timestamp(1_000_000),
            actor: Principal::Person(Id(Uuid::from_u128(9))),
            actor_name: Some("ann".to_owned()),
            origin: Origin::local("cli"),
            action: "user.create".into(),
            target: Some(Id(Uuid::from_u128(8))),
            target_name: name.to_owned(),
            outcome: Outcome::Done,
            changes: vec![AuditChange {
                attribute: "title".to_owned(),
                before: None,
                after: Some("Boss".to_owned()),
            }],
        }
    }

    fn log() -> Vec<Sealed> {
        let mut chain = Chain::start(&KEY, TENANT);
        ["a", "b", "c"]
            .map(|name| chain.seal(&entry(name), Some(Revision(5))))
            .to_vec()
    }

    #[test]
    fn a_log_as_it_was_written_verifies() {
        let log = log();
        assert_eq!(
            log.iter().map(|sealed| sealed.sequence).collect::<Vec<_>>(),
            [1, 2, 3]
        );
        assert_eq!(verify(&KEY, TENANT, &log), Ok(()));
        let mut rest = Chain::after(&KEY, 1, log[0].mac);
        assert_eq!(
            rest.check(&log[1]).and_then(|()| rest.check(&log[2])),
            Ok(())
        );
    }

    #[test]
    fn another_key_or_tenant_breaks_the_first_entry() {
        let log = log();
        let broken = Err(Broken { sequence: 1 });
        assert_eq!(verify(&AuditKey::new([8; 32]), TENANT, &log), broken);
        assert_eq!(verify(&KEY, TenantId(Uuid::from_u128(2)), &log), broken);
    }

    #[test]
    fn every_tampering_breaks_the_log_where_it_was_done() {
        type Tamper = fn(&mut Vec<Sealed>);
        let cases: [(&str, u64, Tamper); 14] = [
            ("dropped first", 1, |log| drop(log.remove(0))),
            ("dropped between", 2, |log| drop(log.remove(1))),
            ("swapped", 2, |log| log.swap(1, 2)),
            ("repeated", 3, |log| log.insert(2, log[1].clone())),
            ("renumbered", 2, |log| log[1].sequence = 5),
            ("hash", 3, |log| log[2].mac[31] ^= 1),
            ("time", 2, |log| log[1].entry.at.0 += 1),
            ("actor", 2, |log| log[1].entry.actor = Principal::Operator),
            ("protocol", 2, |log| {
                log[1].entry.origin = Origin::local("scim");
            }),
            ("action", 2, |log| {
                log[1].entry.action = "user.delete".into();
            }),
            ("target", 2, |log| log[1].entry.target = None),
            ("target name", 2, |log| log[1].entry.target_name.push('x')),
            ("outcome", 2, |log| {
                log[1].entry.outcome = Outcome::Refused("no".to_owned());
            }),
            ("change", 2, |log| {
                log[1].entry.changes[0].before = log[1].entry.changes[0].after.take();
            }),
        ];
        for (what, sequence, tamper) in cases {
            let mut log = log();
            tamper(&mut log);
            assert_eq!(
                verify(&KEY, TENANT, &log),
                Err(Broken { sequence }),
                "{what}"
            );
        }
    }

    #[test]
    fn the_hash_is_hmac_sha_256() {
        // RFC 4231 §4.3, test case 2; its key is padded with zeros like every shorter one.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let mac = Message(b"what do ya want for nothing?".to_vec()).mac(&AuditKey::new(key));
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&mac), expected);
    }

    fn hex(bytes: &[u8]) -> String {
        bytes
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    #[test]
    fn text_cannot_move_from_one_field_to_the_next() {
        let (mut one, mut other) = (entry("ab"), entry("a"));
        one.outcome = Outcome::Refused("c".to_owned());
        other.outcome = Outcome::Refused("bc".to_owned());
        let mac = |entry| Chain::start(&KEY, TENANT).seal(entry, None).mac;
        assert_ne!(mac(&one), mac(&other));
    }

    #[test]
    fn the_key_never_prints() {
        assert_eq!(format!("{KEY:?}"), "AuditKey(…)");
    }

    #[test]
    fn the_revision_and_the_actors_name_are_sealed_and_older_entries_have_none() {
        let mut log = log();
        log[1].revision = Some(Revision(6));
        assert_eq!(verify(&KEY, TENANT, &log), Err(Broken { sequence: 2 }));
        log[1].revision = Some(Revision(5));
        log[2].entry.actor_name = Some("bob".to_owned());
        assert_eq!(verify(&KEY, TENANT, &log), Err(Broken { sequence: 3 }));
        let mut old = entry("old");
        old.actor_name = None;
        let mut chain = Chain::start(&KEY, TENANT);
        let mut sealed = chain.seal(&old, Some(Revision(1)));
        sealed.revision = None;
        assert_eq!(verify(&KEY, TENANT, [&sealed]), Ok(()));
    }

    #[test]
    fn what_is_left_of_a_log_is_proved_by_a_cut_that_only_the_key_can_make() {
        let log = log();
        let cut = Cut::new(&KEY, TENANT, 1, log[0].mac);
        let check = |cut: &Cut, from: usize| {
            let mut chain = Chain::begin(&KEY, TENANT, Some(cut))?;
            log[from..]
                .iter()
                .try_for_each(|sealed| chain.check(sealed))
        };
        assert_eq!(check(&cut, 1), Ok(()));
        assert_eq!(
            check(&cut, 2),
            Err(Broken { sequence: 2 }),
            "one more is missing"
        );
        let forged = Cut::new(&AuditKey::new([8; 32]), TENANT, 2, log[1].mac);
        assert_eq!(check(&forged, 2), Err(Broken { sequence: 1 }));
        let moved = Cut { sequence: 2, ..cut };
        assert_eq!(check(&moved, 2), Err(Broken { sequence: 1 }));
    }
}
