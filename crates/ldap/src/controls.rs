//! Controls of requests (RFC 4511 §4.1.11).

use crate::Error;
use crate::wire::{Control, RequestError};

/// ManageDsaIT (RFC 3296): there are no referrals, so it changes nothing.
const MANAGE_DSA_IT: &str = "2.16.840.1.113730.3.4.2";

/// The controls that the root DSE lists.
pub(crate) const SUPPORTED: [&str; 1] = [MANAGE_DSA_IT];

/// Refuses an operation whose controls cannot be read, or one of which is critical and unknown;
/// what is neither is ignored.
pub(crate) fn check(controls: &Result<Vec<Control>, RequestError>) -> Result<(), Error> {
    let controls = controls.as_ref().map_err(|error| *error)?;
    let unknown =
        |control: &&Control| control.critical && !SUPPORTED.contains(&control.oid.as_str());
    match controls.iter().find(unknown) {
        Some(control) => Err(Error::CriticalControl(control.oid.to_string())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
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
        ] {
            let expected =
                refused.map_or(Ok(()), |oid| Err(Error::CriticalControl(oid.to_owned())));
            assert_eq!(check(&Ok(controls)), expected);
        }
        let unread = Err(RequestError::TooManyControls(32));
        assert_eq!(
            check(&unread),
            Err(Error::Request(RequestError::TooManyControls(32)))
        );
    }
}
