//! Filters: what is asked of one attribute, and what those come to together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::answer::Attributes;
use super::random::Random;

/// What is asked of one attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaf {
    /// The attribute description; empty in an extensible match of all attributes.
    pub attribute: String,
    /// What is asked.
    pub test: Test,
    /// The asserted value; between its pieces stand `*` where it is substrings.
    pub value: Vec<String>,
    /// Whether every character is written by its code.
    pub escaped: bool,
}

/// A kind of question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Test {
    /// `=*`
    Present,
    /// `=`
    Equal,
    /// `~=`
    Approximate,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `=a*b*c`
    Substrings,
    /// `:dn:rule:=`
    Extensible {
        /// Whether names count.
        names: bool,
        /// The matching rule.
        rule: Option<&'static str>,
    },
}

/// A filter.
#[derive(Clone, Debug)]
pub enum Filter {
    /// One question.
    Leaf(usize),
    /// All of them.
    And(Vec<Filter>),
    /// Any of them.
    Or(Vec<Filter>),
    /// Not this one.
    Not(Box<Filter>),
}

/// The entries of which a filter is true, and those of which it is false; it is Undefined of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// True of these.
    pub holds: BTreeSet<String>,
    /// False of these.
    pub fails: BTreeSet<String>,
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pieces = self.value.iter().map(|piece| escape(piece, self.escaped));
        let value = pieces.collect::<Vec<_>>().join("*");
        let attribute = &self.attribute;
        match &self.test {
            Test::Present => write!(f, "({attribute}=*)"),
            Test::Equal | Test::Substrings => write!(f, "({attribute}={value})"),
            Test::Approximate => write!(f, "({attribute}~={value})"),
            Test::AtLeast => write!(f, "({attribute}>={value})"),
            Test::AtMost => write!(f, "({attribute}<={value})"),
            Test::Extensible { names, rule } => {
                let names = if *names { ":dn" } else { "" };
                let rule = rule.map(|rule| format!(":{rule}")).unwrap_or_default();
                write!(f, "({attribute}{names}{rule}:={value})")
            }
        }
    }
}

/// RFC 4515 §3.
fn escape(text: &str, all: bool) -> String {
    let each = text.bytes().map(|octet| match octet {
        b'*' | b'(' | b')' | b'\\' | 0 => format!("\\{octet:02x}"),
        _ if all || !octet.is_ascii() => format!("\\{octet:02X}"),
        _ => char::from(octet).to_string(),
    });
    each.collect()
}

impl Filter {
    /// As text (RFC 4515).
    pub fn text(&self, leaves: &[Leaf]) -> String {
        let all =
            |parts: &[Self]| -> String { parts.iter().map(|part| part.text(leaves)).collect() };
        match self {
            Self::Leaf(at) => leaves[*at].to_string(),
            Self::And(parts) => format!("(&{})", all(parts)),
            Self::Or(parts) => format!("(|{})", all(parts)),
            Self::Not(part) => format!("(!{})", part.text(leaves)),
        }
    }

    /// What it is, if each question is what `leaves` says (RFC 4511 §4.5.1.7).
    pub fn truth(&self, leaves: &[Truth], everything: &BTreeSet<String>) -> Truth {
        let none = || Truth::default();
        match self {
            Self::Leaf(at) => leaves[*at].clone(),
            Self::Not(part) => {
                let Truth { holds, fails } = part.truth(leaves, everything);
                Truth {
                    holds: fails,
                    fails: holds,
                }
            }
            Self::And(parts) => {
                let start = Truth {
                    holds: everything.clone(),
                    ..none()
                };
                parts.iter().fold(start, |all, part| {
                    let part = part.truth(leaves, everything);
                    Truth {
                        holds: &all.holds & &part.holds,
                        fails: &all.fails | &part.fails,
                    }
                })
            }
            Self::Or(parts) => {
                let start = Truth {
                    fails: everything.clone(),
                    ..none()
                };
                parts.iter().fold(start, |any, part| {
                    let part = part.truth(leaves, everything);
                    Truth {
                        holds: &any.holds | &part.holds,
                        fails: &any.fails & &part.fails,
                    }
                })
            }
        }
    }
}

const RULES: &[&str] = &[
    "caseIgnoreMatch",
    "caseExactMatch",
    "2.5.13.2",
    "caseIgnoreSubstringsMatch",
    "caseExactSubstringsMatch",
    "telephoneNumberMatch",
    "distinguishedNameMatch",
    "caseIgnoreIA5Match",
    "objectIdentifierMatch",
    "generalizedTimeMatch",
    "noSuchMatch",
    "1.2.3.4",
];

/// Names of attributes with more than one, or in other spellings.
const SPELLINGS: &[(&str, &[&str])] = &[
    ("cn", &["CN", "commonName", "2.5.4.3", "name"]),
    ("sn", &["surname", "SN", "name"]),
    ("uid", &["userid", "0.9.2342.19200300.100.1.1"]),
    ("mail", &["rfc822Mailbox", "MAIL"]),
    ("mobile", &["mobileTelephoneNumber", "Mobile"]),
    ("member", &["distinguishedName"]),
    (
        "telephoneNumber",
        &["TELEPHONENUMBER", "telephoneNumber;lang-en"],
    ),
];

const UNKNOWN: &[&str] = &["moblie", "other", "shoeSize", "1.2.3.4.5", "cn;binary"];

/// Questions that were thought of: what the generator may miss.
pub fn thought_of() -> Vec<Leaf> {
    let by = |rule| Test::Extensible {
        names: false,
        rule: Some(rule),
    };
    let all: [(&str, Test, &[&str]); 16] = [
        ("sn", Test::Equal, &["muller"]),
        ("surname", Test::Substrings, &["Mul", ""]),
        ("gn", Test::Equal, &["Anna"]),
        ("cn", Test::Equal, &["Anna Strasse"]),
        ("street", Test::Equal, &["grosse strasse 1"]),
        ("telephoneNumber", Test::Equal, &["00493012034567"]),
        ("telephoneNumber", Test::Equal, &["00493012 34567"]),
        ("mobile", Test::Substrings, &["0", ""]),
        ("employeeType", Test::Substrings, &[" ", ""]),
        ("objectClass", by("objectIdentifierMatch"), &["person"]),
        ("title", by("caseIgnoreIA5Match"), &["clerk"]),
        ("", by("caseIgnoreMatch"), &["clerk"]),
        ("", by("caseExactMatch"), &["Clerk"]),
        ("homePostalAddress", Test::Substrings, &["Home \\", ""]),
        ("homePostalAddress", Test::Substrings, &["", "5C", ""]),
        ("mail", Test::Equal, &["müller@acme.example"]),
    ];
    let leaf = |(attribute, test, value): (&str, Test, &[&str])| Leaf {
        attribute: attribute.to_owned(),
        test,
        value: value.iter().map(|piece| (*piece).to_owned()).collect(),
        escaped: false,
    };
    all.into_iter().map(leaf).collect()
}

/// Where questions come from: the entries that there are.
#[derive(Debug)]
pub struct Source {
    attributes: Vec<(String, Vec<String>)>,
}

impl Source {
    /// These entries. Attributes named in `without` are not asked about.
    pub fn new(entries: &BTreeMap<String, Attributes>, without: &[&str]) -> Self {
        let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, own) in entries.values().flatten() {
            let own = own
                .iter()
                .filter_map(|value| String::from_utf8(value.clone()).ok());
            values.entry(name.clone()).or_default().extend(own);
        }
        let attributes = values
            .into_iter()
            .filter(|(name, _)| !without.contains(&name.as_str()))
            .map(|(name, values)| (name, values.into_iter().collect()));
        Self {
            attributes: attributes.collect(),
        }
    }

    /// One question.
    pub fn leaf(&self, random: &mut Random) -> Leaf {
        let (name, values) = random.one_of(&self.attributes);
        let value = match random.below(12) {
            // Of another attribute, or of none.
            0 => random
                .one_of::<String>(&random.clone().one_of(&self.attributes).1)
                .clone(),
            1 => (*random.one_of(&["", "x", "*", "TRUE", "0", "\\", "é", "20200101000000Z"]))
                .to_owned(),
            _ => varied(random.one_of::<String>(values), random),
        };
        let spellings = SPELLINGS.iter().find(|(own, _)| own == name);
        let attribute = match (random.below(20), spellings) {
            (0, _) => (*random.one_of(UNKNOWN)).to_owned(),
            (1..=7, Some((_, spellings))) => (*random.one_of(spellings)).to_owned(),
            _ => name.clone(),
        };
        let (test, value) = test(value, random);
        let whole = matches!(test, Test::Extensible { rule: Some(_), .. }) && random.once_in(8);
        Leaf {
            attribute: if whole { String::new() } else { attribute },
            test,
            value,
            escaped: random.once_in(10),
        }
    }

    /// A filter of up to this many levels over the questions.
    pub fn filter(leaves: usize, depth: usize, random: &mut Random) -> Filter {
        if depth == 0 || random.once_in(5) {
            return Filter::Leaf(random.below(leaves));
        }
        let mut some = || {
            let many = random.below(4);
            (0..many)
                .map(|_| Self::filter(leaves, depth - 1, random))
                .collect()
        };
        let parts: Vec<Filter> = some();
        match random.below(5) {
            0 | 1 => Filter::And(parts),
            2 | 3 => Filter::Or(parts),
            _ => Filter::Not(Box::new(Self::filter(leaves, depth - 1, random))),
        }
    }
}

fn test(value: String, random: &mut Random) -> (Test, Vec<String>) {
    match random.below(16) {
        0 => (Test::Present, Vec::new()),
        1..=4 => (Test::Equal, vec![value]),
        5 => (Test::Approximate, vec![value]),
        6 => (Test::AtLeast, vec![value]),
        7 => (Test::AtMost, vec![value]),
        8 | 9 => {
            let rule = (!random.once_in(4)).then(|| *random.one_of(RULES));
            let names = random.once_in(3);
            (Test::Extensible { names, rule }, vec![value])
        }
        _ => (Test::Substrings, pieces(&value, random)),
    }
}

/// The value cut into pieces, some of them left out.
fn pieces(value: &str, random: &mut Random) -> Vec<String> {
    let characters: Vec<char> = value.chars().collect();
    let mut cuts = [0, 0, 0, 0].map(|_| random.below(characters.len() + 1));
    cuts.sort_unstable();
    let part = |from: usize, to: usize| characters[from..to].iter().collect::<String>();
    let initial = part(0, cuts[0]);
    let any = part(cuts[1], cuts[2]);
    let last = part(cuts[3], characters.len());
    let pieces = match random.below(5) {
        0 => vec![initial, String::new()],
        1 => vec![String::new(), last],
        2 => vec![String::new(), any, String::new()],
        3 => vec![initial, any, last],
        _ => vec![initial, last],
    };
    // An empty piece between others cannot be written, and nothing at all is presence.
    let keep = |(at, piece): (usize, String)| {
        (at == 0 || at == 2 || !piece.is_empty() || value.is_empty()).then_some(piece)
    };
    let mut pieces: Vec<String> = pieces.into_iter().enumerate().filter_map(keep).collect();
    if pieces.len() < 2 || pieces.iter().all(String::is_empty) {
        pieces = vec![
            value.chars().next().unwrap_or('x').to_string(),
            String::new(),
        ];
    }
    pieces
}

/// The value as another person would write it, or a little wrong.
fn varied(value: &str, random: &mut Random) -> String {
    match random.below(10) {
        0 => value.to_uppercase(),
        1 => value.to_lowercase(),
        2 => format!("  {value} "),
        3 => value.replace(' ', "   "),
        4 => value.replace(['-', ' '], ""),
        5 => format!("{value}x"),
        6 => value.replace(['ü', 'é', 'ö'], "u"),
        _ => value.to_owned(),
    }
}
