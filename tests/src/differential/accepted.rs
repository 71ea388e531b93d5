//! The differences that are meant to be, each as narrow as it can be said.

use std::collections::BTreeSet;

use super::answer::Attributes;
use super::filters::{Leaf, Test};
use super::pair::Search;
use super::questions::Compare;

/// Something that the two servers disagree about; Jackfield's part comes first.
#[derive(Debug)]
pub enum Difference<'d> {
    /// Whether a question is true of an entry; `None` where it is Undefined.
    Truth {
        /// What is asked.
        leaf: &'d Leaf,
        /// The entry, and what it has.
        entry: (&'d str, &'d Attributes),
        /// True, false or Undefined.
        truth: [Option<bool>; 2],
    },
    /// The values of an attribute of an entry; `None` where it has none.
    Values {
        /// What was asked.
        search: &'d Search,
        /// The entry.
        name: &'d str,
        /// The attribute.
        attribute: &'d str,
        /// What it has.
        values: [Option<&'d BTreeSet<Vec<u8>>>; 2],
    },
    /// The result code of a search, the name that matched, and how many entries came.
    Outcome {
        /// What was asked.
        search: &'d Search,
        /// How it ended.
        ends: [(u32, &'d str, usize); 2],
    },
    /// The result code of a comparison.
    Compared {
        /// What was asked.
        compare: &'d Compare,
        /// How it ended.
        codes: [u32; 2],
    },
}

/// A difference that is meant to be.
#[derive(Debug)]
pub struct Accepted {
    /// What it is.
    pub what: &'static str,
    /// Why it is so.
    pub why: &'static str,
    /// Whether this is an instance of it.
    pub explains: fn(&Difference<'_>) -> bool,
}

use Difference::{Compared, Outcome, Truth, Values};

/// All of them.
pub const ACCEPTED: &[Accepted] = &[
    Accepted {
        what: "sharp s",
        why: "RFC 4518 §2.2 folds it to ss; slapd keeps it",
        explains: |it| {
            let has_it = |value: &str| value.to_uppercase().contains("SS");
            matches!(it, Truth { leaf, entry, truth: [Some(true), Some(false)] }
                if has_it(&leaf.value.concat())
                    && any_value(entry.1, &[&leaf.attribute], |value| value.contains('ß')))
                || matches!(it, Compared { compare, codes: [6, 5] } if has_it(&compare.value))
        },
    },
    Accepted {
        what: "accents",
        why: "a keypad types no accents, so names of people match with and without them",
        explains: |it| {
            matches!(it, Truth { leaf, entry, truth: [Some(true), Some(false)] }
            if matches!(leaf.test, Test::Equal | Test::Approximate | Test::Substrings)
                && is_one(leaf, PEOPLE)
                && any_value(entry.1, &["cn", "sn", "givenName", "displayName"], |value| {
                    bare(value) != value.to_lowercase() || !leaf.value.concat().is_ascii()
                }))
        },
    },
    Accepted {
        what: "dialled numbers",
        why: "a number is found in every form in which it is dialled, brackets, dots, prefixes and \
              what stands behind an extension mark aside",
        explains: |it| {
            matches!(it, Truth { leaf, entry, truth: [Some(true), Some(false)] }
                if matches!(leaf.test, Test::Equal | Test::Approximate | Test::Substrings
                        | Test::Extensible { rule: None | Some("telephoneNumberMatch"), .. })
                    && is_one(leaf, PHONES)
                    && any_value(entry.1, PHONE_NAMES, |value| is_dialled(leaf, value)))
                || matches!(it, Compared { compare, codes: [6, 5] }
                    if is_among(&compare.attribute, PHONES)
                        && compare.value.contains(|c: char| c.is_ascii_digit()))
        },
    },
    Accepted {
        what: "fax numbers",
        why: "RFC 4519 §2.10 gives them no matching rule, which helps nobody who looks for one",
        explains: |it| match it {
            Truth {
                leaf,
                truth: [Some(_), None],
                ..
            } => is_one(leaf, FAX),
            Compared {
                compare,
                codes: [5 | 6 | 16 | 21, 18],
            } => compare.attribute == "facsimileTelephoneNumber",
            _ => false,
        },
    },
    Accepted {
        what: "order of names",
        why: "slapd's own definitions of these have no ordering rule, and of labeledURI none for \
              substrings; ours have all that fit",
        explains: |it| {
            matches!(it, Truth { leaf, truth: [Some(_), None], .. }
            if match leaf.test {
                Test::AtLeast | Test::AtMost => is_one(leaf, UNORDERED),
                Test::Substrings => is_one(leaf, &["labeleduri"]),
                _ => false,
            })
        },
    },
    Accepted {
        what: "approximate matching",
        why: "RFC 4511 §4.5.1.7.6 leaves it to the server: slapd goes by English sounds",
        explains: |it| {
            matches!(it, Truth { leaf, truth: [Some(_), Some(_)], .. }
                if leaf.test == Test::Approximate)
        },
    },
    Accepted {
        what: "branches are no records",
        why: "what nobody made and nobody can change has no identity and no times",
        explains: |it| match it {
            Truth {
                leaf,
                entry,
                truth: [Some(false), Some(true)],
            } => is_one(leaf, IDENTITY) && !entry.1.contains_key("entryUUID"),
            Values {
                attribute,
                values: [None, Some(_)],
                ..
            } => is_among(attribute, IDENTITY),
            Compared {
                compare,
                codes: [16, 5 | 6],
            } => is_among(&compare.attribute, IDENTITY),
            _ => false,
        },
    },
    Accepted {
        what: "what slapd notes",
        why: "who wrote an entry stands in the audit log; replication has its own numbers",
        explains: |it| {
            matches!(it, Values { attribute, values: [None, Some(_)], .. }
                if is_among(attribute, &["creatorsname", "modifiersname", "entrycsn"]))
        },
    },
    Accepted {
        what: "what the product adds is operational",
        why: "only those who ask want them; slapd takes no operational attribute from its \
              configuration, so there it is an ordinary one",
        explains: |it| match it {
            Values {
                search,
                attribute: "pbxPermission" | "pbxWrittenNumber" | "pbxActive",
                values,
                ..
            } => match values {
                [None, Some(_)] => !asks(search, "+"),
                [Some(_), None] => asks(search, "+") && !asks(search, "*"),
                _ => false,
            },
            _ => false,
        },
    },
    Accepted {
        what: "members of permissions",
        why: "they are computed and can be many: they are given where they are asked for by name",
        explains: |it| {
            matches!(it, Values { search, name, attribute: "member", values: [None, Some(_)] }
                if name.contains(",ou=permissions,") && !asks(search, "member"))
        },
    },
    Accepted {
        what: "nothing but spaces",
        why: "RFC 4518 §2.6.1: a piece of nothing but spaces is one space, and the prepared value \
              begins and ends with one; slapd looks for it as it stands",
        explains: |it| {
            let is_blank = |piece: &String| !piece.is_empty() && piece.trim_matches(' ').is_empty();
            matches!(it, Truth { leaf, truth: [Some(true), Some(false)], .. }
                if leaf.test == Test::Substrings && leaf.value.iter().any(is_blank))
        },
    },
    Accepted {
        what: "substrings by rule",
        why: "RFC 4517 §4.2.13: a SubstringAssertion can be asserted in an extensible match",
        explains: |it| {
            matches!(it, Truth { leaf, truth: [Some(_), None], .. }
                if rule(leaf).is_some_and(|rule| rule.ends_with("SubstringsMatch")))
        },
    },
    Accepted {
        what: "text is text",
        why: "every rule for text can be asked of every attribute of text, whatever its syntax",
        explains: |it| match it {
            Truth {
                leaf,
                truth: [Some(_), None],
                ..
            } => rule(leaf).is_some_and(is_text_rule),
            Truth {
                leaf,
                truth: [Some(true), Some(false)],
                ..
            } => leaf.attribute.is_empty() && rule(leaf).is_some_and(is_text_rule),
            _ => false,
        },
    },
    Accepted {
        what: "everything may not be read",
        why: "what the client may not read is Undefined, and so is a question of all attributes \
              that nothing it may read makes true",
        explains: |it| {
            matches!(it, Truth { leaf, truth: [None, Some(false)], .. }
                if leaf.attribute.is_empty())
        },
    },
    Accepted {
        what: "names that phones ask by",
        why: "vendors' defaults ask for attributes by names that no schema has; what they mean is \
              answered under the name that was asked for",
        explains: |it| {
            const NAMES: &[&str] = &["other", "gn", "company", "department", "number"];
            match it {
                Truth {
                    leaf,
                    truth: [Some(_), None],
                    ..
                } => is_one(leaf, NAMES),
                Values {
                    attribute,
                    values: [Some(_), None],
                    ..
                } => is_among(attribute, NAMES),
                Compared {
                    compare,
                    codes: [5 | 6 | 16 | 21 | 32, 17],
                } => is_among(&compare.attribute, NAMES),
                _ => false,
            }
        },
    },
    Accepted {
        what: "any character",
        why: "addresses of mail and numbers are kept as they came, so any character can be asked \
              for; slapd calls what is not in their syntax Undefined",
        explains: |it| match it {
            Truth {
                leaf,
                truth: [Some(false), None],
                ..
            } => {
                is_one(leaf, PHONES) && !leaf.value.concat().bytes().all(is_printable)
                    || is_one(leaf, IA5) && !leaf.value.concat().is_ascii()
            }
            Compared {
                compare,
                codes: [5 | 16, 21],
            } => {
                let (attribute, value) = (&compare.attribute, &compare.value);
                is_among(attribute, PHONES) && !value.bytes().all(is_printable)
                    || is_among(attribute, IA5) && !value.is_ascii()
            }
            _ => false,
        },
    },
    Accepted {
        what: "half an escape",
        why: "the escapes in an address are undone before it is compared (RFC 4517 §3.3.28), and half \
              of one is looked for as it stands; slapd compares the escapes, and calls half of one \
              Undefined",
        explains: |it| {
            let is_address = |name: &str| is_among(name, &["postaladdress", "homepostaladdress"]);
            match it {
                Truth {
                    leaf,
                    truth: [Some(_), None],
                    ..
                } => is_address(&leaf.attribute) && leaf.value.concat().contains('\\'),
                Truth {
                    leaf,
                    truth: [Some(false), Some(true)],
                    ..
                } => {
                    let value = leaf.value.concat();
                    is_address(&leaf.attribute) && (value.contains("5C") || value.contains("24"))
                }
                Compared {
                    compare,
                    codes: [5 | 16, 21],
                } => is_address(&compare.attribute) && compare.value.contains('\\'),
                _ => false,
            }
        },
    },
    Accepted {
        what: "rules by extensible match",
        why: "uuidMatch and objectIdentifierMatch are rules like others; slapd does not take them there",
        explains: |it| {
            matches!(it, Truth { leaf, truth: [Some(_), None], .. }
                if is_one(leaf, &["entryuuid"])
                    && matches!(leaf.test, Test::Extensible { rule: None, .. })
                    || rule(leaf) == Some("objectIdentifierMatch"))
        },
    },
    Accepted {
        what: "computed by slapd",
        why: "slapd computes these for each answer: it neither finds nor compares them",
        explains: |it| match it {
            Truth {
                leaf,
                truth: [Some(true), Some(false)],
                ..
            } => is_one(leaf, &["subschemasubentry", "hassubordinates"]),
            Compared {
                compare,
                codes: [5 | 6 | 32, 53],
            } => is_among(&compare.attribute, &["entrydn", "subschemasubentry"]),
            Compared {
                compare,
                codes: [32, 0],
            } => is_among(&compare.attribute, &["hassubordinates"]),
            _ => false,
        },
    },
    Accepted {
        what: "names of what nobody knows",
        why: "RFC 4514 is about form alone: an attribute type that the schema lacks, an empty \
              value and one in BER are in names of entries that are not there",
        explains: |it| match it {
            Outcome {
                search,
                ends: [(0 | 32, ..), (34, ..)],
            } => is_odd(&search.base),
            Compared {
                compare,
                codes: [_, 34],
            } => is_odd(&compare.name),
            Compared {
                compare,
                codes: [5 | 16, 21],
            } => is_odd(&compare.value),
            Truth {
                leaf,
                truth: [Some(false), None],
                ..
            } => is_odd(&leaf.value.concat()),
            _ => false,
        },
    },
    Accepted {
        what: "options in names",
        why: "RFC 4514 §3 has none; slapd reads over them",
        explains: |it| match it {
            Outcome {
                search,
                ends: [(34, ..), _],
            } => search.base.contains(";lang-"),
            Compared {
                compare,
                codes: [34, _],
            } => compare.name.contains(";lang-"),
            _ => false,
        },
    },
    Accepted {
        what: "the root is the tenant's",
        why: "phones whose base is empty search the tenant that they are bound to",
        explains: |it| {
            matches!(it, Outcome { search, ends: [(0 | 4, ..), (32, ..)] }
                if search.base.is_empty())
        },
    },
    Accepted {
        what: "which mistake comes first",
        why: "where neither the entry nor what is asserted makes sense, either can be said",
        explains: |it| {
            matches!(
                it,
                Compared {
                    codes: [32, 17 | 18 | 21],
                    ..
                }
            )
        },
    },
];

const PEOPLE: &[&str] = &[
    "cn",
    "commonname",
    "2.5.4.3",
    "sn",
    "surname",
    "givenname",
    "displayname",
    "name",
];
const PHONES: &[&str] = &[
    "telephonenumber",
    "mobile",
    "mobiletelephonenumber",
    "homephone",
    "hometelephonenumber",
    "pager",
    "pagertelephonenumber",
    "telephonenumber;lang-en",
    "pbxwrittennumber",
    "",
];
const PHONE_NAMES: &[&str] = &[
    "telephoneNumber",
    "mobile",
    "homePhone",
    "pager",
    "pbxWrittenNumber",
];
const FAX: &[&str] = &["facsimiletelephonenumber", "fax"];
const IA5: &[&str] = &["mail", "rfc822mailbox", "dc"];
const IDENTITY: &[&str] = &["entryuuid", "createtimestamp", "modifytimestamp"];
const UNORDERED: &[&str] = &[
    "name",
    "cn",
    "commonname",
    "2.5.4.3",
    "uid",
    "userid",
    "0.9.2342.19200300.100.1.1",
    "description",
    "labeleduri",
];

fn is_one(leaf: &Leaf, names: &[&str]) -> bool {
    is_among(&leaf.attribute, names)
}

fn is_among(name: &str, names: &[&str]) -> bool {
    names.contains(&name.to_lowercase().as_str())
}

fn rule(leaf: &Leaf) -> Option<&'static str> {
    match leaf.test {
        Test::Extensible { rule, .. } => rule,
        _ => None,
    }
}

fn is_text_rule(rule: &str) -> bool {
    let text = [
        "caseIgnoreMatch",
        "caseExactMatch",
        "2.5.13.2",
        "caseIgnoreIA5Match",
    ];
    text.contains(&rule) || rule == "telephoneNumberMatch"
}

fn asks(search: &Search, name: &str) -> bool {
    let all = search.attributes.is_empty() && name == "*";
    all || search.attributes.iter().any(|asked| asked == name)
}

fn any_value(entry: &Attributes, names: &[&str], is_meant: impl Fn(&str) -> bool) -> bool {
    let values = names.iter().filter_map(|name| entry.get(*name)).flatten();
    values
        .filter_map(|value| std::str::from_utf8(value).ok())
        .any(is_meant)
}

/// Whether the digits that are asked for stand in the number in their order, prefixes aside.
fn is_dialled(leaf: &Leaf, number: &str) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let number = digits(number);
    let mut rest = number.as_str();
    leaf.value.iter().all(|piece| {
        let piece = digits(piece);
        let piece = piece.trim_start_matches("0049").trim_start_matches("49");
        let piece = piece.trim_start_matches('0');
        match rest.find(piece) {
            Some(at) => {
                rest = &rest[at + piece.len()..];
                true
            }
            None => false,
        }
    })
}

/// RFC 4517 §3.2 PrintableString.
fn is_printable(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"'()+,-.=/:? ".contains(&octet)
}

/// Whether a name has an empty value, one in BER, or an attribute type that is not known.
fn is_odd(name: &str) -> bool {
    const KNOWN: [&str; 9] = [
        "uid",
        "userid",
        "cn",
        "ou",
        "o",
        "dc",
        "entryuuid",
        "2.5.4.11",
        "0.9.2342.19200300.100.1.25",
    ];
    let mut types = name
        .split([',', '+'])
        .filter_map(|part| part.split_once('='));
    let is_blank = !name.is_empty() && name.trim().is_empty();
    is_blank
        || types.any(|(attribute, value)| {
            let attribute = attribute.trim().to_lowercase();
            value.trim().is_empty() || value.starts_with('#') || !KNOWN.contains(&&*attribute)
        })
}

/// The text in lower case without accents, as far as the population has any.
fn bare(text: &str) -> String {
    let lower = text.to_lowercase();
    lower.chars().filter(char::is_ascii).collect()
}
