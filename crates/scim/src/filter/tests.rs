use super::*;

fn read(text: &str) -> Result<Expression<'_>, String> {
    expression(&mut Tokens::new(text)?)
}

fn present(name: &str) -> Expression<'_> {
    Expression::Compare(name, Comparison::Present)
}

#[test]
fn not_binds_closer_than_and_and_and_closer_than_or() {
    use Expression::{And, Not, Or};
    for (text, expected) in [
        (
            "a pr or b pr and c pr",
            Or(vec![present("a"), And(vec![present("b"), present("c")])]),
        ),
        (
            "(a pr or b pr) AND c pr",
            And(vec![Or(vec![present("a"), present("b")]), present("c")]),
        ),
        (
            "not(a pr) and b pr",
            And(vec![Not(Box::new(present("a"))), present("b")]),
        ),
        (
            "Not (a pr and b pr)",
            Not(Box::new(And(vec![present("a"), present("b")]))),
        ),
        ("not pr", present("not")),
    ] {
        assert_eq!(read(text), Ok(expected), "{text}");
    }
}

#[test]
fn operators_and_literals_are_known_in_any_case() {
    for (text, operator, literal) in [
        (
            r#"a EQ "x""#,
            Operator::Equal,
            Literal::Text("x".to_owned()),
        ),
        ("a nE True", Operator::NotEqual, Literal::Bool(true)),
        ("a eq NULL", Operator::Equal, Literal::Null),
        (
            "a ge 7",
            Operator::GreaterOrEqual,
            Literal::Number(7.into()),
        ),
    ] {
        let expected = Expression::Compare("a", Comparison::To(operator, literal));
        assert_eq!(read(text), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_no_filter_is_refused_with_a_reason() {
    for text in [
        "",
        "a",
        "a eq",
        "a eq x",
        "a is \"x\"",
        "a eq {}",
        "a \"eq\" \"x\"",
        "(a pr",
        "a pr)",
        "a pr b pr",
        "a pr and",
        "or a pr",
        "a[b pr",
        "a[]",
        "a[b pr] c",
        "not a pr",
    ] {
        let refused = parse(&Dialect::default(), &ResourceType::ALL, text);
        assert!(
            matches!(refused, Err(Error::InvalidFilter(_))),
            "{text}: {refused:?}"
        );
    }
}

#[test]
fn depth_and_length_are_counted_not_suffered() {
    let deep = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(read(&deep(MAX_DEPTH)).is_ok());
    assert!(read(&deep(MAX_DEPTH + 1)).is_err());
    assert!(read(&deep(1_000_000)).is_err());
    assert!(read(&"not(".repeat(1_000_000)).is_err());
    assert!(read(&"a[".repeat(1_000_000)).is_err());
    let long = |terms: usize| vec!["a pr"; terms].join(" or ");
    assert!(read(&long(MAX_TERMS)).is_ok());
    assert!(read(&long(MAX_TERMS + 1)).is_err());
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_much_for_the_parser(text in proptest::collection::vec(
        proptest::sample::select(vec![
            "(", ")", "[", "]", "not", "and", "or", "pr", "eq", "co", "gt", "emails", ".value",
            "type", "userName", "active", "members", "meta.created", "null", "true", "7",
            "\"x\"", "\"", "\\", ":", "urn:", "é", "\u{0}", " ",
        ]), 0..24,
    )) {
        for glue in ["", " "] {
            let text = text.join(glue);
            let _ = parse(&Dialect::default(), &ResourceType::ALL, &text);
            let _ = crate::path::parse(&Dialect::default(), ResourceType::User, &text);
        }
    }
}
