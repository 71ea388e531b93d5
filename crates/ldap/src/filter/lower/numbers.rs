//! Telephone numbers: each is meant in any form in which it is dialled, and as the client is shown it.

use std::sync::Arc;

use jackfield_gateway::Reader;
use jackfield_model::filter::Assertion;
use jackfield_model::rule::Key;
use jackfield_model::{Dialled, MatchingRule, Numbering};

use crate::filter::Test;

/// What an assertion of a number means to a client that is shown these digits before what is no
/// extension; `None` if it is nothing that is dialled.
pub(super) fn meant(
    numbering: &Arc<Numbering>,
    outside: &str,
    typed: &Assertion,
) -> Option<Dialled> {
    let number = match typed {
        Assertion::Equal(Key::Text(number)) => Dialled::equal(numbering, number),
        Assertion::Substring(parts) => Dialled::parts(numbering, parts),
        _ => return None,
    };
    Some(number.or_outside(outside))
}

/// The same in what is asked of single values (RFC 3876).
pub(crate) fn mean_in<'t>(tests: impl Iterator<Item = &'t mut Test>, reader: &Reader) {
    for test in tests {
        if let Test::Match(MatchingRule::Telephone, typed) = test
            && let Some(number) = meant(&reader.settings().numbering, reader.outside_line(), typed)
        {
            *typed = Assertion::Dialled(Arc::new(number));
        }
    }
}
