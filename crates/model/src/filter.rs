//! The filter that both protocols compile to, and its three-valued logic (RFC 4511 §4.5.1.7).
//!
//! Values in a filter are keys already prepared by their matching rule, and names are resolved:
//! evaluating needs no parsing, no schema and no allocation.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::change::CredentialKind;
use crate::ids::KindSet;
use crate::numbering::Dialled;
use crate::rule::{Key, MatchingRule};
use crate::schema::AttrId;
use crate::template::Template;

/// The outcome of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Truth {
    /// It matches.
    True,
    /// It does not match.
    False,
    /// It cannot be said: the attribute is unknown or not readable, or the value makes no sense.
    /// For SCIM this is no match; its parser has refused what it does not know.
    Undefined,
}

impl Truth {
    /// Negation; Undefined stays Undefined.
    #[must_use]
    pub const fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Undefined => Self::Undefined,
        }
    }

    /// Whether it is `True`.
    pub const fn holds(self) -> bool {
        matches!(self, Self::True)
    }

    /// Conjunction: False wins over Undefined; of nothing it is True (RFC 4526 §2).
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut outcome = Self::True;
        for part in parts {
            match part {
                Self::False => return Self::False,
                Self::Undefined => outcome = Self::Undefined,
                Self::True => {}
            }
        }
        outcome
    }

    /// Disjunction: True wins over Undefined; of nothing it is False (RFC 4526 §2).
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut outcome = Self::False;
        for part in parts {
            match part {
                Self::True => return Self::True,
                Self::Undefined => outcome = Self::Undefined,
                Self::False => {}
            }
        }
        outcome
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// A filter over the records of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The same for every record.
    Const(Truth),
    /// True for records of these kinds.
    Kind(KindSet),
    /// All of these.
    And(Vec<Filter>),
    /// Any of these.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// The attribute has a value.
    Present(AttrId),
    /// One of the attribute's values satisfies the assertion under the rule. For a sub-attribute
    /// outside [`Filter::Element`] the values of all elements count.
    Match(AttrId, MatchingRule, Assertion),
    /// One element of the multi-valued complex attribute satisfies the whole inner filter, whose
    /// attributes are sub-attributes of it (RFC 7644 §3.4.2.2, `emails[type eq "work"]`).
    Element(AttrId, Box<Filter>),
    /// Text that is made of attributes satisfies the assertion under the rule.
    Composed(&'static Template, MatchingRule, Assertion),
    /// The record has a credential of this kind. No reader may ask for it that is not told of them.
    Credential(CredentialKind),
}

impl Filter {
    /// A filter for one value.
    pub fn equal(attr: AttrId, rule: MatchingRule, key: Key) -> Self {
        Self::Match(attr, rule, Assertion::Equal(key))
    }
}

/// What is asserted of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assertion {
    /// Equal.
    Equal(Key),
    /// Some value differs (SCIM `ne`).
    NotEqual(Key),
    /// Greater than.
    Greater(Key),
    /// Greater than or equal to.
    GreaterOrEqual(Key),
    /// Less than.
    Less(Key),
    /// Less than or equal to.
    LessOrEqual(Key),
    /// Has these parts in this order (text only).
    Substring(Substring),
    /// Is this telephone number, or has these parts, in whatever form it is written.
    Dialled(Arc<Dialled>),
    /// All of these bits are set (1.2.840.113556.1.4.803).
    AllBits(i64),
    /// Any of these bits is set (1.2.840.113556.1.4.804).
    AnyBit(i64),
}

/// The parts of a substring assertion, prepared by the rule ([`crate::text`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Substring {
    /// What the value begins with.
    pub initial: Option<SmolStr>,
    /// What follows, in order, without overlap.
    pub any: Vec<SmolStr>,
    /// What the value ends with.
    pub last: Option<SmolStr>,
}

impl Substring {
    /// Whether the prepared `value` has the parts in order.
    pub fn matches(&self, value: &str) -> bool {
        let mut rest = value;
        if let Some(initial) = &self.initial {
            match rest.strip_prefix(initial.as_str()) {
                Some(tail) => rest = tail,
                None => return false,
            }
        }
        if let Some(last) = &self.last {
            match rest.strip_suffix(last.as_str()) {
                Some(head) => rest = head,
                None => return false,
            }
        }
        for part in &self.any {
            match find(rest, part).and_then(|at| rest.get(at + part.len()..)) {
                Some(tail) => rest = tail,
                None => return false,
            }
        }
        true
    }
}

/// Where `part` begins in `text`. In a short one, as names are, looking at every place is over
/// before a search that never looks twice has begun.
fn find(text: &str, part: &str) -> Option<usize> {
    const SHORT: usize = 64;
    match (text.len(), part.len()) {
        (..=SHORT, 1..) => {
            let mut windows = text.as_bytes().windows(part.len());
            windows.position(|window| window == part.as_bytes())
        }
        _ => text.find(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_valued_logic_of_rfc_4511() {
        use Truth::{False, True, Undefined};
        for (left, right, and, or) in [
            (True, True, True, True),
            (True, False, False, True),
            (True, Undefined, Undefined, True),
            (False, False, False, False),
            (False, Undefined, False, Undefined),
            (Undefined, Undefined, Undefined, Undefined),
        ] {
            for pair in [[left, right], [right, left]] {
                assert_eq!(Truth::all(pair), and, "{pair:?}");
                assert_eq!(Truth::any(pair), or, "{pair:?}");
            }
        }
        assert_eq!(Undefined.negate(), Undefined);
        assert_eq!(Truth::all([]), True, "RFC 4526: (&) is true");
        assert_eq!(Truth::any([]), False, "RFC 4526: (|) is false");
    }

    #[test]
    fn substring_parts_come_in_order_without_overlap() {
        let parts = |initial: &str, any: &[&str], last: &str| Substring {
            initial: Some(initial.into()).filter(|part: &SmolStr| !part.is_empty()),
            any: any.iter().map(|part| (*part).into()).collect(),
            last: Some(last.into()).filter(|part: &SmolStr| !part.is_empty()),
        };
        for (pattern, value, expected) in [
            (parts("ab", &[], ""), "abc", true),
            (parts("", &[], "bc"), "abc", true),
            (parts("ab", &[], "bc"), "abc", false),
            (parts("", &["b", "b"], ""), "abc", false),
            (parts("", &["b", "c"], ""), "abc", true),
            (parts("a", &["b"], "c"), "a-b-c", true),
            (parts("", &[], ""), "", true),
        ] {
            assert_eq!(pattern.matches(value), expected, "{pattern:?} on {value:?}");
        }
    }
}
