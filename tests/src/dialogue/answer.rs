//! Octets as lines.

use std::fmt::Write as _;

use anyhow::{Context, Result};

use crate::ber::{Response, element, tag};

/// The lines of a response.
pub fn shown(response: &Response) -> Result<String> {
    if response.tag == tag::ENTRY {
        return entry(&response.content).context("a broken entry");
    }
    let what = match response.tag {
        tag::BIND_RESPONSE => "bound",
        tag::DONE => "done",
        tag::COMPARE_RESPONSE => "compared",
        tag::MODIFY_RESPONSE => "modified",
        tag::EXTENDED_RESPONSE => "extended",
        _ => "unknown",
    };
    let parts = elements(&response.content);
    let code = parts.first().map_or(&[][..], |(_, content)| content);
    let matched = parts.get(1).map_or(&[][..], |(_, content)| content);
    let mut lines = format!("< {what} {}", number(code));
    if !matched.is_empty() {
        let _ = write!(lines, " below {}", String::from_utf8_lossy(matched));
    }
    lines.push('\n');
    for (oid, value) in controls(&response.controls) {
        let _ = writeln!(lines, "< {}", control(&oid, &value));
    }
    Ok(lines)
}

/// The cookie of the page that the controls end.
pub fn cookie(controls_of: &[u8]) -> Option<Vec<u8>> {
    let (_, value) = controls(controls_of)
        .into_iter()
        .find(|(oid, _)| oid == PAGED)?;
    let parts = elements(&elements(&value).first()?.1);
    Some(parts.get(1)?.1.clone())
}

const PAGED: &str = "1.2.840.113556.1.4.319";

fn control(oid: &str, value: &[u8]) -> String {
    let parts = elements(value)
        .first()
        .map(|(_, content)| elements(content))
        .unwrap_or_default();
    let numbers: Vec<u32> = parts
        .iter()
        .filter(|(tag, _)| matches!(tag, 0x02 | 0x0a))
        .map(|(_, content)| number(content))
        .collect();
    match oid {
        PAGED => {
            let has_more = parts.get(1).is_some_and(|(_, cookie)| !cookie.is_empty());
            format!("page: {}", if has_more { "more" } else { "the last" })
        }
        "1.2.840.113556.1.4.474" => format!("sorted: {numbers:?}"),
        "2.16.840.1.113730.3.4.10" => format!("list: {numbers:?}"),
        other => format!("control {other}"),
    }
}

fn entry(content: &[u8]) -> Option<String> {
    let parts = elements(content);
    let [(_, name), (_, attributes)] = parts.as_slice() else {
        return None;
    };
    let mut lines = format!("< {}\n", String::from_utf8_lossy(name));
    for (_, attribute) in elements(attributes) {
        let parts = elements(&attribute);
        let [(_, name), (_, values)] = parts.as_slice() else {
            return None;
        };
        let values =
            elements(values)
                .into_iter()
                .map(|(_, value)| match String::from_utf8(value) {
                    Ok(text) => text,
                    Err(octets) => format!("({} octets)", octets.into_bytes().len()),
                });
        let values: Vec<String> = values.collect();
        let name = String::from_utf8_lossy(name);
        let _ = writeln!(lines, "<   {name}: {}", values.join(" | "));
    }
    Some(lines)
}

fn controls(octets: &[u8]) -> Vec<(String, Vec<u8>)> {
    let all = elements(octets)
        .into_iter()
        .flat_map(|(_, all)| elements(&all));
    all.filter_map(|(_, control)| {
        let mut parts = elements(&control);
        let value = parts.pop()?.1;
        let oid = String::from_utf8(parts.first()?.1.clone()).ok()?;
        Some((oid, value))
    })
    .collect()
}

/// Tag and content of each element.
fn elements(octets: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some((start, end)) = element(octets, at) {
        all.push((octets[at], octets[start..end].to_vec()));
        at = end;
    }
    all
}

fn number(content: &[u8]) -> u32 {
    content
        .iter()
        .fold(0, |number, octet| number << 8 | u32::from(*octet))
}
