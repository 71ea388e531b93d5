//! Controls (RFC 4511 §4.1.11).

use bytes::Bytes;

use crate::Error;
use crate::search::paged::{PAGED_RESULTS, Page};
use crate::search::sort::{self, Sort};
use crate::search::view::{self, View};
use crate::wire::{Control, Frame, RequestError, RequestOp, ResponseControl};

/// ManageDsaIT (RFC 3296): there are no referrals, so it changes nothing.
const MANAGE_DSA_IT: &str = "2.16.840.1.113730.3.4.2";

/// The controls that the root DSE lists.
pub(crate) const SUPPORTED: [&str; 4] =
    [MANAGE_DSA_IT, PAGED_RESULTS, sort::REQUEST, view::REQUEST];

/// What the controls of a request ask for.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Controls {
    /// A page of the results.
    pub(crate) page: Option<Page>,
    /// The order of the results.
    pub(crate) sort: Option<Sort>,
    /// A part of the results.
    pub(crate) view: Option<View>,
}

/// A control of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The controlType.
    pub(crate) oid: &'static str,
    /// The controlValue.
    pub(crate) value: Bytes,
}

impl Answer {
    /// As the wire layer takes them.
    pub(crate) fn all(answers: &[Self]) -> Vec<ResponseControl<'_>> {
        let answers = answers.iter().map(|answer| ResponseControl {
            oid: answer.oid,
            value: Some(&answer.value),
        });
        answers.collect()
    }
}

impl Controls {
    /// Reads the controls of a request. Those that are not known, or make no sense with the
    /// operation, are ignored, unless they are critical.
    ///
    /// # Errors
    /// One that is critical cannot be heeded, one cannot be read, or one came twice.
    pub(crate) fn read(frame: &Frame) -> Result<Self, Error> {
        Self::of(frame.op, frame.controls.as_ref().map_err(|error| *error)?)
    }

    fn of(op: RequestOp, controls: &[Control]) -> Result<Self, Error> {
        let mut read = Self::default();
        for (at, control) in controls.iter().enumerate() {
            if !fits(&control.oid, op) {
                if control.critical {
                    return Err(Error::CriticalControl(control.oid.to_string()));
                }
                continue;
            }
            let is_same = |other: &Control| other.oid == control.oid;
            if controls.iter().take(at).any(is_same) {
                return Err(RequestError::RepeatedControl.into());
            }
            read.take(control)?;
        }
        if read.page.is_some() && read.view.is_some() {
            return Err(Error::PagesOfView);
        }
        Ok(read)
    }

    fn take(&mut self, control: &Control) -> Result<(), Error> {
        let value = control.value.clone().unwrap_or_default();
        match control.oid.as_str() {
            PAGED_RESULTS => self.page = Some(Page::read(&value)?),
            sort::REQUEST => self.sort = Some(Sort::read(&value, control.critical)?),
            view::REQUEST => self.view = Some(View::read(&value)?),
            _ => {}
        }
        Ok(())
    }
}

/// Whether a control is known, and makes sense with the operation.
fn fits(oid: &str, op: RequestOp) -> bool {
    use RequestOp::{Add, Compare, Delete, Modify, ModifyDn, Search};
    match oid {
        MANAGE_DSA_IT => matches!(op, Search | Compare | Add | Delete | Modify | ModifyDn),
        PAGED_RESULTS | sort::REQUEST | view::REQUEST => op == Search,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(oid: &str, critical: bool, value: &'static [u8]) -> Control {
        Control {
            oid: oid.into(),
            critical,
            value: Some(Bytes::from_static(value)),
        }
    }

    #[test]
    fn only_critical_unknown_controls_stop_an_operation() {
        let control = |oid: &str, critical| control(oid, critical, b"");
        for (controls, refused) in [
            (vec![], None),
            (vec![control("1.2.3", false)], None),
            (vec![control(MANAGE_DSA_IT, true)], None),
            (
                vec![control(MANAGE_DSA_IT, true), control("1.2.3", true)],
                Some("1.2.3"),
            ),
            (vec![control(PAGED_RESULTS, false)], None),
            (vec![control(PAGED_RESULTS, true)], Some(PAGED_RESULTS)),
            (vec![control(sort::REQUEST, true)], Some(sort::REQUEST)),
        ] {
            let expected = refused.map_or(Ok(Controls::default()), |oid| {
                Err(Error::CriticalControl(oid.to_owned()))
            });
            assert_eq!(Controls::of(RequestOp::Compare, &controls), expected);
        }
    }

    #[test]
    fn every_supported_control_fits_an_operation_and_stands_once() {
        use RequestOp as Op;
        for oid in SUPPORTED {
            let ops = [Op::Search, Op::Modify, Op::Bind];
            assert!(ops.into_iter().any(|op| fits(oid, op)), "{oid}");
            // RFC 4511 §4.1.11: the meaning of two is not defined.
            if fits(oid, Op::Search) && oid == MANAGE_DSA_IT {
                let twice = [control(oid, false, b""), control(oid, false, b"")];
                assert_eq!(
                    Controls::of(Op::Search, &twice),
                    Err(RequestError::RepeatedControl.into())
                );
            }
        }
    }

    #[test]
    fn pages_and_a_view_exclude_each_other() {
        let page = control(PAGED_RESULTS, false, b"\x30\x05\x02\x01\x01\x04\x00");
        let view = control(
            view::REQUEST,
            false,
            b"\x30\x0e\x02\x01\x00\x02\x01\x00\xA0\x06\x02\x01\x01\x02\x01\x00",
        );
        let read = Controls::of(RequestOp::Search, &[page, view]);
        assert_eq!(read, Err(Error::PagesOfView));
    }

    #[test]
    fn a_page_has_a_size_and_a_cookie() {
        let asked = |value: &'static [u8]| {
            let control = control(PAGED_RESULTS, true, value);
            Controls::of(RequestOp::Search, &[control]).map(|controls| controls.page)
        };
        let page = Page {
            size: 900,
            cookie: Bytes::from_static(b"c"),
        };
        assert_eq!(
            asked(&[0x30, 7, 0x02, 2, 0x03, 0x84, 0x04, 1, b'c']),
            Ok(Some(page))
        );
        for broken in [
            &[0x30, 3, 0x02, 1, 0xFF][..],
            &[0x30, 6, 0x02, 1, 0xFF, 0x04, 1, b'c'],
            &[],
        ] {
            assert!(
                matches!(asked(broken), Err(Error::Request(_))),
                "{broken:02x?}"
            );
        }
    }
}
