use proptest::prelude::*;

use super::*;

fn dn(text: &str) -> Dn {
    Dn::parse(text).unwrap()
}

#[test]
fn the_types_of_rfc_4514_are_equal_to_their_numbers_and_others_are_not() {
    let by_name = dn("uid=a,l=b,st=c,street=d,ou=e,o=f,dc=g,c=h,cn=i");
    let by_number = dn(
        "0.9.2342.19200300.100.1.1=a,2.5.4.7=b,2.5.4.8=c,2.5.4.9=d,2.5.4.11=e,\
                        2.5.4.10=f,0.9.2342.19200300.100.1.25=g,2.5.4.6=h,2.5.4.3=i",
    );
    assert_eq!(by_name, by_number);
    assert_eq!(by_number.key(), by_name.key());
    assert_ne!(dn("sn=a"), dn("2.5.4.4=a"));
}

#[test]
fn the_types_of_rfc_4514_are_equal_by_each_of_their_names() {
    for (short, others) in SHORT_NAMES {
        for other in others {
            assert!(other.len() >= SHORTEST_OTHER, "{other}");
            let other_case = other.to_ascii_uppercase();
            for other in [*other, &other.to_ascii_lowercase(), &other_case] {
                let (name, expected) = (
                    dn(&format!("{other}=a,cn=b")),
                    dn(&format!("{short}=a,cn=b")),
                );
                assert_eq!((name.key(), &name), (expected.key(), &expected), "{other}");
                assert_eq!(name.rdn().unwrap().get(short), Some("a"), "{other}");
                assert_eq!(expected.rdn().unwrap().get(other), Some("a"), "{other}");
            }
        }
    }
}

#[test]
fn parse_and_display_agree_with_rfc_4514() {
    let table = [
        ("", ""),
        ("  ", ""),
        (
            "UID=jsmith,DC=example,DC=net",
            "UID=jsmith,DC=example,DC=net",
        ),
        (
            "OU=Sales+CN=J.  Smith,DC=example,DC=net",
            "OU=Sales+CN=J.  Smith,DC=example,DC=net",
        ),
        (
            r#"CN=James \"Jim\" Smith\, III,DC=example"#,
            r#"CN=James \"Jim\" Smith\, III,DC=example"#,
        ),
        (
            r"CN=Before\0dAfter,DC=example",
            r"CN=Before\0DAfter,DC=example",
        ),
        ("1.3.6.1.4.1.1466.0=#04024869", "1.3.6.1.4.1.1466.0=Hi"),
        (r"CN=Lu\C4\8Di\C4\87", "CN=Lučić"),
        ("cn = a , dc = b ; dc=c", "cn=a,dc=b,dc=c"),
        ("cn=a + sn=b", "cn=a+sn=b"),
        (
            r#"cn="Smith, \"J\" + <x>" , dc=a"#,
            r#"cn=Smith\, \"J\" \+ \<x\>,dc=a"#,
        ),
        (r"cn=\ a\ ", r"cn=\ a\ "),
        (r"cn=\ \ \ ", r"cn=\  \ "),
        (r"cn=\20", r"cn=\ "),
        (r"cn=\#a#", r"cn=\#a#"),
        (r"cn=a\=b=c", "cn=a=b=c"),
        ("cn=", "cn="),
        ("cn=,dc=a", "cn=,dc=a"),
        (r"cn=\00", r"cn=\00"),
        ("cn=#0c03c384c3", r"cn=\#0c03c384c3"),
        ("cn=#0c02c384", "cn=Ä"),
        ("cn=#1404c4d6dc21", "cn=ÄÖÜ!"),
        ("cn=#1e0400c40021", "cn=Ä!"),
        ("cn=#1c040001f600", "cn=😀"),
        ("cn=#13810141", "cn=A"),
        ("cn=#020101", r"cn=\#020101"),
    ];
    for (given, written) in table {
        let name = dn(given);
        assert_eq!(name.to_string(), written, "{given}");
        assert_eq!(dn(written).to_string(), written, "{given}");
        assert_eq!(dn(written), name, "{given}");
    }
}

#[test]
fn parse_rejects_what_is_no_name() {
    let table = [
        ("cn", DnError::Equals { at: 2 }),
        ("=a", DnError::Attribute { at: 0 }),
        ("cn=a,", DnError::Attribute { at: 5 }),
        (",cn=a", DnError::Attribute { at: 0 }),
        ("cn=a,,dc=b", DnError::Attribute { at: 5 }),
        ("cn=a+", DnError::Attribute { at: 5 }),
        ("-a=b", DnError::Attribute { at: 0 }),
        ("c.n=b", DnError::Attribute { at: 0 }),
        ("2=b", DnError::Attribute { at: 0 }),
        ("2.05=b", DnError::Attribute { at: 0 }),
        ("2..5=b", DnError::Attribute { at: 0 }),
        ("cn;lang-en=b", DnError::Equals { at: 2 }),
        ("cn=a<b", DnError::Unexpected { at: 4 }),
        ("cn=a\"b", DnError::Unexpected { at: 4 }),
        ("cn=a\0", DnError::Unexpected { at: 4 }),
        ("cn=\"a\"b", DnError::Unexpected { at: 6 }),
        ("cn=\"a", DnError::Quote { at: 3 }),
        (r"cn=a\", DnError::Escape { at: 4 }),
        (r"cn=\xy", DnError::Escape { at: 3 }),
        (r"cn=\a", DnError::Escape { at: 3 }),
        (r"cn=\C4", DnError::Utf8 { at: 3 }),
        ("cn=#", DnError::Hex { at: 3 }),
        ("cn=#abc", DnError::Hex { at: 3 }),
        ("cn=#abxy", DnError::Unexpected { at: 6 }),
        ("cn=a+CN=b", DnError::Repeated { at: 9 }),
        ("cn=a+commonName=b", DnError::Repeated { at: 17 }),
    ];
    for (given, error) in table {
        assert_eq!(Dn::parse(given), Err(error), "{given}");
    }
}

#[test]
fn parse_bounds_length_and_depth() {
    let at_limit = vec!["dc=a"; MAX_RDNS].join(",");
    assert_eq!(dn(&at_limit).rdns().len(), MAX_RDNS);
    assert_eq!(
        Dn::parse(&format!("dc=a,{at_limit}")),
        Err(DnError::TooDeep)
    );
    let longest = format!("cn={}", "a".repeat(MAX_LENGTH - 3));
    assert!(Dn::parse(&longest).is_ok());
    assert_eq!(Dn::parse(&format!("{longest}a")), Err(DnError::TooLong));
}

#[test]
fn what_is_read_can_be_read_again_as_it_is_written() {
    // Each is written as three bytes, `cn=` as it stands.
    let most = (MAX_LENGTH - 3) / 3;
    let of_controls = |count| format!("cn={}", "\u{1b}".repeat(count));
    let name = dn(&of_controls(most));
    assert_eq!(dn(&name.to_string()), name);
    assert_eq!(Dn::parse(&of_controls(most + 1)), Err(DnError::TooLong));
}

#[test]
fn names_are_equal_by_key() {
    let table = [
        (
            "CN=John  Smith,DC=Example",
            "cn=john smith, dc=EXAMPLE",
            true,
        ),
        ("cn=a+sn=b", "SN=B+CN=A", true),
        ("cn=straße", "cn=STRASSE", true),
        (r"cn=\ a", "cn=a", true),
        ("cn=a,dc=b", "cn=a", false),
        (r"cn=a\,dc=b", "cn=a,dc=b", false),
        (r"cn=a\+sn=b", "cn=a+sn=b", false),
        ("cn=", r"cn=\ ", false),
        ("cn=a", "sn=a", false),
    ];
    for (a, b, equal) in table {
        assert_eq!(dn(a) == dn(b), equal, "{a} and {b}");
        assert_eq!(dn(a).key() == dn(b).key(), equal, "{a} and {b}");
    }
    assert_eq!(dn("SN=B C+CN= A,DC=X").key(), "cn=a+sn=b c,dc=x");
}

#[test]
fn names_are_taken_apart_by_rdn() {
    let base = dn("DC=example,DC=net");
    let user = base
        .child(Rdn::new("ou", "people"))
        .child(Rdn::new("uid", "a,b"));
    assert_eq!(user.to_string(), r"uid=a\,b,ou=people,DC=example,DC=net");
    assert_eq!(user.rdn().and_then(Rdn::single), Some(("uid", "a,b")));
    assert_eq!(user.parent(), Some(dn("ou=people,dc=example,dc=net")));

    let below = user.strip_suffix(&dn("dc=EXAMPLE,dc=net")).unwrap();
    assert_eq!(below, &user.rdns()[..2]);
    assert_eq!(base.strip_suffix(&base), Some(&[][..]));
    assert_eq!(base.strip_suffix(&user), None);
    assert_eq!(user.strip_suffix(&dn("dc=ample,dc=net")), None);
    assert_eq!(user.strip_suffix(&Dn::ROOT), Some(user.rdns()));

    assert!(Dn::ROOT.is_root());
    assert!(Dn::ROOT.rdn().is_none());
    assert!(Dn::ROOT.parent().is_none());
    assert_eq!(dn("dc=net").parent(), Some(Dn::ROOT));

    let both = dn("cn=a+sn=b");
    assert_eq!(both.rdn().and_then(Rdn::single), None);
    assert_eq!(both.rdn().and_then(|rdn| rdn.get("SN")), Some("b"));
    assert_eq!(both.rdn().and_then(|rdn| rdn.get("ou")), None);
}

#[test]
fn serde_writes_the_string_form() {
    let name = dn(r"cn=a\,b,dc=c");
    let json = serde_json::to_string(&name).unwrap();
    assert_eq!(json, r#""cn=a\\,b,dc=c""#);
    assert_eq!(serde_json::from_str::<Dn>(&json).unwrap(), name);
    assert!(serde_json::from_str::<Dn>(r#""cn""#).is_err());
}

/// What [`Dn`] equality does not look at: the attributes and values as they were written.
fn written(name: &Dn) -> Vec<Vec<(String, String)>> {
    let ava = |ava: &Ava| (ava.attribute.to_string(), ava.value.to_string());
    name.rdns()
        .iter()
        .map(|rdn| rdn.avas().iter().map(ava).collect())
        .collect()
}

fn any_rdn() -> impl Strategy<Value = Rdn> {
    let attribute = "[a-zA-Z][a-zA-Z0-9-]{0,5}|[0-2](\\.[1-9][0-9]{0,3}){1,4}";
    let value = prop_oneof!["\\PC{0,12}", "[ #\"+,;<>=\\\\\0\n\taäß]{0,8}"];
    proptest::collection::vec((attribute, value), 1..3).prop_filter_map("repeated", |pairs| {
        let mut seen: Vec<_> = pairs.iter().map(|(a, _)| a.to_ascii_lowercase()).collect();
        seen.dedup();
        let avas = pairs.iter().map(|(a, v)| Ava {
            attribute: a.into(),
            value: v.into(),
        });
        (seen.len() == pairs.len()).then(|| Rdn::from_avas(avas.collect()))
    })
}

proptest! {
    #[test]
    fn parsing_what_is_displayed_gives_the_same_name(rdns in proptest::collection::vec(any_rdn(), 0..5)) {
        let name = Dn::from(rdns);
        let again = dn(&name.to_string());
        prop_assert_eq!(written(&again), written(&name));
        prop_assert_eq!(&again, &name);
    }

    #[test]
    fn the_key_is_a_name_with_the_same_key(rdns in proptest::collection::vec(any_rdn(), 0..5)) {
        let key = Dn::from(rdns).key();
        prop_assert_eq!(dn(&key).key(), key);
    }

    #[test]
    fn no_text_breaks_the_parser(text in "[a-c=,+;\\\\#\" 0-9.ä<]{0,30}") {
        if let Ok(name) = Dn::parse(&text) {
            prop_assert_eq!(written(&dn(&name.to_string())), written(&name));
        }
    }
}
