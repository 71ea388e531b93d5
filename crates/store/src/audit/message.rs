//! What is hashed.

use hmac::digest::Key;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jackfield_model::{AuditChange, AuditEntry, Origin, Outcome};
use sha2::Sha256;

use super::AuditKey;

/// What is hashed: every field with its length before it, so that no two contents read alike.
/// Entries are taken apart by name: a new field does not compile until it is hashed too.
pub(super) struct Message(pub(super) Vec<u8>);

impl Message {
    pub(super) fn new(purpose: &str) -> Self {
        let mut message = Self(Vec::with_capacity(512));
        message.text(purpose);
        message
    }

    pub(super) fn mac(&self, key: &AuditKey) -> [u8; 32] {
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

    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub(super) fn field(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.field(text.as_bytes())
    }

    pub(super) fn maybe(&mut self, bytes: Option<&[u8]>) -> &mut Self {
        match bytes {
            Some(bytes) => self.number(1).field(bytes),
            None => self.number(0),
        }
    }

    pub(super) fn entry(&mut self, entry: &AuditEntry) {
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
