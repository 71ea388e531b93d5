//! Filters that several lists have.

use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::text::{self, Part};
use jackfield_model::{AttrId, Filter, MatchingRule};

/// That an attribute has this text somewhere.
pub(super) fn contains(attr: AttrId, text: &str) -> Filter {
    let part = text::case_ignore_part(text, Part::Any);
    let parts = Substring {
        any: vec![part],
        ..Substring::default()
    };
    Filter::Match(attr, MatchingRule::CaseIgnore, Assertion::Substring(parts))
}
