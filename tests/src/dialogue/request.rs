//! A line as octets.

use anyhow::{Context, Result, bail};
use ldap3::asn1::{ASNTag as _, write::encode_into};

use crate::ber::{self, integer, tlv};

/// An operation, and the controls behind it.
#[derive(Debug)]
pub struct Request {
    operation: Vec<u8>,
    controls: Vec<u8>,
}

/// The message.
pub fn message(id: u32, request: &Request) -> Vec<u8> {
    let parts = [
        integer(0x02, id),
        request.operation.clone(),
        request.controls.clone(),
    ];
    tlv(0x30, &parts.concat())
}

/// The request of a line. `cookie` is that of the page before.
pub fn encode(words: &[&str], cookie: &[u8]) -> Result<Request> {
    let operation = |operation| Request {
        operation,
        controls: Vec::new(),
    };
    match words {
        ["bind", version, rest @ ..] => {
            let (name, password) = match rest {
                [] => ("", ""),
                [name] => (*name, ""),
                [name, password, ..] => (*name, *password),
            };
            let message = ber::bind_with_version(0, version.parse()?, name, password);
            // Without the message around it and its ID of three octets.
            let (start, _) = ber::element(&message, 0).context("no message")?;
            Ok(operation(message[start + 3..].to_vec()))
        }
        ["compare", name, attribute, value] => {
            let assertion = [
                tlv(0x04, attribute.as_bytes()),
                tlv(0x04, &unescaped(value)),
            ];
            let content = [tlv(0x04, &unescaped(name)), tlv(0x30, &assertion.concat())];
            Ok(operation(tlv(ber::tag::COMPARE, &content.concat())))
        }
        ["modify", name, changes @ ..] => {
            let changes: Vec<u8> = changes.iter().flat_map(|word| change(word)).collect();
            let content = [tlv(0x04, &unescaped(name)), tlv(0x30, &changes)];
            Ok(operation(tlv(ber::tag::MODIFY, &content.concat())))
        }
        ["search", scope, base, filter, rest @ ..] => search(scope, base, filter, rest, cookie),
        _ => bail!("an unknown request"),
    }
}

/// RFC 4511 §4.6: `ATTRIBUTE=VALUE` replaces, `ATTRIBUTE` deletes.
fn change(word: &str) -> Vec<u8> {
    let (operation, name, value) = match word.split_once('=') {
        Some((name, value)) => (2, name, tlv(0x04, &unescaped(value))),
        None => (1, word, Vec::new()),
    };
    let attribute = [tlv(0x04, name.as_bytes()), tlv(0x31, &value)];
    let parts = [integer(0x0a, operation), tlv(0x30, &attribute.concat())];
    tlv(0x30, &parts.concat())
}

fn search(scope: &str, base: &str, filter: &str, rest: &[&str], cookie: &[u8]) -> Result<Request> {
    let scope = ["base", "one", "sub"]
        .iter()
        .position(|known| *known == scope);
    let (mut size, mut time, mut types) = (0, 0, 0);
    let (mut controls, mut attributes) = (Vec::new(), Vec::new());
    for word in rest {
        match word
            .strip_prefix('!')
            .map(|word| word.split_once('=').unwrap_or((word, "")))
        {
            None => attributes.extend(tlv(0x04, word.as_bytes())),
            Some(("size", value)) => size = value.parse()?,
            Some(("time", value)) => time = value.parse()?,
            Some(("types", _)) => types = 0xff,
            Some(("page", value)) => {
                let size = integer(0x02, value.parse()?);
                let value = tlv(0x30, &[size, tlv(0x04, cookie)].concat());
                controls.extend(control("1.2.840.113556.1.4.319", true, &value));
            }
            Some(("sort", value)) => {
                let keys: Vec<u8> = value.split(',').flat_map(sort_key).collect();
                controls.extend(control("1.2.840.113556.1.4.473", false, &tlv(0x30, &keys)));
            }
            Some(("list", value)) => {
                let view = list_view(value).context("!list=BEFORE/AFTER/VALUE")?;
                controls.extend(control("2.16.840.1.113730.3.4.9", true, &view));
            }
            Some((other, _)) => bail!("an unknown option: {other}"),
        }
    }
    let content = [
        tlv(0x04, &unescaped(base)),
        integer(0x0a, u32::try_from(scope.context("an unknown scope")?)?),
        integer(0x0a, 0),
        integer(0x02, size),
        integer(0x02, time),
        tlv(0x01, &[types]),
        encoded(filter)?,
        tlv(0x30, &attributes),
    ];
    Ok(Request {
        operation: tlv(ber::tag::SEARCH, &content.concat()),
        controls: match controls.as_slice() {
            [] => Vec::new(),
            all => tlv(0xa0, all),
        },
    })
}

/// RFC 4511 §4.1.11.
fn control(oid: &str, is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if is_critical {
        tlv(0x01, &[0xff])
    } else {
        Vec::new()
    };
    tlv(
        0x30,
        &[tlv(0x04, oid.as_bytes()), critical, tlv(0x04, value)].concat(),
    )
}

/// RFC 2891 §1.1: an attribute, `-` before it where the order is reversed.
fn sort_key(key: &str) -> Vec<u8> {
    let name = tlv(0x04, key.trim_start_matches('-').as_bytes());
    let reverse = if key.starts_with('-') {
        tlv(0x81, &[0xff])
    } else {
        Vec::new()
    };
    tlv(0x30, &[name, reverse].concat())
}

/// draft-ietf-ldapext-ldapv3-vlv-09 §4.1, by a value.
fn list_view(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.splitn(3, '/');
    let mut number = || {
        parts
            .next()?
            .parse()
            .ok()
            .map(|number| integer(0x02, number))
    };
    let (before, after) = (number()?, number()?);
    let value = tlv(0x81, parts.next()?.as_bytes());
    Some(tlv(0x30, &[before, after, value].concat()))
}

fn encoded(filter: &str) -> Result<Vec<u8>> {
    let tag = ldap3::parse_filter(filter)
        .ok()
        .with_context(|| format!("no filter: {filter}"))?;
    let mut octets = bytes::BytesMut::new();
    encode_into(&mut octets, tag.into_structure())?;
    Ok(octets.to_vec())
}

/// The text with `\20` for a space; what else is escaped stays, for a name has escapes of its own.
fn unescaped(text: &str) -> Vec<u8> {
    text.replace("\\20", " ").into_bytes()
}
