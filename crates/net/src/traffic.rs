//! What is counted of a listener's connections: atomic numbers, in no order with anything else.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use rustls::{AlertDescription as Alert, Error as Tls};

use crate::Error;
use crate::admission::Refusal;

/// The counters of one listener, from the moment it was bound.
#[derive(Debug, Default)]
pub struct Traffic {
    accepted: AtomicU64,
    ended: AtomicU64,
    refused: [AtomicU64; REFUSED.len()],
    handshakes: [AtomicU64; HANDSHAKES.len()],
}

/// Why a connection was closed before anybody spoke on it.
const REFUSED: [&str; 3] = ["full", "source_full", "proxy"];

/// Why a TLS handshake failed: the two have no version or cipher suite in common, the client does
/// not take the certificate or shows none that is taken, it spoke no TLS, it was too slow, it went
/// away, all else.
const HANDSHAKES: [&str; 6] = [
    "incompatible",
    "certificate",
    "no_tls",
    "timeout",
    "broken_off",
    "other",
];

impl Traffic {
    /// How many connections were accepted.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// How many of them are open.
    pub fn open(&self) -> u64 {
        // Whatever ended was accepted before.
        let ended = self.ended.load(Ordering::Acquire);
        self.accepted().saturating_sub(ended)
    }

    /// How many were closed before anybody spoke on them, and why.
    pub fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        read(&REFUSED, &self.refused)
    }

    /// How many TLS handshakes failed, and why.
    pub fn failed_handshakes(&self) -> impl Iterator<Item = (&'static str, u64)> {
        read(&HANDSHAKES, &self.handshakes)
    }

    pub(crate) fn began(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn over(&self) {
        self.ended.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn note_refused(&self, refusal: Refusal) {
        let at = match refusal {
            Refusal::Full => 0,
            Refusal::SourceFull => 1,
        };
        add(&self.refused, at);
    }

    pub(crate) fn note_silent_proxy(&self) {
        add(&self.refused, 2);
    }

    pub(crate) fn note_failed_handshake(&self, error: &Error) {
        let at = match error {
            Error::HandshakeTimeout { .. } => 3,
            Error::Handshake(error) => cause(error),
            _ => return,
        };
        add(&self.handshakes, at);
    }
}

/// Which of [`HANDSHAKES`] it is.
fn cause(error: &io::Error) -> usize {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref()) else {
        return 4;
    };
    match error {
        Tls::PeerIncompatible(_)
        | Tls::AlertReceived(Alert::ProtocolVersion | Alert::HandshakeFailure) => 0,
        Tls::InvalidCertificate(_)
        | Tls::NoCertificatesPresented
        | Tls::AlertReceived(
            Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA,
        ) => 1,
        Tls::InvalidMessage(_) => 2,
        _ => 5,
    }
}

fn add(counters: &[AtomicU64], at: usize) {
    if let Some(counter) = counters.get(at) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

fn read(
    names: &'static [&'static str],
    counters: &[AtomicU64],
) -> impl Iterator<Item = (&'static str, u64)> {
    let counts = counters
        .iter()
        .map(|counter| counter.load(Ordering::Relaxed));
    names.iter().copied().zip(counts)
}
