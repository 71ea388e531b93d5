//! The filter of a Search (RFC 4511 §4.5.1.7).

use crate::wire::Limits;
use crate::wire::ber::{
    BerError, Element, OCTET_STRING, Reader, SEQUENCE, context, context_constructed, read,
};
use crate::wire::error::RequestError;

/// What an entry must match. Values are octets: whether they are text is for the attribute's
/// matching rule to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter<'a> {
    /// All of them; without any it is TRUE (RFC 4526).
    And(Vec<Filter<'a>>),
    /// Any of them; without any it is FALSE (RFC 4526).
    Or(Vec<Filter<'a>>),
    /// Not this one.
    Not(Box<Filter<'a>>),
    /// `(attribute=value)`
    Equality(Assertion<'a>),
    /// `(attribute=initial*any*final)`, with at least one piece; a piece may be empty.
    Substrings {
        /// The attribute description.
        attribute: &'a str,
        /// What the value begins with.
        initial: Option<&'a [u8]>,
        /// What it contains, in this order.
        any: Vec<&'a [u8]>,
        /// What it ends with.
        last: Option<&'a [u8]>,
    },
    /// `(attribute>=value)`
    GreaterOrEqual(Assertion<'a>),
    /// `(attribute<=value)`
    LessOrEqual(Assertion<'a>),
    /// `(attribute=*)`
    Present(&'a str),
    /// `(attribute~=value)`
    Approx(Assertion<'a>),
    /// `(attribute:dn:rule:=value)`, with an attribute or a rule or both.
    Extensible {
        /// The name or OID of the matching rule.
        rule: Option<&'a str>,
        /// The attribute description.
        attribute: Option<&'a str>,
        /// What is asserted.
        value: &'a [u8],
        /// Whether the attributes of the entry's DN count as well.
        dn_attributes: bool,
    },
    /// A choice with this tag, which RFC 4511 does not define: it is Undefined for every entry.
    Unknown(u8),
}

/// An AttributeValueAssertion (RFC 4511 §4.1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assertion<'a> {
    /// The attribute description.
    pub attribute: &'a str,
    /// The assertion value.
    pub value: &'a [u8],
}

impl<'a> Assertion<'a> {
    pub(super) fn read(mut assertion: Reader<'a>) -> Result<Self, BerError> {
        Ok(Self {
            attribute: assertion.text(OCTET_STRING)?,
            value: assertion.octets(OCTET_STRING)?,
        })
    }
}

pub(crate) const AND: u8 = context_constructed(0);
pub(crate) const OR: u8 = context_constructed(1);
pub(crate) const NOT: u8 = context_constructed(2);
pub(crate) const EQUALITY_MATCH: u8 = context_constructed(3);
pub(crate) const SUBSTRINGS: u8 = context_constructed(4);
pub(crate) const GREATER_OR_EQUAL: u8 = context_constructed(5);
pub(crate) const LESS_OR_EQUAL: u8 = context_constructed(6);
pub(crate) const PRESENT: u8 = context(7);
pub(crate) const APPROX_MATCH: u8 = context_constructed(8);
pub(crate) const EXTENSIBLE_MATCH: u8 = context_constructed(9);

impl<'a> Filter<'a> {
    /// Reads a filter that stands by itself, in a control (RFC 4528 §3).
    ///
    /// # Errors
    /// It is no filter, or beyond the limits.
    pub fn whole(octets: &'a [u8], limits: &Limits) -> Result<Self, RequestError> {
        let mut from = Reader::new(octets);
        let filter = Self::read(&mut from, limits)?;
        from.peek()
            .map_or(Ok(filter), |next| Err(RequestError::FilterChoice(next)))
    }

    /// Reads a ValuesReturnFilter (RFC 3876 §2).
    ///
    /// # Errors
    /// It is none, or beyond the limits.
    pub fn items(octets: &'a [u8], limits: &Limits) -> Result<Vec<Self>, RequestError> {
        let mut list = Reader::new(octets).nested(SEQUENCE)?;
        let mut budget = Budget {
            terms: limits.max_filter_terms,
            limits,
        };
        let mut items = Vec::new();
        while let Some(tag) = list.peek() {
            if [AND, OR, NOT].contains(&tag) {
                return Err(RequestError::FilterChoice(tag));
            }
            items.push(budget.filter(&mut list, 1)?);
        }
        Ok(items)
    }

    /// Reads the next element of `from` as a filter.
    pub(super) fn read(from: &mut Reader<'a>, limits: &Limits) -> Result<Self, RequestError> {
        Budget {
            terms: limits.max_filter_terms,
            limits,
        }
        .filter(from, limits.max_filter_depth)
    }
}

/// What is left of the limits while a filter is read.
struct Budget<'l> {
    terms: usize,
    limits: &'l Limits,
}

impl Budget<'_> {
    fn spend(&mut self) -> Result<(), RequestError> {
        self.terms = self
            .terms
            .checked_sub(1)
            .ok_or(RequestError::FilterTooLarge(self.limits.max_filter_terms))?;
        Ok(())
    }

    /// Reads one filter, of at most `depth` levels.
    fn filter<'a>(
        &mut self,
        from: &mut Reader<'a>,
        depth: usize,
    ) -> Result<Filter<'a>, RequestError> {
        self.spend()?;
        let depth = depth
            .checked_sub(1)
            .ok_or(RequestError::FilterTooDeep(self.limits.max_filter_depth))?;
        let Element { tag, content } = from.element()?;
        let inner = Reader::new(content);
        Ok(match tag {
            AND => Filter::And(self.filters(inner, depth)?),
            OR => Filter::Or(self.filters(inner, depth)?),
            NOT => Filter::Not(Box::new(self.only(inner, depth)?)),
            EQUALITY_MATCH => Filter::Equality(Assertion::read(inner)?),
            SUBSTRINGS => self.substrings(inner)?,
            GREATER_OR_EQUAL => Filter::GreaterOrEqual(Assertion::read(inner)?),
            LESS_OR_EQUAL => Filter::LessOrEqual(Assertion::read(inner)?),
            PRESENT => Filter::Present(read::text(content)?),
            APPROX_MATCH => Filter::Approx(Assertion::read(inner)?),
            EXTENSIBLE_MATCH => extensible(inner)?,
            later if is_later_choice(later) => Filter::Unknown(later),
            other => return Err(RequestError::FilterChoice(other)),
        })
    }

    fn filters<'a>(
        &mut self,
        mut from: Reader<'a>,
        depth: usize,
    ) -> Result<Vec<Filter<'a>>, RequestError> {
        let mut filters = Vec::new();
        while !from.is_empty() {
            filters.push(self.filter(&mut from, depth)?);
        }
        Ok(filters)
    }

    /// Reads a filter that nothing may follow.
    fn only<'a>(&mut self, mut from: Reader<'a>, depth: usize) -> Result<Filter<'a>, RequestError> {
        let filter = self.filter(&mut from, depth)?;
        from.peek()
            .map_or(Ok(filter), |next| Err(RequestError::FilterChoice(next)))
    }

    /// RFC 4511 §4.5.1.7.2: at least one piece, `initial` only first, `final` only last.
    fn substrings<'a>(&mut self, mut from: Reader<'a>) -> Result<Filter<'a>, RequestError> {
        const INITIAL: u8 = context(0);
        const ANY: u8 = context(1);
        const FINAL: u8 = context(2);

        let attribute = from.text(OCTET_STRING)?;
        let mut pieces = from.nested(SEQUENCE)?;
        if pieces.is_empty() {
            return Err(RequestError::Substrings);
        }
        let initial = pieces.optional(INITIAL, Reader::octets)?;
        let mut any = Vec::new();
        while pieces.peek() == Some(ANY) {
            self.spend()?;
            any.push(pieces.octets(ANY)?);
        }
        let last = pieces.optional(FINAL, Reader::octets)?;
        if !pieces.is_empty() {
            return Err(RequestError::Substrings);
        }
        Ok(Filter::Substrings {
            attribute,
            initial,
            any,
            last,
        })
    }
}

fn extensible(mut from: Reader<'_>) -> Result<Filter<'_>, RequestError> {
    let rule = from.optional(context(1), Reader::text)?;
    let attribute = from.optional(context(2), Reader::text)?;
    if rule.is_none() && attribute.is_none() {
        return Err(RequestError::Extensible);
    }
    Ok(Filter::Extensible {
        rule,
        attribute,
        value: from.octets(context(3))?,
        dn_attributes: from.optional(context(4), Reader::boolean)?.unwrap_or(false),
    })
}

/// Whether a tag is `[10]` or higher, in either form.
fn is_later_choice(tag: u8) -> bool {
    let (class, number) = (tag & 0xC0, tag & 0x1F);
    class == context(0) && number > 9
}
