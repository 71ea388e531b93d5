use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Vec<Result<Entry, String>> {
    Reader::new(text.as_bytes())
        .map(|entry| entry.map_err(|error| error.to_string()))
        .collect()
}

fn entry(line: u64, dn: &str, attributes: &[(&str, &str)]) -> Entry {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
    Entry {
        line,
        dn: dn.to_owned(),
        attributes: attributes.iter().map(owned).collect(),
    }
}

#[test]
fn entries_are_read_with_folded_lines_comments_and_base64() {
    let text = "\u{FEFF}version: 1\r\n\
        # A comment\r\n that goes on\r\n\
        dn: uid=ann,\r\n  ou=people,dc=acme\r\n\
        CN;lang-de: Ann\r\n\
        sn:: TcO8bGxlcg==\r\n\
        description:  two spaces\r\n\
        title:\r\n\
        \r\n\r\n\
        dn:: dWlkPWLDtmI=\r\n\
        changetype: add\r\n\
        uid: böb";
    assert_eq!(
        read(text),
        [
            Ok(entry(
                4,
                "uid=ann, ou=people,dc=acme",
                &[
                    ("CN;lang-de", "Ann"),
                    ("sn", "Müller"),
                    ("description", "two spaces"),
                    ("title", ""),
                ]
            )),
            Ok(entry(12, "uid=böb", &[("uid", "böb")])),
        ]
    );
}

#[test]
fn what_cannot_be_read_says_where_and_costs_its_neighbours_nothing() {
    for (wrong, problem) in [
        ("cn: without a name", "an entry begins with `dn:`"),
        ("dn: uid=a\nno colon", "a colon is missing"),
        ("dn: uid=a\nsn:: ???", "the value is no base64"),
        (
            "dn: uid=a\njpegPhoto:< file:///etc/passwd",
            "values in other files are not read",
        ),
        (
            "dn: uid=a\n: nameless",
            "the name of an attribute is missing",
        ),
        (
            "dn: uid=a\nchangetype: modify\nreplace: cn",
            "it changes an entry; only what is there is read",
        ),
        ("dn:: /w==", "the name is no UTF-8"),
    ] {
        let text = format!("dn: uid=before\n\n{wrong}\nmore: of it\n\ndn: uid=after\nuid: after\n");
        let found = read(&text);
        assert_eq!(found.len(), 3, "{wrong}: {found:?}");
        assert!(
            found[1].as_ref().unwrap_err().ends_with(problem),
            "{wrong}: {found:?}"
        );
        assert_eq!(found[2].as_ref().unwrap().dn, "uid=after");
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back(values in prop::collection::vec(any::<Vec<u8>>(), 0..8), dn in "[ -~äß]{1,200}") {
        let mut text = String::new();
        write(&mut text, "dn", dn.as_bytes());
        for value in &values {
            write(&mut text, "description", value);
        }
        prop_assert!(text.lines().all(|line| line.len() <= 76), "{}", text);
        let expected = Entry {
            line: 1,
            dn,
            attributes: values.into_iter().map(|value| ("description".to_owned(), value)).collect(),
        };
        prop_assert_eq!(read(&text), [Ok(Entry { line: read(&text)[0].as_ref().unwrap().line, ..expected })]);
    }

    #[test]
    fn no_text_breaks_the_reader(text in any::<Vec<u8>>()) {
        let _ = Reader::new(text.as_slice()).count();
    }
}
