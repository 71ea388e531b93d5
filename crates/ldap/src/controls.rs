//! Controls of requests (RFC 4511 §4.1.11).

use crate::Error;
use crate::search::paged::{PAGED_RESULTS, Page};
use crate::wire::{Control, Frame, RequestOp};

/// ManageDsaIT (RFC 3296): there are no referrals, so it changes nothing.
const MANAGE_DSA_IT: &str = "2.16.840.1.113730.3.4.2";

/// The controls that the root DSE lists.
pub(crate) const SUPPORTED: [&str; 2] = [MANAGE_DSA_IT, PAGED_RESULTS];

/// What the controls of a request ask for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Controls {
    /// A page of the results.
    pub(crate) page: Option<Page>,
}

impl Controls {
    /// Reads the controls of a request. Those that are not known, or make no sense with the
    /// operation, are ignored, unless they are critical.
    pub(crate) fn read(frame: &Frame) -> Result<Self, Error> {
        Self::of(frame.op, frame.controls.as_ref().map_err(|error| *error)?)
    }

    fn of(op: RequestOp, controls: &[Control]) -> Result<Self, Error> {
        let mut read = Self::default();
        for control in controls {
            match (control.oid.as_str(), op) {
                (MANAGE_DSA_IT, _) => {}
                (PAGED_RESULTS, RequestOp::Search) => {
                    let value = control.value.clone().unwrap_or_default();
                    read.page = Some(Page::read(&value)?);
                }
                _ if control.critical => {
                    return Err(Error::CriticalControl(control.oid.to_string()));
                }
                _ => {}
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn only_critical_unknown_controls_stop_an_operation() {
        let control = |oid: &str, critical| Control {
            oid: oid.into(),
            critical,
            value: None,
        };
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
        ] {
            let expected = refused.map_or(Ok(Controls::default()), |oid| {
                Err(Error::CriticalControl(oid.to_owned()))
            });
            assert_eq!(Controls::of(RequestOp::Compare, &controls), expected);
        }
    }

    #[test]
    fn a_page_has_a_size_and_a_cookie() {
        let asked = |value: &'static [u8]| {
            let value = Some(Bytes::from_static(value));
            let control = Control {
                oid: PAGED_RESULTS.into(),
                critical: true,
                value,
            };
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
