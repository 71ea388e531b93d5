//! What waits to be sent: what was written for this client, and between it long octets that are
//! kept for many and are sent from where they are.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};

/// A buffer that grew beyond this is given back once it is empty.
const KEPT: usize = 128 * 1024;

/// Octets that wait to be sent.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// What comes before the tail.
    parts: VecDeque<Bytes>,
    /// Where is written.
    pub(crate) tail: BytesMut,
}

/// Octets that belong at a place of a buffer without having been written there.
#[derive(Clone, Debug)]
pub struct Splice {
    /// Before which octet of the buffer.
    pub at: usize,
    /// The octets.
    pub octets: Bytes,
}

impl Output {
    /// How many octets wait.
    pub(crate) fn len(&self) -> usize {
        self.parts.iter().map(Bytes::len).sum::<usize>() + self.tail.len()
    }

    /// Whether none waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.tail.is_empty()
    }

    /// The octets that are to be sent next; not all of them.
    pub(crate) fn next(&self) -> &[u8] {
        self.parts.front().map_or(&*self.tail, |part| part)
    }

    /// Takes off what was sent of [`next`](Self::next).
    pub(crate) fn sent(&mut self, octets: usize) {
        match self.parts.front_mut() {
            Some(part) if octets < part.len() => part.advance(octets),
            Some(_) => drop(self.parts.pop_front()),
            None if octets < self.tail.len() => self.tail.advance(octets),
            None if self.tail.capacity() > KEPT => self.tail = BytesMut::new(),
            None => self.tail.clear(),
        }
    }

    /// Puts octets to their places in the tail, in the order of which they come.
    pub(crate) fn splice(&mut self, splices: Vec<Splice>) {
        let mut gone = 0;
        for Splice { at, octets } in splices {
            let before = self.tail.split_to(at.saturating_sub(gone));
            gone = at;
            let parts = [before.freeze(), octets];
            self.parts
                .extend(parts.into_iter().filter(|part| !part.is_empty()));
        }
    }
}

/// Copies octets to their places in a buffer, in the order of which they come.
pub(crate) fn copy(buf: &mut BytesMut, splices: &[Splice]) {
    if splices.is_empty() {
        return;
    }
    let written = buf.split();
    let mut from = 0;
    for Splice { at, octets } in splices {
        buf.extend_from_slice(written.get(from..*at).unwrap_or_default());
        buf.extend_from_slice(octets);
        from = *at;
    }
    buf.extend_from_slice(written.get(from..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(output: &mut Output, at_once: usize) -> Vec<u8> {
        let mut all = Vec::new();
        while !output.is_empty() {
            let octets = output.next().len().min(at_once);
            all.extend_from_slice(&output.next()[..octets]);
            output.sent(octets);
        }
        all
    }

    #[test]
    fn what_is_spliced_is_sent_where_it_belongs_whatever_is_taken_at_once() {
        let splice = |at, octets: &'static [u8]| Splice {
            at,
            octets: Bytes::from_static(octets),
        };
        let splices = vec![splice(2, b"CDE"), splice(3, b"G")];
        for at_once in 1..10 {
            let mut output = Output::default();
            output.tail.extend_from_slice(b"abfh");
            output.splice(splices.clone());
            output.tail.extend_from_slice(b"ij");
            assert_eq!(output.len(), 10);
            assert_eq!(sent(&mut output, at_once), b"abCDEfGhij");
        }
        let mut flat = BytesMut::from(&b"abfh"[..]);
        copy(&mut flat, &splices);
        assert_eq!(flat, &b"abCDEfGh"[..]);
    }
}
