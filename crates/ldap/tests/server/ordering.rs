//! Controls of searches as the fixtures write them: `!sort=sn,-cn`, critical as `!!sort=…`, and
//! `!view=BEFORE,AFTER,OFFSET,COUNT` or `!view=BEFORE,AFTER,VALUE`, `!assert=FILTER`, and
//! `!values=((ITEM)(ITEM))`.

use bytes::BytesMut;
use jackfield_ldap::wire::ber::{
    ENUMERATED, INTEGER, OCTET_STRING, Reader, SEQUENCE, context, context_constructed, write,
};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Kind};
use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::controls::{Assertion, Control, MatchedValues, RawControl};
use ldap3::{Scope, SearchEntry};

use crate::harness::{SUFFIX, Server, create};

const SORT: &str = "1.2.840.113556.1.4.473";
const VIEW_ANSWER: &str = "2.16.840.1.113730.3.4.10";
const VIEW: &str = "2.16.840.1.113730.3.4.9";

/// The control that this word of a fixture stands for.
pub(crate) fn control(word: &str) -> Option<RawControl> {
    let (name, value) = word.split_once('=')?;
    let (crit, name) = match name.strip_prefix("!!") {
        Some(name) => (true, name),
        None => (false, name.strip_prefix('!')?),
    };
    match name {
        "assert" => {
            return Some(RawControl {
                crit,
                ..Assertion::new(value)
            });
        }
        "values" => return Some(MatchedValues::new(value)),
        _ => {}
    }
    let (ctype, val) = match name {
        "sort" => (SORT, sort(value)),
        "view" => (VIEW, view(value)),
        _ => return None,
    };
    Some(RawControl {
        ctype: ctype.to_owned(),
        crit,
        val: Some(val),
    })
}

/// Keys with `,` between them; `-` before one reverses it, `:RULE` behind it names a rule.
fn sort(keys: &str) -> Vec<u8> {
    let mut buf = BytesMut::new();
    write::nested(&mut buf, SEQUENCE, |buf| {
        for key in keys.split(',') {
            let (reverse, key) = match key.strip_prefix('-') {
                Some(key) => (true, key),
                None => (false, key),
            };
            let (attribute, rule) = match key.split_once(':') {
                Some((attribute, rule)) => (attribute, Some(rule)),
                None => (key, None),
            };
            write::nested(buf, SEQUENCE, |buf| {
                write::octets(buf, OCTET_STRING, attribute.as_bytes());
                if let Some(rule) = rule {
                    write::octets(buf, context(0), rule.as_bytes());
                }
                if reverse {
                    write::boolean(buf, context(1), true);
                }
            });
        }
    });
    buf.to_vec()
}

fn view(words: &str) -> Vec<u8> {
    let words: Vec<&str> = words.split(',').collect();
    let number = |at: usize| words[at].parse().unwrap();
    let mut buf = BytesMut::new();
    write::nested(&mut buf, SEQUENCE, |buf| {
        write::integer(buf, INTEGER, number(0));
        write::integer(buf, INTEGER, number(1));
        if words.len() == 4 {
            write::nested(buf, context_constructed(0), |buf| {
                write::integer(buf, INTEGER, number(2));
                write::integer(buf, INTEGER, number(3));
            });
        } else {
            write::octets(buf, context(1), words[2].as_bytes());
        }
    });
    buf.to_vec()
}

/// What the control of a response says: `sort RESULT ATTRIBUTE`, `view POSITION of COUNT RESULT`.
pub(crate) fn answered(control: &Control) -> String {
    let raw = &control.1;
    let value = raw.val.as_deref().unwrap();
    let mut read = Reader::new(value).nested(SEQUENCE).unwrap();
    match raw.ctype.as_str() {
        "1.2.840.113556.1.4.474" => {
            let code = read.integer(ENUMERATED).unwrap();
            let attribute = read.optional(context(0), Reader::text).unwrap();
            format!("sort {code} {}", attribute.unwrap_or(""))
                .trim_end()
                .to_owned()
        }
        VIEW_ANSWER => {
            let position = read.integer(INTEGER).unwrap();
            let count = read.integer(INTEGER).unwrap();
            let code = read.integer(ENUMERATED).unwrap();
            format!("view {position} of {count}: {code}")
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn pages_of_a_sorted_search_are_in_its_order() {
    let server = Server::start().await;
    let mut client = server.service().await;
    let sort = || control("!!sort=-cn").unwrap();
    let whole = client
        .with_controls(vec![sort()])
        .search(SUFFIX, Scope::Subtree, "(&)", ["1.1"])
        .await
        .unwrap();
    let names = |found: Vec<ldap3::ResultEntry>| {
        let name = |entry| SearchEntry::construct(entry).dn;
        found.into_iter().map(name).collect::<Vec<_>>()
    };
    let whole = names(whole.0);
    let adapters: Vec<Box<dyn Adapter<_, _>>> =
        vec![Box::new(EntriesOnly::new()), Box::new(PagedResults::new(7))];
    let mut stream = client
        .with_controls(vec![sort()])
        .streaming_search_with(adapters, SUFFIX, Scope::Subtree, "(&)", vec!["1.1"])
        .await
        .unwrap();
    let mut paged = Vec::new();
    while let Some(entry) = stream.next().await.unwrap() {
        paged.push(entry);
    }
    assert_eq!(stream.finish().await.rc, 0);
    assert_eq!(names(paged), whole);
}

/// One view of the people, by offset; the names, and the context that it gives.
async fn scrolled(client: &mut ldap3::Ldap, offset: i64, context: &[u8]) -> (String, Vec<u8>) {
    let mut asked = control(&format!("!!view=0,0,{offset},0")).unwrap();
    let mut value = BytesMut::new();
    write::nested(&mut value, SEQUENCE, |value| {
        let old = asked.val.as_deref().unwrap();
        value.extend_from_slice(&old[2..]);
        write::octets(value, OCTET_STRING, context);
    });
    asked.val = Some(value.to_vec());
    let people = format!("ou=people,{SUFFIX}");
    let found = client
        .with_controls(vec![control("!!sort=cn").unwrap(), asked])
        .search(&people, Scope::OneLevel, "(&)", ["1.1"])
        .await
        .unwrap();
    let entry = found.0.into_iter().next().unwrap();
    let answer = found
        .1
        .ctrls
        .iter()
        .find(|answer| answer.1.ctype == VIEW_ANSWER);
    let value = answer.and_then(|answer| answer.1.val.clone()).unwrap();
    let mut read = Reader::new(&value).nested(SEQUENCE).unwrap();
    for tag in [INTEGER, INTEGER, ENUMERATED] {
        read.integer(tag).unwrap();
    }
    let context = read.octets(OCTET_STRING).unwrap().to_vec();
    (SearchEntry::construct(entry).dn, context)
}

#[tokio::test]
async fn scrolling_goes_on_in_the_list_until_something_changes() {
    let server = Server::start().await;
    let mut client = server.service().await;
    let (first, context) = scrolled(&mut client, 1, b"").await;
    assert!(first.starts_with("uid=alice"), "{first}");
    let (second, context) = scrolled(&mut client, 2, &context).await;
    assert!(second.starts_with("uid=carol"), "{second}");
    let aaron = Attributes::new().with(attr::USER_NAME, "aaron");
    create(&server.operator(), Kind::User, aaron).await;
    let (second, _) = scrolled(&mut client, 2, &context).await;
    assert!(second.starts_with("uid=alice"), "{second}");
    // A context of nobody's is no reason to fail.
    let (first, _) = scrolled(&mut client, 1, b"what?").await;
    assert!(first.starts_with("uid=aaron"), "{first}");
}
