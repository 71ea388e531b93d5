//! Controls (RFC 4511 §4.1.11).

use bytes::Bytes;

use crate::Error;
use crate::filter::Condition;
use crate::schema::Schema;
use crate::search::paged::{PAGED_RESULTS, Page};
use crate::search::sort::{self, Sort};
use crate::search::view::{self, View};
use crate::selection::{Selection, Values};
use crate::wire::ber::BerError;
use crate::wire::request::{self, Filter};
use crate::wire::{Control, Frame, Limits, RequestError, RequestOp, ResponseControl};

/// ManageDsaIT (RFC 3296): there are no referrals, so it changes nothing.
const MANAGE_DSA_IT: &str = "2.16.840.1.113730.3.4.2";

/// RFC 4528 §3.
pub(crate) const ASSERTION: &str = "1.3.6.1.1.12";

/// RFC 3876 §2.
pub(crate) const MATCHED_VALUES: &str = "1.2.826.0.1.3344810.2.3";

/// RFC 4527 §3.1, of the request and of the response.
pub(crate) const PRE_READ: &str = "1.3.6.1.1.13.1";

/// RFC 4527 §3.2, of the request and of the response.
pub(crate) const POST_READ: &str = "1.3.6.1.1.13.2";

/// RFC 4370 §3.
const PROXIED_AUTHORIZATION: &str = "2.16.840.1.113730.3.4.18";

/// draft-behera-ldap-password-policy-11 §6, of the request and of the response.
pub(crate) const PASSWORD_POLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";

/// The controls that the root DSE lists.
pub(crate) const SUPPORTED: [&str; 10] = [
    MANAGE_DSA_IT,
    PAGED_RESULTS,
    sort::REQUEST,
    view::REQUEST,
    ASSERTION,
    MATCHED_VALUES,
    PRE_READ,
    POST_READ,
    PROXIED_AUTHORIZATION,
    PASSWORD_POLICY,
];

/// What the controls of a request ask for.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    /// A page of the results.
    pub(crate) page: Option<Page>,
    /// The order of the results.
    pub(crate) sort: Option<Sort>,
    /// A part of the results.
    pub(crate) view: Option<View>,
    /// What must hold of the entry that the operation is about.
    pub(crate) assertion: Option<Condition>,
    /// Which values are returned.
    pub(crate) values: Option<Values>,
    /// What is told of the entry as it was before the operation.
    pub(crate) pre_read: Option<Selection>,
    /// What is told of the entry as it is after the operation.
    pub(crate) post_read: Option<Selection>,
    /// The authzId of the one for whom the operation is; empty for nobody in particular.
    pub(crate) proxied: Option<String>,
    /// Whether to say what the password policy has to say.
    pub(crate) password_policy: bool,
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
    pub(crate) fn read(frame: &Frame, schema: &Schema) -> Result<Self, Error> {
        let controls = frame.controls.as_ref().map_err(|error| *error)?;
        Self::of(frame.op, controls, schema)
    }

    fn of(op: RequestOp, controls: &[Control], schema: &Schema) -> Result<Self, Error> {
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
            read.take(control, schema)?;
        }
        if read.page.is_some() && read.view.is_some() {
            return Err(Error::PagesOfView);
        }
        Ok(read)
    }

    fn take(&mut self, control: &Control, schema: &Schema) -> Result<(), Error> {
        let value = control.value.clone().unwrap_or_default();
        match control.oid.as_str() {
            PAGED_RESULTS => self.page = Some(Page::read(&value)?),
            sort::REQUEST => self.sort = Some(Sort::read(&value, control.critical, schema)?),
            view::REQUEST => self.view = Some(View::read(&value)?),
            ASSERTION => {
                let filter = Filter::whole(&value, &Limits::default())?;
                self.assertion = Some(Condition::compile(schema, &filter)?);
            }
            MATCHED_VALUES => {
                let items = Filter::items(&value, &Limits::default())?;
                self.values = Some(Values::of(Condition::items(schema, &items)?));
            }
            PRE_READ => self.pre_read = Some(selection(&value, schema)?),
            POST_READ => self.post_read = Some(selection(&value, schema)?),
            // RFC 4370 §3
            PROXIED_AUTHORIZATION if !control.critical => {
                return Err(RequestError::NotCritical.into());
            }
            PROXIED_AUTHORIZATION => {
                // Empty is for nobody in particular, and must be said.
                let value = control.value.as_deref().ok_or(RequestError::NoValue)?;
                let whom = str::from_utf8(value).map_err(|_| BerError::Utf8);
                self.proxied = Some(whom.map_err(RequestError::from)?.to_owned());
            }
            PASSWORD_POLICY => self.password_policy = true,
            _ => {}
        }
        Ok(())
    }
}

fn selection(value: &[u8], schema: &Schema) -> Result<Selection, RequestError> {
    let selectors = request::selection(value)?;
    Ok(Selection::resolve(schema.clone(), &selectors))
}

/// Whether a control is known, and makes sense with the operation.
fn fits(oid: &str, op: RequestOp) -> bool {
    use RequestOp::{Add, Bind, Compare, Delete, Extended, Modify, ModifyDn, Search};
    match oid {
        MANAGE_DSA_IT | ASSERTION => {
            matches!(op, Search | Compare | Add | Delete | Modify | ModifyDn)
        }
        PAGED_RESULTS | sort::REQUEST | view::REQUEST | MATCHED_VALUES => op == Search,
        PRE_READ => matches!(op, Delete | Modify | ModifyDn),
        POST_READ => matches!(op, Add | Modify | ModifyDn),
        PROXIED_AUTHORIZATION => {
            matches!(
                op,
                Search | Compare | Add | Delete | Modify | ModifyDn | Extended
            )
        }
        PASSWORD_POLICY => matches!(op, Bind | Modify | Add | Compare | Extended),
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
            let expected =
                refused.map_or(Ok(()), |oid| Err(Error::CriticalControl(oid.to_owned())));
            let read = Controls::of(RequestOp::Compare, &controls, &Schema::default());
            assert_eq!(read.map(drop), expected);
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
                    Controls::of(Op::Search, &twice, &Schema::default()).map(drop),
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
        let read = Controls::of(RequestOp::Search, &[page, view], &Schema::default());
        assert_eq!(read.map(drop), Err(Error::PagesOfView));
    }

    #[test]
    fn a_page_has_a_size_and_a_cookie() {
        let asked = |value: &'static [u8]| {
            let control = control(PAGED_RESULTS, true, value);
            Controls::of(RequestOp::Search, &[control], &Schema::default())
                .map(|controls| controls.page)
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
