//! What must hold for any octets or name that a client may send: one function for each parser,
//! which panics if it does not. `tests/fuzz` hands them what it makes up, and the tests below what
//! stands in its corpora.

#![allow(
    clippy::missing_panics_doc,
    reason = "panics are what these functions say"
)]

mod population;
mod translated;

use std::hash::{BuildHasher as _, RandomState};

use bytes::{Bytes, BytesMut};
use jackfield_gateway::{Order, Query, Start};
use jackfield_model::{Dn, Filter, Kind, KindSet, Registry, Truth, ViewSet};
use ldap3_proto::LdapCodec;
use ldap3_proto::proto::LdapMsg;
use tokio_util::codec::{Decoder as _, Encoder as _};

use crate::filter::{Condition, fixed};
use crate::import::{self, Import};
use crate::schema::Schema;
use crate::search::base;
use crate::wire::ber::{self, BOOLEAN, ENUMERATED, INTEGER, OCTET_STRING, SEQUENCE};
use crate::wire::{Frame, Limits, Request, RequestOp};
use crate::{ldif, table};

/// Messages are taken off the front of a buffer, octet for octet, whatever stands behind them;
/// and what `ldap3_proto` reads and can write again as it was, we read alike.
pub fn message(octets: &[u8]) {
    let limits = Limits::default();
    let mut buf = BytesMut::from(octets);
    loop {
        let before = buf.clone();
        match Frame::split(&mut buf, &limits) {
            Ok(Some(frame)) => {
                let (taken, rest) = before.split_at(before.len() - buf.len());
                assert_eq!(rest, &buf[..]);
                takes_no_less(taken, &limits);
                agrees(taken, &frame, &limits);
            }
            Ok(None) => {
                assert_eq!(before, buf, "nothing is taken before all is there");
                return;
            }
            Err(_) => return,
        }
    }
}

/// A filter divides the records into those that match, those that do not, and those of which it
/// cannot be said; and so it does for entries that no record stands behind.
pub fn filter(octets: &[u8]) {
    let body = searching(octets);
    let frame = Frame {
        id: 1,
        op: RequestOp::Search,
        body,
        controls: Ok(Vec::new()),
    };
    let Ok(Request::Search(search)) = Request::decode(&frame, &Limits::default()) else {
        return;
    };
    let schema = Schema::with(Registry::core(), ViewSet::ALL);
    let Ok(condition) = Condition::compile(&schema, &search.filter) else {
        return;
    };
    answers_what_is_decided(&condition);
    let reader = population::reader();
    let filter = base::lower(reader, condition.clone(), KindSet::ALL);
    let negated = base::lower(reader, Condition::Not(Box::new(condition)), KindSet::ALL);
    let (matching, rest) = (found(&filter), found(&negated));
    assert!(rest.iter().all(|number| !matching.contains(number)));
}

/// A name that was read is the same when it is written out and read again, and names that are
/// equal have one key.
pub fn name(text: &str) {
    let Ok(dn) = Dn::parse(text) else {
        return;
    };
    let written = dn.to_string();
    let again = Dn::parse(&written);
    assert_eq!(again.as_ref(), Ok(&dn), "{written}");
    let hasher = RandomState::new();
    if let Ok(again) = again {
        assert_eq!(again.to_string(), written);
        assert_eq!(again.key(), dn.key());
        assert_eq!(hasher.hash_one(&again), hasher.hash_one(&dn));
    }
    if let (Some(parent), Some(rdn)) = (dn.parent(), dn.rdn()) {
        assert_eq!(parent.child(rdn.clone()), dn);
        assert_eq!(dn.strip_suffix(&parent), Some(std::slice::from_ref(rdn)));
    } else {
        assert!(dn.is_root());
    }
}

/// Entries as text are read to the end, and read the same when they are written out; and what they
/// and the rows of a table become has attributes of its kind.
pub fn import(octets: &[u8]) {
    let mut last = 0;
    for entry in ldif::Reader::new(octets) {
        match entry {
            Ok(entry) => {
                assert!(entry.line > last, "{entry:?}");
                last = entry.line;
                reads_the_same(&entry);
                becomes_something(&entry);
            }
            Err(ldif::Error::Entry { line, problem }) => {
                assert!(line > last, "{problem}");
                last = line;
            }
            Err(error) => unreachable!("{error}"),
        }
    }
    for entry in table::entries(octets).unwrap_or_default() {
        becomes_something(&entry);
    }
}

fn reads_the_same(entry: &ldif::Entry) {
    let mut text = String::new();
    ldif::write(&mut text, "dn", entry.dn.as_bytes());
    for (name, value) in &entry.attributes {
        ldif::write(&mut text, name, value);
    }
    assert!(text.lines().all(|line| line.len() <= 76), "{text}");
    let again: Result<Vec<_>, _> = ldif::Reader::new(text.as_bytes()).collect();
    let Ok([again]) = again.as_deref() else {
        unreachable!("{entry:?} is written {text:?}")
    };
    assert_eq!(
        (&again.dn, &again.attributes),
        (&entry.dn, &entry.attributes)
    );
}

fn becomes_something(entry: &ldif::Entry) {
    let registry = Registry::core();
    let Import::Record(made) = import::import(entry, registry) else {
        return;
    };
    assert!(made.kind == Kind::Group || made.members.is_empty() && made.member_names.is_empty());
    for (attr, values) in made.attributes.iter() {
        let def = registry.get(attr);
        assert!(def.is_some_and(|def| def.parent.is_none()), "{attr:?}");
        assert!(def.is_some_and(|def| def.multi_valued) || values.len() == 1);
    }
}

fn takes_no_less(message: &[u8], limits: &Limits) {
    let cut = message.len().saturating_sub(1);
    let mut buf = BytesMut::from(message.get(..cut).unwrap_or_default());
    assert!(!matches!(Frame::split(&mut buf, limits), Ok(Some(_))));
}

fn agrees(message: &[u8], frame: &Frame, limits: &Limits) {
    let Some(theirs) = read_by_ldap3_proto(message) else {
        return;
    };
    assert_eq!(frame.id, theirs.msgid);
    let Ok(request) = Request::decode(frame, limits) else {
        return;
    };
    if let Some(ours) = translated::translated(request) {
        assert_eq!(ours, theirs.op);
    }
}

/// The message as `ldap3_proto` reads it, if it can write it again as it was.
fn read_by_ldap3_proto(message: &[u8]) -> Option<LdapMsg> {
    const DEPTH: usize = 48;
    let mut codec = LdapCodec::new(Some(message.len()), Some(DEPTH));
    let read = codec.decode(&mut BytesMut::from(message)).ok()??;
    let mut written = BytesMut::new();
    codec.encode(read.clone(), &mut written).ok()?;
    (written == message).then_some(read)
}

/// The body of a search with this filter.
fn searching(filter: &[u8]) -> Bytes {
    let mut body = BytesMut::new();
    ber::write::octets(&mut body, OCTET_STRING, b"");
    ber::write::integer(&mut body, ENUMERATED, 2);
    ber::write::integer(&mut body, ENUMERATED, 0);
    ber::write::integer(&mut body, INTEGER, 0);
    ber::write::integer(&mut body, INTEGER, 0);
    ber::write::octets(&mut body, BOOLEAN, &[0]);
    body.extend_from_slice(filter);
    ber::write::octets(&mut body, SEQUENCE, b"");
    body.freeze()
}

/// What is decided without looking at an entry is what the entry would have said.
fn answers_what_is_decided(condition: &Condition) {
    let dn = Dn::default();
    for truth in [Truth::True, Truth::False, Truth::Undefined] {
        let answer = fixed::evaluate(condition, &dn, &|_| truth);
        let not = Condition::Not(Box::new(condition.clone()));
        assert_eq!(fixed::evaluate(&not, &dn, &|_| truth), answer.negate());
        if let Some(decided) = fixed::decided(condition, &|_| Some(truth)) {
            assert_eq!(decided, answer);
        }
        if let Some(decided) = fixed::decided(condition, &|_| None) {
            assert_eq!(decided, answer);
        }
    }
}

fn found(filter: &Filter) -> Vec<u32> {
    let found = population::reader().search(&query(filter));
    found.map(|found| found.numbers).unwrap_or_default()
}

fn query(filter: &Filter) -> Query<'_> {
    Query {
        kinds: KindSet::ALL,
        only: None,
        filter,
        order: Order::Number,
        start: Start::FIRST,
        limit: usize::MAX,
        count: true,
        stop: &|| false,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Condition, KindSet, base};
    use crate::schema::any_attribute_type;
    use crate::schema::sid::Domain;

    /// Everything in the corpus of a target.
    fn corpus(target: &str) -> Vec<(String, String)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus");
        let read = |entry: std::io::Result<fs::DirEntry>| {
            let path = entry.unwrap().path();
            (
                path.display().to_string(),
                fs::read_to_string(path).unwrap(),
            )
        };
        let found: Vec<_> = fs::read_dir(folder.join(target))
            .unwrap()
            .map(read)
            .collect();
        assert!(!found.is_empty(), "{target}");
        found
    }

    fn octets(target: &str, check: fn(&[u8])) {
        for (name, digits) in corpus(target) {
            println!("{name}");
            let digits: Vec<u32> = digits
                .chars()
                .filter_map(|digit| digit.to_digit(16))
                .collect();
            let octets = digits
                .chunks(2)
                .map(|pair| u8::try_from(pair[0] * 16 + pair[1]));
            check(&octets.collect::<Result<Vec<u8>, _>>().unwrap());
        }
    }

    #[test]
    fn names_of_views_are_looked_up_where_they_are_equal_to_something() {
        let reader = super::population::reader();
        let alice = reader.by_number(10_004).unwrap().record().clone();
        let domain = Domain::of(reader.tenant());
        let sid = domain.octets(alice.number);
        let guid = alice.id.0.to_bytes_le();
        for (attribute, value, entries) in [
            ("uidNumber", &b"10004"[..], 1),
            ("homeDirectory", b"/home/Alice", 1),
            ("objectGUID", &guid, 1),
            ("objectSid", &sid, 1),
            ("primaryGroupToken", b"10000", 1),
            ("sAMAccountName", b"alice", 1),
            ("userPrincipalName", b"alice@acme.example", 1),
            ("userPrincipalName", b"alice@elsewhere.example", 0),
            ("AstAccountName", b"1042", 0),
            ("AstAccountMailbox", b"1042@default", 0),
            ("SIPIdentitySIPURI", b"sip:1042@sip.example", 0),
            ("fsUid", b"1042", 0),
            ("AccountNumber", b"1042", 0),
        ] {
            let condition = Condition::compare(any_attribute_type(attribute).unwrap(), value);
            let filter = base::lower(reader, condition.unwrap(), KindSet::ALL);
            let query = super::query(&filter);
            assert!(reader.explain(&query).candidates <= 2, "{attribute}");
            assert_eq!(super::found(&filter).len(), entries, "{attribute}");
        }
    }

    #[test]
    fn what_must_hold_for_any_message_holds_for_the_corpus() {
        octets("ldap_message", super::message);
    }

    #[test]
    fn what_must_hold_for_any_filter_holds_for_the_corpus() {
        octets("ldap_filter", super::filter);
    }

    #[test]
    fn what_must_hold_for_any_name_holds_for_the_corpus() {
        for (name, text) in corpus("ldap_name") {
            println!("{name}");
            super::name(&text);
        }
    }
    #[test]
    fn what_must_hold_for_any_import_holds_for_the_corpus() {
        for (name, text) in corpus("ldap_import") {
            println!("{name}");
            super::import(text.as_bytes());
        }
    }
}
