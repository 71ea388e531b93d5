//! Why a search finds what it finds, as it is told for people.

use jackfield_ldap::explain::{Branch, Explanation, Question, Scope, explain};

use crate::harness::{SUFFIX, Server};

fn ask(server: &Server, reader: &str, filter: &str, base: &str, entry: &str) -> Explanation {
    let operator = server.operator();
    let session = operator.through_the_eyes_of(reader).expect("somebody");
    let question = Question {
        base: Some(base),
        scope: Scope::Sub,
        filter,
        entry: Some(entry),
    };
    explain(&session, &operator, question).unwrap_or_else(|error| panic!("{filter}: {error}"))
}

/// Who asks; the filter; below what; the entry; whether it is found; why; what is said of the parts.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    bool,
    &'static str,
    &'static [&'static str],
);

/// Attributes, and what their indexes are asked.
type Indexes = &'static [(&'static str, &'static str)];

/// The parts that are not true, with what is said of them.
fn untrue(branch: &Branch, out: &mut Vec<String>) {
    if let Some(because) = &branch.because {
        out.push(format!("{} {}: {because}", branch.filter, branch.is));
    }
    branch.parts.iter().for_each(|part| untrue(part, out));
}

#[tokio::test]
async fn it_says_why_an_entry_is_found_or_not() {
    let server = Server::start().await;
    let (alice, bob) = ("uid=alice,ou=people", "uid=Bob.Smith,ou=people");
    let (carol, pbx) = ("uid=carol\\, \\\"c\\\",ou=people", "uid=pbx,ou=services");
    #[rustfmt::skip]
    let table: &[Case] = &[
        ("operator", "(cn=Alice*)", "", alice, true, "in reach", &[]),
        ("operator", "(cn=Alice*)", "", bob, false, "not true", &["(cn=Alice*) false: its cn: Smith"]),
        ("operator", "(mail=*)", "", bob, false, "not true", &["(mail=*) false: it has no mail"]),
        ("operator", "(&(sn=Smith)(shoeSize=44))", "", bob, false, "not true",
            &["(shoeSize=44) undefined: there is no attribute shoeSize"]),
        ("operator", "(sAMAccountName=x)", "", bob, false, "not true",
            &["(sAMAccountName=x) undefined: sAMAccountName is not in this reader's views"]),
        ("operator", "(AstAccountSecret=*)", "", bob, false, "not true",
            &["(AstAccountSecret=*) undefined: this reader is not told AstAccountSecret"]),
        ("operator", "(|(!(moblieX=1))(cn=x))", "", bob, false, "not true",
            &["(moblieX=1) undefined: there is no attribute moblieX", "(cn=x) false: its cn: Smith"]),
        ("operator", "(member=nobody)", "", bob, false, "not true",
            &["(member=nobody) undefined: member can have no such value, or is not compared so"]),
        ("operator", "(member=cn=a)", "", bob, false, "not true",
            &["(member=cn=a) false: entries of its kind have no member"]),
        ("phone-7", "(pbxRole=owner)", "", bob, false, "not true",
            &["(pbxRole=owner) undefined: pbxRole may not be read"]),
        ("phone-7", "(telephoneNumber=030 99)", "", bob, true, "in reach", &[]),
        ("phone-7", "(cn=*)", "", carol, false, "inactive", &[]),
        ("alice", "(cn=*)", "", pbx, false, "kind, service", &[]),
        ("operator", "(cn=*)", "ou=groups,", bob, false, "outside the base", &[]),
        ("operator", "(cn=*)", "", "uid=nobody,ou=people", false, "no such entry", &[]),
        ("operator", "(cn=*)", "", "ou=people", false, "branch", &[]),
    ];
    for (reader, filter, base, entry, is_found, because, parts) in table {
        let (base, entry) = (format!("{base}{SUFFIX}"), format!("{entry},{SUFFIX}"));
        let explained = ask(&server, reader, filter, &base, &entry);
        let expected = explained.entry.expect("an answer");
        let case = format!("{reader} {filter} {entry}: {}", expected.because);
        assert_eq!(expected.is_found, *is_found, "{case}");
        assert!(expected.because.contains(because), "{case}");
        let mut said = Vec::new();
        if let Some(branch) = &expected.filter {
            untrue(branch, &mut said);
        }
        assert_eq!(said, *parts, "{case}");
        // What it says of one entry is what the search does.
        let name = entry.to_ascii_lowercase();
        let found = explained
            .first
            .iter()
            .any(|dn| dn.to_ascii_lowercase() == name);
        assert_eq!(
            found && explained.found <= 10,
            *is_found,
            "{case} {:?}",
            explained.first
        );
    }
}

#[tokio::test]
async fn it_says_which_indexes_answered_and_what_they_gave() {
    let server = Server::start().await;
    let entry = format!("uid=alice,ou=people,{SUFFIX}");
    #[rustfmt::skip]
    let table: &[(&str, &str, Indexes, usize)] = &[
        ("(uid=alice)", "by indexes", &[("userName", "is \"alice\""), ("login", "is \"alice\""), ("id", "is \"alice\"")], 1),
        ("(&(objectClass=person)(sn=müller))", "by indexes", &[("name.familyName", "is \"muller\""), ("commonName", "is \"muller\"")], 1),
        ("(telephoneNumber=030 1234567)", "by indexes", &[("phoneNumbers.value", "is \"0301234567\", or is \"+49301234567\""), ("number", "is \"0301234567\", or is \"+49301234567\"")], 1),
        ("(telephoneNumber=+49301234567)", "by indexes", &[("phoneNumbers.value", "is \"+49301234567\""), ("number", "is \"+49301234567\"")], 1),
        // Extensions are called by their numbers.
        ("(cn=ali*)", "by indexes", &[("commonName", "begins with \"ali\""), ("number", "begins with \"ali\"")], 1),
        ("(&(objectClass=person)(|(cn=ali*)(sn=ali*)))", "by indexes", &[("commonName", "begins with \"ali\""), ("number", "begins with \"ali\""), ("name.familyName", "begins with \"ali\"")], 1),
        ("(objectClass=*)", "no index can tell them apart", &[], 10),
        ("(&)", "no index can tell them apart", &[], 10),
    ];
    for (filter, by, indexes, least) in table {
        let explained = ask(&server, "operator", filter, SUFFIX, &entry);
        assert_eq!(explained.by, *by, "{filter}");
        let asked: Vec<(&str, &str)> = explained
            .indexes
            .iter()
            .map(|used| (used.attribute.as_str(), used.asked.as_str()))
            .collect();
        assert_eq!(asked, *indexes, "{filter}");
        assert!(explained.candidates >= *least, "{filter}: {explained:?}");
        assert!(
            explained.candidates <= explained.records,
            "{filter}: {explained:?}"
        );
    }
}
