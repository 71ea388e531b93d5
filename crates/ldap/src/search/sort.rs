//! Results in the order that the client asks for (RFC 2891).

use std::cmp::Ordering;

use bytes::{Bytes, BytesMut};
use jackfield_gateway::Reader;
use jackfield_model::MatchingRule;
use jackfield_model::rule::Key;

use super::results::{Hit, Results};
use crate::controls::Answer;
use crate::error::Unsortable;
use crate::filter::value::as_text;
use crate::record;
use crate::schema::{AttributeType, Family, Part, Schema, rules};
use crate::wire::RequestError;
use crate::wire::ber::{
    BOOLEAN, ENUMERATED, OCTET_STRING, Reader as Ber, SEQUENCE, context, write,
};

/// The controlType of the request.
pub(crate) const REQUEST: &str = "1.2.840.113556.1.4.473";

/// The controlType of the response.
const RESPONSE: &str = "1.2.840.113556.1.4.474";

/// More keys than any client has a use for.
const MAX_KEYS: usize = 8;

/// After how many results it is asked whether to stop.
const ROUND: usize = 1_024;

/// What the control of a request asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sort {
    /// Whether unsorted results are of no use.
    pub(crate) critical: bool,
    /// The keys, highest first, or what makes it impossible to sort.
    pub(crate) keys: Result<Vec<SortKey>, Unsorted>,
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SortKey {
    attribute: &'static AttributeType,
    family: Family,
    rule: MatchingRule,
    reverse: bool,
}

/// Why results cannot be sorted so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unsorted {
    pub(crate) why: Unsortable,
    /// The attribute in error, as the client wrote it.
    attribute: String,
}

impl PartialEq for SortKey {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.attribute, other.attribute)
            && (self.family, self.rule, self.reverse) == (other.family, other.rule, other.reverse)
    }
}

impl Sort {
    /// Reads a controlValue.
    pub(crate) fn read(
        value: &Bytes,
        critical: bool,
        schema: &Schema,
    ) -> Result<Self, RequestError> {
        let mut list = Ber::new(value).nested(SEQUENCE)?;
        let mut asked = Vec::new();
        while !list.is_empty() {
            let mut key = list.nested(SEQUENCE)?;
            let attribute = key.text(OCTET_STRING)?;
            let rule = key.optional(context(0), Ber::text)?;
            let reverse = key.optional(context(1), Ber::boolean)?;
            // Some clients tag it as what it is.
            let reverse = reverse.or(key.optional(BOOLEAN, Ber::boolean)?);
            asked.push((attribute, rule, reverse.unwrap_or(false)));
        }
        if asked.is_empty() {
            return Err(RequestError::OutOfRange("the number of sort keys"));
        }
        let keys = resolve(schema, &asked);
        Ok(Self { critical, keys })
    }

    /// The keys, if results can be sorted by them.
    pub(crate) fn usable(&self) -> Option<&[SortKey]> {
        self.keys.as_deref().ok()
    }

    /// What makes it impossible to sort.
    pub(crate) fn failure(&self) -> Option<&Unsorted> {
        self.keys.as_ref().err()
    }

    /// Tells in the response how it went.
    pub(crate) fn answer(error: Option<&Unsorted>) -> Answer {
        let mut value = BytesMut::new();
        let code = error.map_or(0, |error| error.why.code());
        write::nested(&mut value, SEQUENCE, |value| {
            write::integer(value, ENUMERATED, code);
            if let Some(error) = error {
                write::octets(value, context(0), error.attribute.as_bytes());
            }
        });
        Answer {
            oid: RESPONSE,
            value: value.freeze(),
        }
    }
}

fn resolve(
    schema: &Schema,
    asked: &[(&str, Option<&str>, bool)],
) -> Result<Vec<SortKey>, Unsorted> {
    let mut keys: Vec<SortKey> = Vec::with_capacity(asked.len());
    for (attribute, rule, reverse) in asked {
        let unsorted = |why| Unsorted {
            why,
            attribute: (*attribute).to_owned(),
        };
        let found = schema
            .attribute_type(attribute)
            .ok_or_else(|| unsorted(Unsortable::NoSuchAttribute))?;
        let (family, rule) =
            order_of(found, *rule).ok_or_else(|| unsorted(Unsortable::InappropriateMatching))?;
        let is_repeated = keys.iter().any(|key| std::ptr::eq(key.attribute, found));
        if is_repeated || keys.len() == MAX_KEYS {
            return Err(unsorted(Unsortable::Unwilling));
        }
        keys.push(SortKey {
            attribute: found,
            family,
            rule,
            reverse: *reverse,
        });
    }
    Ok(keys)
}

/// By what values are put in order: the rule that was named, if it orders such values, or the
/// attribute's own.
///
/// deviates: RFC 4517 has no ordering rule for telephone numbers and IA5 strings. Phones ask for
/// that order, and get that of the prepared text.
fn order_of(attribute: &AttributeType, rule: Option<&str>) -> Option<(Family, MatchingRule)> {
    let family = match rule {
        Some(name) => {
            let rule = rules::matching_rule(name)?;
            let fits = rule.part == Part::Ordering && rule.family.fits(attribute.family);
            fits.then_some(rule.family)?
        }
        None => attribute.family,
    };
    match family {
        Family::Dn | Family::Category | Family::Oid | Family::FirstComponent => None,
        other => Some((other, other.matching_rule()?)),
    }
}

/// Puts results in order; those that are equal stay in theirs. Says whether it came to an end
/// before `stop` said so.
pub(super) fn sort(
    results: &mut Results,
    keys: &[SortKey],
    reader: &Reader,
    stop: &dyn Fn() -> bool,
) -> bool {
    let mut keyed = Vec::with_capacity(results.len());
    for (at, hit) in results.iter().enumerate() {
        if at % ROUND == ROUND - 1 && stop() {
            return false;
        }
        let own: Vec<Option<Key>> = keys.iter().map(|key| key.of(hit, reader)).collect();
        keyed.push((own, hit));
    }
    keyed.sort_by(|(left, _), (right, _)| compare_all(keys, left, right));
    *results = keyed.into_iter().map(|(_, hit)| hit).collect();
    true
}

fn compare_all(keys: &[SortKey], left: &[Option<Key>], right: &[Option<Key>]) -> Ordering {
    keys.iter()
        .zip(left.iter().zip(right))
        .map(|(key, (left, right))| key.compare(left.as_ref(), right.as_ref()))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

impl SortKey {
    /// The key of what an assertion names.
    pub(super) fn asserted(&self, value: &[u8]) -> Option<Key> {
        record::key_of_text(self.rule, self.family, &as_text(value))
    }

    /// The least value of a result (RFC 2891 §2.2); none if it has no value.
    pub(super) fn of(&self, hit: Hit<'_>, reader: &Reader) -> Option<Key> {
        let mut least: Option<Key> = None;
        let mut each = |key: Key| {
            if least.as_ref().is_none_or(|least| key < *least) {
                least = Some(key);
            }
        };
        for attribute in self.attribute.with_subtypes() {
            match hit {
                Hit::Synthetic(entry) => entry
                    .values_of(attribute)
                    .iter()
                    .filter_map(|value| record::key_of_text(self.rule, self.family, value))
                    .for_each(&mut each),
                Hit::Record(number) => {
                    if let Some(entry) = reader.by_number(number) {
                        record::keys(reader, entry, attribute, self.rule, self.family, &mut each);
                    }
                }
            }
        }
        least
    }

    /// RFC 2891 §2.2: no value is greater than every value, and comes first in reverse.
    pub(super) fn compare(&self, left: Option<&Key>, right: Option<&Key>) -> Ordering {
        let order = match (left, right) {
            (Some(left), Some(right)) => left.cmp(right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        if self.reverse { order.reverse() } else { order }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &'static [u8]) -> Result<Sort, RequestError> {
        Sort::read(&Bytes::from_static(value), true, &Schema::default())
    }

    fn key(attribute: &[u8], rest: &[u8]) -> Vec<u8> {
        let mut buf = BytesMut::new();
        write::nested(&mut buf, SEQUENCE, |buf| {
            write::nested(buf, SEQUENCE, |buf| {
                write::octets(buf, OCTET_STRING, attribute);
                buf.extend_from_slice(rest);
            });
        });
        buf.to_vec()
    }

    #[test]
    fn a_key_has_an_attribute_a_rule_and_a_direction() {
        for (attribute, rest, expected) in [
            (&b"cn"[..], &b""[..], Ok((MatchingRule::CaseIgnore, false))),
            (b"CN", b"\x81\x01\xFF", Ok((MatchingRule::CaseIgnore, true))),
            (
                b"cn",
                b"\x80\x082.5.13.6",
                Ok((MatchingRule::CaseExact, false)),
            ),
            (
                b"telephoneNumber",
                b"",
                Ok((MatchingRule::Telephone, false)),
            ),
            (b"createTimestamp", b"", Ok((MatchingRule::Time, false))),
            (b"shoeSize", b"", Err(Unsortable::NoSuchAttribute)),
            (b"member", b"", Err(Unsortable::InappropriateMatching)),
            (b"objectClass", b"", Err(Unsortable::InappropriateMatching)),
            (
                b"cn",
                b"\x80\x031.2",
                Err(Unsortable::InappropriateMatching),
            ),
            // An equality rule, and an order of another kind of value.
            (
                b"cn",
                b"\x80\x082.5.13.2",
                Err(Unsortable::InappropriateMatching),
            ),
            (
                b"cn",
                b"\x80\x092.5.13.15",
                Err(Unsortable::InappropriateMatching),
            ),
        ] {
            let value = key(attribute, rest);
            let sort = Sort::read(&Bytes::from(value), false, &Schema::default()).unwrap();
            let found = sort.keys.map(|keys| (keys[0].rule, keys[0].reverse));
            assert_eq!(found.map_err(|error| error.why), expected, "{attribute:?}");
        }
    }

    #[test]
    fn no_key_no_sequence_and_a_key_twice_are_refused() {
        assert!(read(&[0x30, 0]).is_err());
        assert!(read(b"").is_err());
        let twice = read(b"\x30\x0c\x30\x04\x04\x02cn\x30\x04\x04\x02CN").unwrap();
        assert_eq!(twice.keys.unwrap_err().why, Unsortable::Unwilling);
    }

    #[test]
    fn the_response_names_the_attribute_under_its_own_tag() {
        let error = Unsorted {
            why: Unsortable::NoSuchAttribute,
            attribute: "x".to_owned(),
        };
        let value = Sort::answer(Some(&error)).value;
        assert_eq!(&value[..], [0x30, 6, 0x0A, 1, 16, 0x80, 1, b'x']);
        assert_eq!(&Sort::answer(None).value[..], [0x30, 3, 0x0A, 1, 0]);
    }
}
