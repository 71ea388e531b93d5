//! A part of a sorted list (draft-ietf-ldapext-ldapv3-vlv-09).
//!
//! Between two requests a connection keeps the list in order, as numbers of records, so that
//! scrolling sorts once. It is used as long as nothing in the tenant has changed.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use jackfield_gateway::Reader;
use jackfield_model::Revision;

use super::results::Results;
use super::sort::SortKey;
use crate::controls::Answer;
use crate::error::ViewFailure;
use crate::wire::RequestError;
use crate::wire::ber::{
    ENUMERATED, INTEGER, OCTET_STRING, Reader as Ber, SEQUENCE, context, context_constructed, write,
};

/// The controlType of the request.
pub(crate) const REQUEST: &str = "2.16.840.1.113730.3.4.9";

/// The controlType of the response.
const RESPONSE: &str = "2.16.840.1.113730.3.4.10";

/// What the control of a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    before: usize,
    after: usize,
    target: Target,
    /// What an earlier response gave.
    pub(crate) context: Option<Bytes>,
}

/// Around which entry.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// The one at this position, from 1, in a list that the client takes to be `count` long; 0 if
    /// it does not know.
    Offset { offset: usize, count: usize },
    /// The first whose first key is no less than this.
    AtLeast(Bytes),
}

/// The list behind a view, as a connection keeps it.
pub(crate) struct List {
    /// What stands for it in controls.
    pub(crate) context: Bytes,
    /// The request, sort keys included.
    pub(crate) request: Bytes,
    /// At which revision of the tenant it was made.
    pub(super) revision: Revision,
    pub(super) results: Results,
}

/// What a connection keeps between two views: the last list.
#[derive(Default)]
pub(crate) struct Lists {
    kept: Option<List>,
    contexts: u64,
}

impl Lists {
    /// Takes out the list of an earlier view of the same search.
    pub(crate) fn take(&mut self, context: &[u8], request: &[u8]) -> Option<List> {
        let kept = self.kept.take();
        kept.filter(|list| list.context == context && list.request == request)
    }

    /// A list to be filled by the search with this request.
    pub(crate) fn begin(&mut self, request: Bytes) -> List {
        self.contexts += 1;
        List {
            context: Bytes::copy_from_slice(&self.contexts.to_be_bytes()),
            request,
            revision: Revision::default(),
            results: Results::default(),
        }
    }

    /// Keeps a list for the next view.
    pub(crate) fn keep(&mut self, list: Option<List>) {
        if list.is_some() {
            self.kept = list;
        }
    }
}

/// What was made of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Viewed {
    /// The position of the target, from 1; one past the end if no entry is the target.
    position: usize,
    /// How many the list has.
    count: usize,
}

impl View {
    /// Reads a controlValue.
    pub(crate) fn read(value: &Bytes) -> Result<Self, RequestError> {
        const BY_OFFSET: u8 = context_constructed(0);
        const AT_LEAST: u8 = context(1);

        let mut control = Ber::new(value).nested(SEQUENCE)?;
        let before = count(control.integer(INTEGER)?)?;
        let after = count(control.integer(INTEGER)?)?;
        let target = if control.peek() == Some(BY_OFFSET) {
            let mut by_offset = control.nested(BY_OFFSET)?;
            Target::Offset {
                offset: count(by_offset.integer(INTEGER)?)?,
                count: count(by_offset.integer(INTEGER)?)?,
            }
        } else {
            Target::AtLeast(value.slice_ref(control.octets(AT_LEAST)?))
        };
        let context = control.optional(OCTET_STRING, Ber::octets)?;
        Ok(Self {
            before,
            after,
            target,
            context: context.map(|context| value.slice_ref(context)),
        })
    }

    /// The part of the list that is wanted.
    pub(super) fn of(
        &self,
        list: &Results,
        keys: &[SortKey],
        reader: &Reader,
    ) -> Result<(Viewed, Range<usize>), ViewFailure> {
        let count = list.len();
        let position = match &self.target {
            Target::Offset { offset, count: own } => at_offset(*offset, *own, count)?,
            Target::AtLeast(value) => {
                let key = keys.first().ok_or(ViewFailure::SortMissing)?;
                let asserted = key.asserted(value).ok_or(ViewFailure::Matching)?;
                1 + list.partition_point(|hit| {
                    let own = key.of(hit, reader);
                    key.compare(own.as_ref(), Some(&asserted)).is_lt()
                })
            }
        };
        let target = position.saturating_sub(1);
        let from = target.saturating_sub(self.before);
        let to = position.saturating_add(self.after).min(count);
        Ok((Viewed { position, count }, from..to.max(from)))
    }
}

/// Where the client's position is in the list as it is: in proportion, the first and the last
/// being always those.
fn at_offset(offset: usize, own: usize, count: usize) -> Result<usize, ViewFailure> {
    let position = match own {
        _ if offset == 0 => return Err(ViewFailure::OffsetRange),
        _ if count == 0 => 0,
        0 => offset,
        _ if offset > own => return Err(ViewFailure::OffsetRange),
        _ if offset == 1 => 1,
        _ if offset == own => count,
        _ => (count.saturating_mul(offset) / own).max(1),
    };
    if position > count {
        Err(ViewFailure::OffsetRange)
    } else {
        Ok(position)
    }
}

/// Tells in the response how it went.
pub(super) fn answer(
    outcome: &Result<(Viewed, Range<usize>), ViewFailure>,
    context: Option<&Bytes>,
) -> Answer {
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let (viewed, code) = match outcome {
        Ok((viewed, _)) => (*viewed, 0),
        Err(failure) => (Viewed::default(), failure.code()),
    };
    let mut value = BytesMut::new();
    write::nested(&mut value, SEQUENCE, |value| {
        write::integer(value, INTEGER, number(viewed.position));
        write::integer(value, INTEGER, number(viewed.count));
        write::integer(value, ENUMERATED, code);
        if let Some(context) = context {
            write::octets(value, OCTET_STRING, context);
        }
    });
    Answer {
        oid: RESPONSE,
        value: value.freeze(),
    }
}

/// 0 to 2^31-1.
fn count(number: i64) -> Result<usize, RequestError> {
    i32::try_from(number)
        .ok()
        .and_then(|number| usize::try_from(number).ok())
        .ok_or(RequestError::OutOfRange("a number of the list view"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_taken_in_proportion() {
        let out = Err(ViewFailure::OffsetRange);
        for (offset, own, count, expected) in [
            (1, 0, 10, Ok(1)),
            (10, 0, 10, Ok(10)),
            (11, 0, 10, out),
            (0, 0, 10, out),
            (1, 1000, 10, Ok(1)),
            (1000, 1000, 10, Ok(10)),
            (500, 1000, 10, Ok(5)),
            (2, 1000, 10, Ok(1)),
            (11, 10, 20, out),
            (5, 10, 0, Ok(0)),
            (1, 0, 0, Ok(0)),
        ] {
            assert_eq!(at_offset(offset, own, count), expected, "{offset} of {own}");
        }
    }

    #[test]
    fn a_view_is_read_in_both_forms() {
        let read = |value: &'static [u8]| View::read(&Bytes::from_static(value));
        let view =
            read(b"\x30\x0e\x02\x01\x02\x02\x01\x03\xA0\x06\x02\x01\x07\x02\x01\x09").unwrap();
        let by_offset = Target::Offset {
            offset: 7,
            count: 9,
        };
        assert_eq!((view.before, view.after, view.target), (2, 3, by_offset));
        let view = read(b"\x30\x0c\x02\x01\x00\x02\x01\x01\x81\x01m\x04\x01c").unwrap();
        assert_eq!(view.target, Target::AtLeast(Bytes::from_static(b"m")));
        assert_eq!(view.context.as_deref(), Some(&b"c"[..]));
        for broken in [
            &b""[..],
            b"\x30\x03\x02\x01\xFF",
            b"\x30\x06\x02\x01\x00\x02\x01\x00",
        ] {
            assert!(read(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn the_response_has_position_count_result_and_context() {
        let viewed = Ok((
            Viewed {
                position: 3,
                count: 9,
            },
            0..0,
        ));
        let value = answer(&viewed, Some(&Bytes::from_static(b"c"))).value;
        assert_eq!(
            &value[..],
            [0x30, 12, 2, 1, 3, 2, 1, 9, 0x0A, 1, 0, 0x04, 1, b'c']
        );
        let failed = answer(&Err(ViewFailure::SortMissing), None).value;
        assert_eq!(&failed[..], [0x30, 9, 2, 1, 0, 2, 1, 0, 0x0A, 1, 60]);
    }
}
