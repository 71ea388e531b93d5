//! What must hold for any text or body that a client may send: one function for each parser,
//! which panics if it does not. `tests/fuzz` hands them what it makes up, and the tests below what
//! stands in its corpora.

#![allow(
    clippy::missing_panics_doc,
    reason = "panics are what these functions say"
)]

mod fitting;
mod population;
mod printed;
mod second;

use jackfield_gateway::directory::{Query, Start};
use jackfield_gateway::{Error, Order, Session};
use jackfield_model::path::PatchKind;
use jackfield_model::schema::attr;
use jackfield_model::{ConnectionKind, Filter, KindSet, Registry, Value};
use serde_json::{Value as Json, json};

use crate::dialect::{Dialect, Notes};
use crate::path::Target;
use crate::resource::ResourceType;
use crate::search::{LIFETIME, Params};
use crate::select::Selection;
use crate::token::Tokens;
use crate::{call, decode, exchange, filter, message, normalise, operations, path};
use fitting::{aims_at_something, definitions, fits, has_type, is_writable};
use population::population;

/// A filter means the same when it is written out and read again, is understood as `scim_proto`
/// understands it, and divides the records into those that match, those that do not, and those of
/// which it cannot be said.
pub fn filter(text: &str) {
    if let Some(read) = expression(text) {
        let again = expression(&read);
        assert_eq!(again.as_ref(), Some(&read), "written out");
    }
    second::check(text);
    for types in [
        &ResourceType::ALL[..],
        &[ResourceType::User],
        &[ResourceType::Group],
    ] {
        for dialect in dialects() {
            match filter::parse(&dialect, types, text) {
                Ok(filter) => divides(&filter),
                Err(error) => assert!(matches!(error, Error::InvalidFilter(_)), "{error:?}"),
            }
        }
    }
}

/// A path aims at something that can be there, and a filter in it chooses among elements.
pub fn path(text: &str) {
    for (ty, dialect) in types_and_dialects() {
        match path::parse(&dialect, ty, text) {
            Ok(Target::Attribute(path)) => aims_at_something(&path),
            Ok(Target::Schema(schema)) => {
                assert!(
                    schema == ty.base()
                        || ty.extensions(dialect.registry()).any(|own| own == schema)
                );
            }
            Ok(Target::Foreign) => {}
            Err(error) => assert!(matches!(error, Error::InvalidPath { .. }), "{error:?}"),
        }
    }
}

/// A list of attributes selects from what can be returned, whatever stands in it; the `id` always
/// comes, and what is never returned never does.
pub fn attributes(text: &str) {
    let list = || call::names(text);
    let selections = |types: &[ResourceType]| {
        let dialect = Dialect::default();
        [
            Selection::new(&dialect, types, Some(list()), std::iter::empty()),
            Selection::new(&dialect, types, None::<std::iter::Empty<&str>>, list()),
            Selection::new(&dialect, types, Some(list()), list()),
        ]
    };
    let registry = Registry::core();
    let id = registry.get(attr::ID);
    let password = registry.get(attr::PASSWORD);
    for types in [
        &ResourceType::ALL[..],
        &[ResourceType::User],
        &[ResourceType::Group],
    ] {
        for selection in selections(types) {
            assert!(id.is_some_and(|id| selection.has(id)));
            assert!(password.is_some_and(|password| !selection.has(password)));
        }
    }
}

/// The operations of a PATCH aim at what can be written, with values of its type; and what they
/// take for a password is not kept.
pub fn patch(octets: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Json>(octets) else {
        return;
    };
    for (ty, dialect) in types_and_dialects() {
        let operations = match operations::decode(&dialect, ty, &body) {
            Ok(operations) => operations,
            Err(error) => {
                is_the_clients(&error);
                continue;
            }
        };
        for operation in operations {
            aims_at_something(&operation.path);
            let (top, part) = definitions(&operation.path);
            for def in [top, part] {
                assert!(is_writable(def), "{} is written", def.name);
            }
            assert!(
                operation.kind == PatchKind::Remove || !operation.values.is_empty(),
                "nothing is written"
            );
            assert!(part.multi_valued || operation.values.len() <= 1);
            for value in &operation.values {
                has_type(part, value);
            }
            if top.id == attr::PASSWORD {
                is_not_kept(octets, &operation.values);
            }
        }
    }
}

/// A resource decodes to attributes that can be written, with values of their types; and what is
/// taken for its password is not kept.
pub fn resource(octets: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Json>(octets) else {
        return;
    };
    for (ty, dialect) in types_and_dialects() {
        match decode::resource(&dialect, ty, &body) {
            Ok(decoded) => {
                for (attr, _) in decoded.attributes.iter() {
                    assert!(decoded.named.contains(&attr));
                    assert!(Registry::core().get(attr).is_some_and(|def| ty.has(def)));
                }
                fits(None, &decoded.attributes);
                is_not_kept(octets, decoded.attributes.values(attr::PASSWORD));
            }
            Err(error) => is_the_clients(&error),
        }
    }
}

/// A bulk is refused whole, or each of its operations is answered for itself, and none of them
/// with an error of the server; no more of them fail than the client takes.
pub fn bulk(octets: &[u8]) {
    let Ok(asked) = serde_json::from_slice::<Json>(octets) else {
        return;
    };
    for (session, dialect) in population().connections.iter().zip(dialects()) {
        let (status, answer) = population().post(session.rehearse(), "/Bulk", octets);
        if status != 200 {
            assert!(matches!(status, 400 | 413), "{status}: {answer}");
            continue;
        }
        let member = |name| normalise::member(&dialect, asked.as_object()?, name);
        let operations = member("Operations").and_then(Json::as_array);
        let answers = answer.get("Operations").and_then(Json::as_array);
        let (Some(operations), Some(answers)) = (operations, answers) else {
            unreachable!("{asked} is answered {answer}")
        };
        let most = member("failOnErrors").and_then(Json::as_u64);
        let most = most.and_then(|most| usize::try_from(most).ok());
        let mut errors = 0;
        for answer in answers {
            let status = answer.get("status").and_then(Json::as_str);
            match status.unwrap_or_default().as_bytes() {
                [b'2', _, _] => {}
                [b'4', _, _] => errors += 1,
                _ => unreachable!("an operation is answered {answer}"),
            }
        }
        assert!(most.is_none_or(|most| errors <= most), "{answer}");
        let has_ended = most.is_some_and(|most| errors == most);
        assert!(answers.len() == operations.len() || has_ended, "{answer}");
    }
}

/// A cursor opens where it was made, as it was made, and nowhere else; and whatever stands in it
/// leads to a page or to an error of the client.
pub fn cursor(octets: &[u8]) {
    let [session, other] = &population().connections;
    let query = json!({"schemas": [message::SEARCH_REQUEST]});
    let Ok(params) = Params::of_body(&Dialect::default(), &query, "User") else {
        unreachable!("{query} is no query")
    };
    let Ok(sealed) = session.seal(&params.wanted.query, octets, LIFETIME) else {
        unreachable!("nothing can be sealed")
    };
    let page = |session: &Session, path, cursor: &str| {
        let mut query = query.clone();
        if let Some(query) = query.as_object_mut() {
            query.insert("cursor".to_owned(), cursor.into());
        }
        population().post(session.rehearse(), path, query.to_string().as_bytes())
    };
    let is_refused = |(status, answer): (u16, Json)| {
        assert_eq!(status, 400, "{answer}");
        assert_eq!(answer.get("scimType"), Some(&"invalidCursor".into()));
    };
    let (status, answer) = page(session, "/Users/.search", &sealed);
    assert!(matches!(status, 200 | 400), "{status}: {answer}");
    is_refused(page(other, "/Users/.search", &sealed));
    is_refused(page(session, "/Groups/.search", &sealed));
    if let Ok(text) = str::from_utf8(octets) {
        if !text.is_empty() {
            is_refused(page(session, "/Users/.search", text));
        }
        let changed = changed(&sealed, octets);
        if changed != sealed {
            is_refused(page(session, "/Users/.search", &changed));
        }
    }
}

/// The sealed text with other characters of its alphabet where the octets are not 0.
fn changed(sealed: &str, octets: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let by = octets.iter().copied().chain(std::iter::repeat(0));
    let change = |(was, by): (char, u8)| {
        let at = ALPHABET.iter().position(|c| char::from(*c) == was);
        let at = at.map(|at| (at + usize::from(by)) % ALPHABET.len());
        at.and_then(|at| ALPHABET.get(at))
            .map_or(was, |c| char::from(*c))
    };
    sealed.chars().zip(by).map(change).collect()
}

/// Passwords stand nowhere in what operators read, though they may stand in several places.
fn is_not_kept(body: &[u8], passwords: &[Value]) {
    const REMOVED: &str = "[removed]";
    // Shorter ones are part of names, or of numbers.
    let is_long = |text: &&str| text.len() >= 8 && !REMOVED.contains(text) && *text != "password";
    for password in passwords
        .iter()
        .filter_map(Value::as_str)
        .map(str::trim)
        .filter(is_long)
    {
        let quoted = Json::from(password).to_string();
        let escaped = quoted.trim_matches('"');
        let kept = exchange::kept(body).unwrap_or_default();
        assert!(!kept.contains(escaped), "{password} is kept: {kept}");
    }
}

/// Those that repair the most and the least.
fn dialects() -> [Dialect; 2] {
    [ConnectionKind::Generic, ConnectionKind::Strict]
        .map(|kind| Dialect::new(kind, Notes::default()))
}

fn types_and_dialects() -> impl Iterator<Item = (ResourceType, Dialect)> {
    let of = |ty| dialects().map(move |dialect| (ty, dialect));
    ResourceType::ALL.into_iter().flat_map(of)
}

/// The filter that `text` is, written out.
fn expression(text: &str) -> Option<String> {
    let mut tokens = Tokens::new(text).ok()?;
    let expression = filter::expression(&mut tokens).ok()?;
    tokens
        .peek()
        .is_none()
        .then(|| printed::printed(&expression))
}

/// No record is both what a filter asks for and what its negation asks for, and together they are
/// no more than all.
fn divides(filter: &Filter) {
    let count = |filter: &Filter| {
        let query = Query {
            kinds: KindSet::ALL,
            only: None,
            filter,
            order: Order::Number,
            start: Start::FIRST,
            limit: usize::MAX,
            count: true,
            stop: &|| false,
        };
        population()
            .reader
            .search(&query)
            .map(|found| found.numbers)
            .unwrap_or_default()
    };
    let matching = count(filter);
    let rest = count(&Filter::Not(Box::new(filter.clone())));
    assert!(rest.iter().all(|number| !matching.contains(number)));
}

/// Nothing that a client sends is the server's fault.
fn is_the_clients(error: &Error) {
    assert!(
        matches!(
            error,
            Error::InvalidSyntax(_)
                | Error::InvalidValue { .. }
                | Error::InvalidPath { .. }
                | Error::NoTarget { .. }
                | Error::Mutability { .. }
        ),
        "{error:?}"
    );
}

#[cfg(test)]
mod tests;
