use std::cell::RefCell;
use std::sync::Arc;

use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{Dialled, Filter as Lowered, Id, Kind, KindSet, Truth, ViewSet};
use uuid::Uuid;

use super::*;
use crate::schema::sid::Domain;
use crate::schema::{Schema, attribute_type};
use crate::wire::request::{Assertion as Asserted, Filter};

const USERS: KindSet = KindSet::of(&[Kind::User]);
const BOTH: KindSet = KindSet::of(&[Kind::User, Kind::Service]);
const NEVER: Lowered = Lowered::Const(Truth::Undefined);

fn equal<'f>(attribute: &'f str, value: &'f str) -> Filter<'f> {
    Filter::Equality(Asserted {
        attribute,
        value: value.as_bytes(),
    })
}

/// Over records of these kinds, where `uid=alice` is a record, and `cn=calls:make` a permission.
fn lowered(filter: &Filter<'_>, kinds: KindSet) -> Lowered {
    let locate = |dn: &Dn| match dn.rdn()?.single()? {
        ("uid", "alice") => Some(Named::Record(Id(Uuid::from_u128(7)))),
        ("cn", "calls:make") => Some(Named::Permission("calls:make".to_owned())),
        _ => None,
    };
    let suffix = Dn::parse("dc=acme,dc=example").unwrap();
    Scope {
        kinds,
        views: ViewSet::ALL,
        domain: Domain::default(),
        suffix: &suffix,
        numbering: &Arc::default(),
        outside: "",
        number: RefCell::default(),
        locate: &locate,
        chain: &|_, _| Vec::new(),
        registered: &|_, _| None,
        told_accounts: None,
    }
    .lower(Condition::compile(&Schema::default(), filter).unwrap())
}

fn text(text: &str) -> Key {
    Key::Text(text.into())
}

#[test]
fn what_cannot_be_asked_is_undefined() {
    for filter in [
        equal("shoeSize", "44"),
        equal("cn;x-option", "a"),
        equal("entryUUID", "7"),
        equal("hasSubordinates", "true"),
        equal("objectClass", "noSuchClass"),
        equal("objectClass", " person "),
        equal("objectClass", "cn"),
        equal("objectClass", "2"),
        equal("cn", ""),
        equal("telephoneNumber", ""),
        equal("member", "no name"),
        equal("createTimestamp", "today"),
        Filter::Present("moblie"),
        Filter::Unknown(0x8A),
        equal("uidNumber", "7-"),
        equal("uidNumber", "-"),
        Filter::GreaterOrEqual(Asserted {
            attribute: "telephoneNumber",
            value: b"1",
        }),
        Filter::LessOrEqual(Asserted {
            attribute: "manager",
            value: b"uid=alice",
        }),
        Filter::Substrings {
            attribute: "memberOf",
            initial: Some(b"cn"),
            any: vec![],
            last: None,
        },
        Filter::Extensible {
            rule: Some("generalizedTimeMatch"),
            attribute: Some("cn;lang-de"),
            value: b"a",
            dn_attributes: false,
        },
        Filter::Extensible {
            rule: Some("2.5.13.99"),
            attribute: Some("cn"),
            value: b"a",
            dn_attributes: false,
        },
        Filter::Extensible {
            rule: Some("uuidMatch"),
            attribute: Some("cn"),
            value: b"a",
            dn_attributes: true,
        },
        Filter::Extensible {
            rule: None,
            attribute: Some("shoeSize"),
            value: b"a",
            dn_attributes: true,
        },
    ] {
        assert_eq!(lowered(&filter, USERS), NEVER, "{filter:?}");
    }
}

#[test]
fn each_kind_of_record_has_its_own_source() {
    let by = |attr| Lowered::equal(attr, MatchingRule::CaseIgnore, text("alice"));
    assert_eq!(lowered(&equal("UID", "Alice"), USERS), by(attr::USER_NAME));
    let of = |kind, filter| Lowered::And(vec![Lowered::Kind(KindSet::of(&[kind])), filter]);
    assert_eq!(
        lowered(&equal("uid", "alice"), BOTH),
        Lowered::Or(vec![
            of(Kind::User, by(attr::USER_NAME)),
            of(Kind::Service, by(attr::LOGIN))
        ])
    );
    // Known, but not of this kind: False, so that its negation is True.
    assert_eq!(
        lowered(&equal("dc", "acme"), USERS),
        Lowered::Const(Truth::False)
    );
}

/// A number in an element of the type.
fn number(of_type: Lowered, number: &str) -> Lowered {
    let asked = Dialled::equal(&Arc::default(), number);
    let is_it = Lowered::Match(
        attr::PHONE_NUMBERS_VALUE,
        MatchingRule::Telephone,
        Assertion::Dialled(Arc::new(asked)),
    );
    let inner = Lowered::And(vec![of_type, is_it]);
    Lowered::Element(attr::PHONE_NUMBERS, Box::new(inner))
}

fn typed(kind: &str) -> Lowered {
    let rule = MatchingRule::CaseIgnore;
    Lowered::equal(attr::PHONE_NUMBERS_TYPE, rule, text(kind))
}

fn work() -> Lowered {
    let untyped = Lowered::Not(Box::new(Lowered::Present(attr::PHONE_NUMBERS_TYPE)));
    Lowered::Or(vec![typed("work"), untyped])
}

#[test]
fn numbers_are_asked_of_elements_with_their_type() {
    for (attribute, asserted, of_type) in [
        ("mobile", "+49 30", typed("mobile")),
        ("telephoneNumber", "+49-30", work()),
    ] {
        let filter = lowered(&equal(attribute, asserted), USERS);
        assert_eq!(filter, number(of_type, "+4930"), "{attribute}");
    }
}

#[test]
fn one_number_in_several_attributes_is_asked_for_once() {
    let any = |parts: &[(&'static str, &'static str)], kinds| {
        let parts = parts
            .iter()
            .map(|(attribute, number)| equal(attribute, number));
        lowered(&Filter::Or(parts.collect()), kinds)
    };
    let either = |first, second| Lowered::Or(vec![first, second]);
    let of_three = either(either(work(), typed("mobile")), typed("home"));
    let callers = [
        ("telephoneNumber", "+4930"),
        ("mobile", "+49 30"),
        ("homePhone", "+4930"),
    ];
    assert_eq!(
        any(&callers, USERS),
        Lowered::Or(vec![number(of_three, "+4930")])
    );
    let apart = either(
        number(typed("mobile"), "+4930"),
        number(typed("home"), "+4931"),
    );
    let others = [("mobile", "+4930"), ("homePhone", "+4931")];
    assert_eq!(any(&others, USERS), apart);
    let people = |filter| Lowered::And(vec![Lowered::Kind(USERS), filter]);
    let of_two = number(either(typed("mobile"), typed("home")), "+4930");
    assert_eq!(any(&callers[1..], BOTH), Lowered::Or(vec![people(of_two)]));
}

#[test]
fn names_of_people_are_asked_without_accents() {
    let asked = |attribute| lowered(&equal(attribute, "Müller"), USERS);
    for (attribute, source) in [
        ("cn", attr::COMMON_NAME),
        ("sn", attr::NAME_FAMILY_NAME),
        ("givenName", attr::NAME_GIVEN_NAME),
        ("displayName", attr::DISPLAY_NAME),
    ] {
        let bare = |source| Lowered::equal(source, MatchingRule::AccentIgnore, text("muller"));
        let expected = match source {
            // By indexes, and of the second nobody is looked at who has the first.
            attr::NAME_FAMILY_NAME => {
                let none = Lowered::Not(Box::new(Lowered::Present(source)));
                let instead = Lowered::And(vec![none, bare(attr::COMMON_NAME)]);
                Lowered::Or(vec![bare(source), instead])
            }
            _ => bare(source),
        };
        assert_eq!(asked(attribute), expected, "{attribute}");
        // Where the common name is asked for, too, it is asked for once.
        let both = Filter::Or(vec![equal("cn", "Müller"), equal(attribute, "Müller")]);
        if source == attr::NAME_FAMILY_NAME {
            let once = Lowered::Or(vec![bare(attr::COMMON_NAME), bare(source)]);
            assert_eq!(lowered(&both, USERS), once);
        }
    }
    let exact = Lowered::equal(attr::USER_NAME, MatchingRule::CaseIgnore, text("müller"));
    assert_eq!(asked("uid"), exact);
    let compared = Condition::compare(attribute_type("cn").unwrap(), "Müller".as_bytes());
    let Some(Condition::Item(item)) = compared else {
        panic!("{compared:?}")
    };
    let key = Assertion::Equal(text("müller"));
    assert_eq!(item.test, Test::Match(MatchingRule::CaseIgnore, key));
}

#[test]
fn names_are_resolved_to_records() {
    let is = |attr, id| Lowered::equal(attr, MatchingRule::Id, Key::Id(Id(Uuid::from_u128(id))));
    for (filter, expected) in [
        (
            equal("manager", "uid=alice,ou=people"),
            is(attr::MANAGER_VALUE, 7),
        ),
        (equal("memberOf", "uid=alice"), is(attr::GROUPS_VALUE, 7)),
        (equal("entryDN", "uid=alice"), is(attr::ID, 7)),
        // A name of nothing equals no value.
        (equal("manager", "uid=nobody"), is(attr::MANAGER_VALUE, 0)),
        (equal("entryDN", "uid=nobody"), Lowered::Const(Truth::False)),
        (
            equal("memberOf", "cn=calls:make"),
            Lowered::And(vec![
                Lowered::Kind(USERS),
                Lowered::equal(
                    attr::PERMISSIONS,
                    MatchingRule::CaseIgnore,
                    text("calls:make"),
                ),
            ]),
        ),
    ] {
        assert_eq!(lowered(&filter, USERS), expected, "{filter:?}");
    }
}

#[test]
fn what_every_entry_has_is_decided_at_once() {
    let always = Lowered::Const(Truth::True);
    for filter in [
        Filter::Present("objectClass"),
        Filter::Present("entryUUID"),
        equal("subschemaSubentry", "cn=Subschema"),
        equal("hasSubordinates", "FALSE"),
    ] {
        assert_eq!(lowered(&filter, USERS), always, "{filter:?}");
    }
    assert_eq!(
        lowered(&equal("hasSubordinates", "TRUE"), USERS),
        Lowered::Const(Truth::False)
    );
    let people = KindSet::of(&[Kind::User, Kind::Contact]);
    assert_eq!(
        lowered(&equal("objectClass", "PERSON"), BOTH),
        Lowered::Kind(people)
    );
    assert_eq!(
        lowered(&equal("objectClass", "1.2.3"), BOTH),
        Lowered::Kind(KindSet::NONE)
    );
}

#[test]
fn pieces_are_prepared_by_the_rule_and_empty_ones_dropped() {
    let pieces = |attribute| Filter::Substrings {
        attribute,
        initial: Some(b" 0-30 "),
        any: vec![b"-", b"A"],
        last: Some(b"Z "),
    };
    let matched = |lowered| match lowered {
        Lowered::Match(_, rule, Assertion::Substring(parts)) => (rule, parts),
        Lowered::Match(_, rule, Assertion::Dialled(number)) => match number.written() {
            Assertion::Substring(parts) => (rule, parts.clone()),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let (rule, parts) = matched(lowered(&pieces("description"), USERS));
    let expected = Substring {
        initial: Some("0-30 ".into()),
        any: vec!["-".into(), "a".into()],
        last: Some("z".into()),
    };
    assert_eq!((rule, parts), (MatchingRule::CaseIgnore, expected));
    let extensions = KindSet::of(&[Kind::Extension]);
    let (rule, parts) = matched(lowered(&pieces("telephoneNumber"), extensions));
    let expected = Substring {
        initial: Some("030".into()),
        any: vec!["a".into()],
        last: Some("z".into()),
    };
    assert_eq!((rule, parts), (MatchingRule::Telephone, expected));
}

#[test]
fn a_time_is_asked_to_the_second() {
    let at = |attribute| Asserted {
        attribute,
        value: b"20261122030405Z",
    };
    let found = lowered(&Filter::Equality(at("modifyTimestamp")), USERS);
    let Lowered::And(bounds) = found else {
        panic!("{found:?}")
    };
    assert_eq!(bounds.len(), 2);
    let found = lowered(&Filter::LessOrEqual(at("createTimestamp")), USERS);
    assert!(
        matches!(
            found,
            Lowered::Match(attr::META_CREATED, MatchingRule::Time, Assertion::Less(_))
        ),
        "{found:?}"
    );
}

#[test]
fn octets_that_are_no_utf8_are_taken_for_latin1() {
    let filter = Filter::Equality(Asserted {
        attribute: "title",
        value: b"M\xFCller",
    });
    let expected = Lowered::equal(attr::TITLE, MatchingRule::CaseIgnore, text("müller"));
    assert_eq!(lowered(&filter, USERS), expected);
}

#[test]
fn a_condition_is_decided_without_the_entry_where_that_can_be() {
    let known = |item: &Item| match item.attribute.name() {
        "uid" => Some(Truth::False),
        "objectClass" => Some(Truth::True),
        _ => None,
    };
    let (no, yes, open) = (
        equal("uid", "a"),
        Filter::Present("objectClass"),
        equal("cn", "a"),
    );
    let strange = Filter::Present("shoeSize");
    for (filter, expected) in [
        (no.clone(), Some(Truth::False)),
        (open.clone(), None),
        (
            Filter::And(vec![open.clone(), no.clone()]),
            Some(Truth::False),
        ),
        (Filter::And(vec![open.clone(), yes.clone()]), None),
        (
            Filter::And(vec![yes.clone(), strange.clone()]),
            Some(Truth::Undefined),
        ),
        (
            Filter::Or(vec![open.clone(), yes.clone()]),
            Some(Truth::True),
        ),
        (Filter::Or(vec![no.clone(), open]), None),
        (
            Filter::Or(vec![no.clone(), strange]),
            Some(Truth::Undefined),
        ),
        (Filter::Not(Box::new(no)), Some(Truth::True)),
        (Filter::And(vec![]), Some(Truth::True)),
        (Filter::Or(vec![]), Some(Truth::False)),
    ] {
        let condition = Condition::compile(&Schema::default(), &filter).unwrap();
        let found = fixed::decided(&condition, &known);
        assert_eq!(found, expected, "{filter:?}");
    }
}
