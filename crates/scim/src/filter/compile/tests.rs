use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::{Id, Kind, KindSet, MatchingRule, Timestamp};

use super::*;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const ID: &str = "0193a1b2-0000-7000-8000-000000000001";

fn parse(types: &[ResourceType], text: &str) -> Result<Filter, jackfield_gateway::Error> {
    crate::filter::parse(&Dialect::default(), types, text)
}

fn users(text: &str) -> Filter {
    parse(&[ResourceType::User], text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn ignoring(attr: AttrId, key: &str) -> Filter {
    Filter::equal(attr, MatchingRule::CaseIgnore, Key::Text(key.into()))
}

fn exactly(attr: AttrId, key: &str) -> Filter {
    Filter::equal(attr, MatchingRule::CaseExact, Key::Text(key.into()))
}

fn id() -> Id {
    Id::parse(ID).unwrap()
}

#[test]
fn values_are_prepared_by_the_attributes_own_rule() {
    let at = Timestamp::parse_rfc3339("2026-11-22T03:04:05.678Z").unwrap();
    for (text, expected) in [
        (
            r#"userName eq "BOB  B""#.to_owned(),
            ignoring(attr::USER_NAME, "bob b"),
        ),
        (
            r#"externalId eq "BOB""#.to_owned(),
            exactly(attr::EXTERNAL_ID, "BOB"),
        ),
        (
            format!(r#"{ENTERPRISE}:department eq "D""#),
            ignoring(attr::DEPARTMENT, "d"),
        ),
        (
            "active eq true".to_owned(),
            Filter::equal(attr::ACTIVE, MatchingRule::Boolean, Key::Bool(true)),
        ),
        (
            r#"roles[primary eq "True"]"#.to_owned(),
            Filter::equal(attr::ROLES_PRIMARY, MatchingRule::Boolean, Key::Bool(true)),
        ),
        (
            r#"meta.lastModified ge "2026-11-22T04:04:05.678901+01:00""#.to_owned(),
            Filter::Match(
                attr::META_LAST_MODIFIED,
                MatchingRule::Time,
                Assertion::GreaterOrEqual(Key::Time(at)),
            ),
        ),
        (
            r#"x509Certificates eq "+/8=""#.to_owned(),
            Filter::equal(
                attr::X509_CERTIFICATES_VALUE,
                MatchingRule::Octets,
                Key::Bytes([0xfb, 0xff].into()),
            ),
        ),
        ("title pr".to_owned(), Filter::Present(attr::TITLE)),
        (
            "title eq null".to_owned(),
            Filter::Not(Box::new(Filter::Present(attr::TITLE))),
        ),
        ("title ne null".to_owned(), Filter::Present(attr::TITLE)),
    ] {
        assert_eq!(users(&text), expected, "{text}");
    }
}

#[test]
fn parts_of_text_keep_the_spaces_that_count() {
    let part = |substring| {
        Filter::Match(
            attr::TITLE,
            MatchingRule::CaseIgnore,
            Assertion::Substring(substring),
        )
    };
    let initial = Substring {
        initial: Some("a ".into()),
        ..Substring::default()
    };
    let any = Substring {
        any: vec!["b".into()],
        ..Substring::default()
    };
    let last = Substring {
        last: Some(" c".into()),
        ..Substring::default()
    };
    assert_eq!(users(r#"title sw "A ""#), part(initial));
    assert_eq!(users(r#"title co "B""#), part(any));
    assert_eq!(users(r#"title ew " C""#), part(last));
}

#[test]
fn a_complex_attribute_compares_by_its_value() {
    for (text, expected) in [
        (r#"emails eq "A@X""#, ignoring(attr::EMAILS_VALUE, "a@x")),
        (
            r#"emails.value eq "A@X""#,
            ignoring(attr::EMAILS_VALUE, "a@x"),
        ),
        (
            r#"emails[value eq "A@X"]"#,
            ignoring(attr::EMAILS_VALUE, "a@x"),
        ),
        (r#"manager eq "M""#, exactly(attr::MANAGER_VALUE, "M")),
        ("emails pr", Filter::Present(attr::EMAILS)),
    ] {
        assert_eq!(users(text), expected, "{text}");
    }
}

#[test]
fn conditions_in_brackets_and_behind_them_are_of_one_element() {
    let both = Filter::And(vec![
        ignoring(attr::EMAILS_TYPE, "work"),
        ignoring(attr::EMAILS_VALUE, "x"),
    ]);
    let expected = Filter::Element(attr::EMAILS, Box::new(both));
    assert_eq!(
        users(r#"emails[type eq "work" and value eq "x"]"#),
        expected
    );
    assert_eq!(users(r#"emails[type eq "work"].value eq "x""#), expected);
}

#[test]
fn ne_holds_where_there_is_no_value_too() {
    let differs = Filter::Match(
        attr::TITLE,
        MatchingRule::CaseIgnore,
        Assertion::NotEqual(Key::Text("x".into())),
    );
    let absent = Filter::Not(Box::new(Filter::Present(attr::TITLE)));
    assert_eq!(users(r#"title ne "x""#), Filter::Or(vec![differs, absent]));
}

#[test]
fn ids_and_uris_of_records_compare_as_ids() {
    let is = |attr| Filter::equal(attr, MatchingRule::Id, Key::Id(id()));
    for (text, expected) in [
        (
            format!("id eq \"{}\"", ID.to_ascii_uppercase()),
            is(attr::ID),
        ),
        (format!("groups eq \"{ID}\""), is(attr::GROUPS_VALUE)),
        (
            format!("groups.$ref eq \"https://x/Groups/{ID}\""),
            is(attr::GROUPS_VALUE),
        ),
        (
            format!("meta.location eq \"https://x/Users/{ID}\""),
            Filter::And(vec![is(attr::ID), Filter::Kind(KindSet::of(&[Kind::User]))]),
        ),
        (
            format!("groups.$ref eq \"https://x/Users/{ID}\""),
            Filter::Const(Truth::False),
        ),
        ("id eq \"7\"".to_owned(), Filter::Const(Truth::False)),
    ] {
        assert_eq!(users(&text), expected, "{text}");
    }
    let members = parse(&[ResourceType::Group], &format!("members eq \"{ID}\"")).unwrap();
    assert_eq!(members, is(attr::MEMBERS_VALUE));
}

#[test]
fn types_and_schemas_are_settled_before_the_search() {
    let user = Filter::Kind(KindSet::of(&[Kind::User]));
    assert_eq!(users(r#"meta.resourceType eq "user""#), user);
    assert_eq!(
        users(r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#),
        Filter::Or(vec![user])
    );
    let Filter::Or(parts) = users(&format!("schemas eq \"{ENTERPRISE}\"")) else {
        panic!()
    };
    assert_eq!(parts.first(), Some(&Filter::Kind(KindSet::NONE)));
    assert!(parts.contains(&Filter::Present(attr::DEPARTMENT)));
}

#[test]
fn the_root_takes_what_no_type_has_as_absent() {
    for (text, expected) in [
        ("shoeSize pr", Truth::False),
        ("shoeSize eq 44", Truth::False),
        ("shoeSize ne 44", Truth::True),
        ("shoeSize eq null", Truth::True),
        ("shoeSize ne null", Truth::False),
        ("shoeSize[value pr]", Truth::False),
    ] {
        let filter = parse(&ResourceType::ALL, text).unwrap();
        assert_eq!(filter, Filter::Const(expected), "{text}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for text in [
        r#"shoeSize eq "44""#,
        r#"name.shoeSize eq "44""#,
        r#"urn:example:User:size eq "44""#,
        r#"members eq "x""#,
        r#"name eq "x""#,
        r#"emails[shoeSize eq "44"]"#,
        r#"emails[type eq "work"].shoeSize eq "44""#,
        r#"userName[value eq "x"]"#,
        r#"emails.value[type eq "work"]"#,
        "emails[value[type pr]]",
        "active gt true",
        r#"active co "t""#,
        r#"active eq "maybe""#,
        "userName eq 7",
        "userName gt null",
        r#"x509Certificates gt "+/8=""#,
        r#"x509Certificates eq "?""#,
        r#"meta.created eq "yesterday""#,
        r#"meta.created co "2026""#,
        r#"meta.location sw "https://x""#,
        r#"meta.version eq "newest""#,
        r#"meta.version co "1""#,
        r#"password eq "x""#,
        "password pr",
    ] {
        let refused = parse(&[ResourceType::User], text);
        assert!(
            matches!(refused, Err(crate::filter::Error::InvalidFilter(_))),
            "{text}: {refused:?}"
        );
    }
}
