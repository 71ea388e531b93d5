//! Filters as text (RFC 4515), as people write them at the command line and read them there.

use bytes::BytesMut;

use crate::wire::ber::{OCTET_STRING, SEQUENCE, context, write};
use crate::wire::request::filter::{
    AND, APPROX_MATCH, EQUALITY_MATCH, EXTENSIBLE_MATCH, GREATER_OR_EQUAL, LESS_OR_EQUAL, NOT, OR,
    PRESENT, SUBSTRINGS,
};
use crate::wire::request::{Assertion, Filter};

/// The text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}, at {}", place(rest))]
pub(crate) struct InvalidFilterText {
    problem: &'static str,
    /// What could not be read.
    rest: String,
}

fn place(rest: &str) -> String {
    match rest {
        "" => "the end".to_owned(),
        rest => format!("{rest:?}"),
    }
}

type Outcome<T = ()> = Result<T, InvalidFilterText>;

/// Filters within filters, at the most.
const DEEPEST: usize = 32;

/// Reads a filter, with or without parentheses around it, as the octets that a request has of it.
pub(crate) fn parse(text: &str) -> Outcome<BytesMut> {
    let text = text.trim();
    let mut octets = BytesMut::new();
    if !text.starts_with('(') {
        item(text, &mut octets)?;
        return Ok(octets);
    }
    let rest = filter(text, DEEPEST, &mut octets)?;
    match rest.trim() {
        "" => Ok(octets),
        more => wrong("the filter has ended before", more),
    }
}

fn wrong<T>(problem: &'static str, rest: &str) -> Outcome<T> {
    let rest = rest.to_owned();
    Err(InvalidFilterText { problem, rest })
}

/// Reads a filter in parentheses; gives what follows.
fn filter<'t>(text: &'t str, depth: usize, out: &mut BytesMut) -> Outcome<&'t str> {
    let Some(inner) = text.strip_prefix('(') else {
        return wrong("a filter begins with a parenthesis", text);
    };
    let Some(depth) = depth.checked_sub(1) else {
        return wrong("filters stand too deep within filters", text);
    };
    let inner = inner.trim_start();
    let rest = match inner.split_at_checked(1) {
        Some(("&", rest)) => filters(rest, AND, depth, out)?,
        Some(("|", rest)) => filters(rest, OR, depth, out)?,
        Some(("!", rest)) => {
            let open = write::begin(out, NOT);
            let rest = filter(rest.trim_start(), depth, out)?;
            write::end(out, open);
            rest
        }
        _ => {
            let end = inner.find(['(', ')']).unwrap_or(inner.len());
            let (text, rest) = inner.split_at(end);
            item(text, out)?;
            rest
        }
    };
    match rest.trim_start().strip_prefix(')') {
        Some(rest) => Ok(rest),
        None => wrong("a closing parenthesis is missing", rest),
    }
}

fn filters<'t>(text: &'t str, tag: u8, depth: usize, out: &mut BytesMut) -> Outcome<&'t str> {
    let open = write::begin(out, tag);
    let mut rest = text.trim_start();
    while rest.starts_with('(') {
        rest = filter(rest, depth, out)?.trim_start();
    }
    write::end(out, open);
    Ok(rest)
}

/// Reads what is asked of one attribute.
fn item(text: &str, out: &mut BytesMut) -> Outcome {
    let Some((left, value)) = text.split_once('=') else {
        return wrong("an equals sign is missing", text);
    };
    let left = left.trim_start();
    for (mark, tag) in [
        ('~', APPROX_MATCH),
        ('>', GREATER_OR_EQUAL),
        ('<', LESS_OR_EQUAL),
    ] {
        if let Some(attribute) = left.strip_suffix(mark) {
            return assertion(tag, attribute, value, out);
        }
    }
    if let Some(left) = left.strip_suffix(':') {
        return extensible(left, value, out);
    }
    named(left, text)?;
    if value == "*" {
        write::octets(out, PRESENT, left.as_bytes());
        Ok(())
    } else if value.contains('*') {
        substrings(left, value, out)
    } else {
        assertion(EQUALITY_MATCH, left, value, out)
    }
}

fn named(attribute: &str, text: &str) -> Outcome {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-.;_".contains(c);
    match !attribute.is_empty() && attribute.chars().all(is_name) {
        true => Ok(()),
        false => wrong("an attribute's name is expected", text),
    }
}

fn assertion(tag: u8, attribute: &str, value: &str, out: &mut BytesMut) -> Outcome {
    named(attribute, attribute)?;
    let value = unescaped(value)?;
    write::nested(out, tag, |out| {
        write::octets(out, OCTET_STRING, attribute.as_bytes());
        write::octets(out, OCTET_STRING, &value);
    });
    Ok(())
}

fn substrings(attribute: &str, value: &str, out: &mut BytesMut) -> Outcome {
    let last = value.split('*').count() - 1;
    let mut pieces = Vec::new();
    for (at, piece) in value.split('*').enumerate() {
        let kind = match at {
            0 => 0,
            at if at == last => 2,
            _ => 1,
        };
        if !piece.is_empty() {
            pieces.push((context(kind), unescaped(piece)?));
        }
    }
    if pieces.is_empty() {
        return wrong("there is nothing between the asterisks", value);
    }
    write::nested(out, SUBSTRINGS, |out| {
        write::octets(out, OCTET_STRING, attribute.as_bytes());
        write::nested(out, SEQUENCE, |out| {
            for (tag, piece) in &pieces {
                write::octets(out, *tag, piece);
            }
        });
    });
    Ok(())
}

/// `attribute:dn:rule`, in which what is not said is left out.
fn extensible(left: &str, value: &str, out: &mut BytesMut) -> Outcome {
    let mut parts = left.split(':');
    let attribute = parts.next().unwrap_or_default();
    let mut rest: Vec<&str> = parts.collect();
    let has_dn = rest.first().is_some_and(|it| it.eq_ignore_ascii_case("dn"));
    if has_dn {
        rest.remove(0);
    }
    let rule = match rest.as_slice() {
        [] => None,
        [rule] => Some(*rule),
        _ => return wrong("there are too many colons", left),
    };
    let value = unescaped(value)?;
    write::nested(out, EXTENSIBLE_MATCH, |out| {
        if let Some(rule) = rule {
            write::octets(out, context(1), rule.as_bytes());
        }
        if !attribute.is_empty() {
            write::octets(out, context(2), attribute.as_bytes());
        }
        write::octets(out, context(3), &value);
        if has_dn {
            write::boolean(out, context(4), true);
        }
    });
    Ok(())
}

/// RFC 4515 §3: a backslash and two hexadecimal digits stand for an octet.
fn unescaped(text: &str) -> Outcome<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escaped)) = rest.split_once('\\') {
        octets.extend_from_slice(before.as_bytes());
        let octet = escaped
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let Some(octet) = octet else {
            return wrong("two hexadecimal digits belong behind a backslash", escaped);
        };
        octets.push(octet);
        rest = escaped.get(2..).unwrap_or_default();
    }
    octets.extend_from_slice(rest.as_bytes());
    Ok(octets)
}

/// Writes a filter.
pub(crate) fn written(filter: &Filter<'_>) -> String {
    let all = |parts: &[Filter<'_>]| parts.iter().map(written).collect::<String>();
    match filter {
        Filter::And(parts) => format!("(&{})", all(parts)),
        Filter::Or(parts) => format!("(|{})", all(parts)),
        Filter::Not(part) => format!("(!{})", written(part)),
        Filter::Equality(item) => asserted(item, "="),
        Filter::Approx(item) => asserted(item, "~="),
        Filter::GreaterOrEqual(item) => asserted(item, ">="),
        Filter::LessOrEqual(item) => asserted(item, "<="),
        Filter::Present(attribute) => format!("({attribute}=*)"),
        Filter::Substrings {
            attribute,
            initial,
            any,
            last,
        } => {
            let ends = [initial.unwrap_or_default(), last.unwrap_or_default()].map(escaped);
            let [initial, last] = ends;
            let any = any.iter().map(|piece| escaped(piece));
            let pieces: Vec<String> = [initial].into_iter().chain(any).chain([last]).collect();
            format!("({attribute}={})", pieces.join("*"))
        }
        Filter::Extensible {
            rule,
            attribute,
            value,
            dn_attributes,
        } => {
            let attribute = attribute.unwrap_or_default();
            let dn = if *dn_attributes { ":dn" } else { "" };
            let rule = rule.map_or(String::new(), |rule| format!(":{rule}"));
            format!("({attribute}{dn}{rule}:={})", escaped(value))
        }
        Filter::Unknown(tag) => format!("(?{tag})"),
    }
}

fn asserted(item: &Assertion<'_>, sign: &str) -> String {
    format!("({}{sign}{})", item.attribute, escaped(item.value))
}

fn escaped(octets: &[u8]) -> String {
    let hex = |octet: &u8| format!("\\{octet:02x}");
    let Ok(readable) = str::from_utf8(octets) else {
        let all: Vec<String> = octets.iter().map(hex).collect();
        return all.concat();
    };
    let mut text = String::with_capacity(readable.len());
    for c in readable.chars() {
        match (c, u8::try_from(c)) {
            ('(' | ')' | '*' | '\\' | '\0', Ok(octet)) => text.push_str(&hex(&octet)),
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Limits;

    #[test]
    fn a_filter_is_read_and_written_as_people_write_it() {
        for (text, expected) in [
            ("(cn=Anna*)", "(cn=Anna*)"),
            ("cn=Anna", "(cn=Anna)"),
            (" ( & (cn=*) (! (sn=x)) ) ", "(&(cn=*)(!(sn=x)))"),
            ("(|(a=*b*c)(a=b*c*)(a=*b*))", "(|(a=*b*c)(a=b*c*)(a=*b*))"),
            ("(&)", "(&)"),
            (r"(cn=\28a\29\2a\5c)", r"(cn=\28a\29\2a\5c)"),
            (r"(cn=M\c3\bcller)", "(cn=Müller)"),
            (r"(objectGUID=\ff\00)", r"(objectGUID=\ff\00)"),
            ("(cn=)", "(cn=)"),
            ("(a>=1)", "(a>=1)"),
            ("(a<=1)", "(a<=1)"),
            ("(a~=1)", "(a~=1)"),
            ("(cn:=x)", "(cn:=x)"),
            ("(cn:dn:2.5.13.2:=x)", "(cn:dn:2.5.13.2:=x)"),
            (":caseIgnoreMatch:=x", "(:caseIgnoreMatch:=x)"),
            (
                "(memberOf:1.2.840.113556.1.4.1941:=cn=a,dc=b)",
                "(memberOf:1.2.840.113556.1.4.1941:=cn=a,dc=b)",
            ),
        ] {
            let octets = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let filter = Filter::whole(&octets, &Limits::default()).unwrap();
            assert_eq!(written(&filter), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let deep = "(!".repeat(40) + "(a=b)" + &")".repeat(40);
        for text in [
            "",
            "(",
            "()",
            "(cn)",
            "cn",
            "(cn=a",
            "(cn=a))",
            "(cn=a)(cn=b)",
            "(=a)",
            "(c n=a)",
            r"(cn=\)",
            r"(cn=\4)",
            r"(cn=\zz)",
            r"(cn=\+f)",
            "(cn=**)",
            "(cn=(a)",
            "(!)",
            "(&(a=b)x)",
            "(a:b:c:d:=x)",
            &deep,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
