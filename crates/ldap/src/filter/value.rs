//! Assertion values, prepared by their matching rules (RFC 4517 §4, RFC 4518).

use std::borrow::Cow;

use jackfield_model::dn::Rdn;
use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::{Dn, Id, MatchingRule, Timestamp, text};
use smol_str::{SmolStr, ToSmolStr};

use super::Test;
use crate::schema::rules::rule_of;
use crate::schema::{self, Family, Part, rules};

/// The octets as text. What is not UTF-8 is taken for Latin-1, which old phones send.
pub(crate) fn as_text(octets: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(octets) {
        Ok(text) => text.into(),
        Err(_) => octets
            .iter()
            .map(|octet| char::from(*octet))
            .collect::<String>()
            .into(),
    }
}

/// Equal to `value`; `None` if values are not compared so, or this can be none of them.
pub(crate) fn equality(family: Family, value: &[u8]) -> Option<Test> {
    let text = as_text(value);
    match family {
        // Nothing that is held is so large, or so small.
        Family::Integer if text.parse::<i64>().is_err() => {
            integer(&text).map(|_| Test::Match(MatchingRule::Integer, NEVER))
        }
        Family::Dn => Dn::parse(&text).ok().map(Test::Dn),
        Family::Category => Some(Test::Dn(
            Dn::parse(&text).unwrap_or_else(|_| Rdn::new("cn", text.trim()).into()),
        )),
        Family::Oid => class_oid(&text).map(Test::Oid),
        Family::FirstComponent => element_oid(&text).map(Test::Oid),
        Family::Octets => Some(octets(value, Assertion::Equal)),
        _ => {
            let key = key(family, &text)?;
            Some(Test::Match(family.matching_rule()?, Assertion::Equal(key)))
        }
    }
}

/// Approximately equal to `value` (RFC 4511 §4.5.1.7.6 leaves to the server what that is): text has
/// the words that are asserted, or words that they are parts of, in their order, whatever their
/// case and accents; what is no text is equal.
pub(super) fn approximate(family: Family, value: &[u8]) -> Option<Test> {
    let is_text = matches!(
        family,
        Family::CaseIgnore | Family::CaseIgnoreIa5 | Family::CaseIgnoreList
    );
    let folded = text::fold_accents(&lined(family, as_text(value)));
    let words: Vec<SmolStr> = folded
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(SmolStr::new)
        .collect();
    if !is_text || words.is_empty() {
        return equality(family, value);
    }
    let parts = Substring {
        initial: None,
        any: words,
        last: None,
    };
    let assertion = Assertion::Substring(parts);
    Some(Test::Match(MatchingRule::AccentIgnore, assertion))
}

fn octets(value: &[u8], assertion: impl Fn(Key) -> Assertion) -> Test {
    let key = Key::Bytes(value.into());
    Test::Match(MatchingRule::Octets, assertion(key))
}

/// With these bits set (1.2.840.113556.1.4.803 and .804).
pub(super) fn bits(value: &[u8], assertion: impl Fn(i64) -> Assertion) -> Option<Test> {
    let mask = as_text(value).parse().ok()?;
    Some(Test::Match(MatchingRule::Integer, assertion(mask)))
}

/// In the order that `assertion` says.
pub(super) fn ordered(
    family: Family,
    value: &[u8],
    assertion: impl Fn(Key) -> Assertion,
) -> Option<Test> {
    rule_of(family, Part::Ordering)?;
    let text = as_text(value);
    let key = match family {
        // RFC 4530 §2.3: in the order of the octets, which is that of the text.
        Family::Uuid => Key::Text(Id::parse(&text)?.to_smolstr()),
        Family::Octets => return Some(octets(value, assertion)),
        _ => key(family, &text)?,
    };
    Some(Test::Match(family.matching_rule()?, assertion(key)))
}

/// With these pieces.
pub(super) fn substrings(
    family: Family,
    initial: Option<&[u8]>,
    any: &[&[u8]],
    last: Option<&[u8]>,
) -> Option<Test> {
    rule_of(family, Part::Substrings)?;
    let rule = family.matching_rule()?;
    let piece = |octets: &[u8], place| {
        Some(prepare(rule, &lined(family, as_text(octets)), place)).filter(|text| !text.is_empty())
    };
    let parts = Substring {
        initial: initial.and_then(|octets| piece(octets, text::Part::Initial)),
        any: any
            .iter()
            .filter_map(|octets| piece(octets, text::Part::Any))
            .collect(),
        last: last.and_then(|octets| piece(octets, text::Part::Final)),
    };
    Some(Test::Match(rule, Assertion::Substring(parts)))
}

/// The pieces of a SubstringAssertion written as one text, `initial*any*final`
/// (RFC 4517 §3.3.30).
pub(super) fn pattern(family: Family, value: &[u8]) -> Option<Test> {
    let mut pieces = value.split(|octet| *octet == b'*');
    let initial = pieces.next().filter(|piece| !piece.is_empty());
    let mut any: Vec<&[u8]> = pieces.collect();
    let last = any.pop().filter(|piece| !piece.is_empty());
    any.retain(|piece| !piece.is_empty());
    substrings(family, initial, &any, last)
}

fn key(family: Family, text: &str) -> Option<Key> {
    match family {
        // RFC 4517 §3.3.6, §3.3.31: these have a character at least.
        Family::CaseIgnore | Family::CaseExact | Family::Telephone if text.is_empty() => None,
        Family::CaseIgnoreList => Some(Key::Text(text::case_ignore(&lined(family, text.into())))),
        Family::CaseIgnore | Family::CaseExact | Family::CaseIgnoreIa5 | Family::Telephone => {
            family.matching_rule()?.key(text).map(Key::Text)
        }
        Family::Boolean => match text {
            "TRUE" => Some(Key::Bool(true)),
            "FALSE" => Some(Key::Bool(false)),
            _ => None,
        },
        Family::Integer => integer(text).map(Key::Int),
        Family::Time => Timestamp::parse_generalized_time(text).map(Key::Time),
        Family::Uuid => Id::parse(text).map(Key::Id),
        Family::Octets
        | Family::Dn
        | Family::Category
        | Family::Oid
        | Family::FirstComponent
        | Family::Secret => None,
    }
}

/// What no number is.
const NEVER: Assertion = Assertion::Less(Key::Int(i64::MIN));

/// An INTEGER of any size (RFC 4517 §3.3.16), or the nearest that can be held.
fn integer(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let digits = text.strip_prefix('-');
    let is_number =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
    match digits {
        Some(digits) => is_number(digits).then_some(i64::MIN),
        None => is_number(text).then_some(i64::MAX),
    }
}

/// The lines of a PostalAddress, `$` between them (RFC 4517 §3.3.28), as lines.
pub(crate) fn lined(family: Family, text: Cow<'_, str>) -> Cow<'_, str> {
    if family != Family::CaseIgnoreList || !text.contains(['$', '\\']) {
        return text;
    }
    let lines = text.replace('$', "\n");
    lines
        .replace("\\24", "$")
        .replace("\\5C", "\\")
        .replace("\\5c", "\\")
        .into()
}

fn prepare(rule: MatchingRule, piece: &str, place: text::Part) -> SmolStr {
    match rule {
        MatchingRule::CaseExact => text::case_exact_part(piece, place),
        MatchingRule::Telephone => text::telephone(piece),
        _ => text::case_ignore_part(piece, place),
    }
}

/// The OID that a text is, or that of the object class that it names (RFC 4517 §4.2.26: Undefined
/// if it names none).
fn class_oid(text: &str) -> Option<SmolStr> {
    let is_number =
        |part: &str| !part.is_empty() && part.bytes().all(|octet| octet.is_ascii_digit());
    if text.contains('.') && text.split('.').all(is_number) {
        return Some(text.into());
    }
    schema::object_class(text).map(|class| SmolStr::new_static(class.oid))
}

/// The same of any schema element (RFC 4517 §4.2.27).
fn element_oid(text: &str) -> Option<SmolStr> {
    class_oid(text).or_else(|| {
        schema::attribute_type(text)
            .map(|attribute| attribute.oid)
            .or_else(|| rules::matching_rule(text).map(|rule| rule.oid))
            .map(SmolStr::new_static)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::fixed;

    #[test]
    fn a_number_of_any_size_is_asked_for() {
        const HUGE: &str = "99999999999999999999";
        let low = format!("-{HUGE}");
        let holds = |test: Option<Test>| fixed::satisfies(&test.unwrap(), "7");
        for (value, equal, at_least, at_most) in [
            ("7", true, true, true),
            (HUGE, false, false, true),
            (&*low, false, true, false),
        ] {
            let number = value.as_bytes();
            let in_order = |assertion: fn(Key) -> Assertion| {
                holds(ordered(Family::Integer, number, assertion))
            };
            assert_eq!(holds(equality(Family::Integer, number)), equal, "{value}");
            assert_eq!(in_order(Assertion::GreaterOrEqual), at_least, "{value}");
            assert_eq!(in_order(Assertion::LessOrEqual), at_most, "{value}");
        }
    }
}
