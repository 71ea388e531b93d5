//! Directory semantics as text: a search, and the lines it must give.
//!
//! A block is `? SCOPE BASE FILTER ATTRIBUTES…`, then what comes back, then `= CODE`. `BASE` is
//! below the suffix, `-` the suffix itself, `/` the root, `@` before another name; blanks are
//! written `_`, and the suffix in a filter `%`. Words with `!` before the attributes are options:
//! `!size=N`, `!types`, and controls (see `ordering`), whose answers come as `~` lines. Names are
//! shown without the suffix, and ids by the names of their records.

use std::fmt::Write as _;

use jackfield_ldap::Options;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Kind};
use ldap3::{Scope, SearchEntry, SearchOptions};

use crate::harness::{SUFFIX, Server, create, member_of};
use crate::ordering;

/// Runs every block, as one client, and compares the whole text.
pub(crate) async fn check(fixture: &str, server: &Server, mut client: ldap3::Ldap) {
    let mut actual = String::new();
    for line in fixture.lines() {
        if line.is_empty() || line.starts_with('#') {
            writeln!(actual, "{line}").unwrap();
        } else if let Some(search) = line.strip_prefix("? ") {
            writeln!(actual, "{line}").unwrap();
            actual.push_str(&answer(server, &mut client, search).await);
        }
    }
    assert_eq!(actual, fixture, "\n--- this came ---\n{actual}");
}

async fn answer(server: &Server, client: &mut ldap3::Ldap, search: &str) -> String {
    let mut words = search.split(' ').peekable();
    let scope = match words.next().unwrap() {
        "base" => Scope::Base,
        "one" => Scope::OneLevel,
        "sub" => Scope::Subtree,
        other => panic!("{other}"),
    };
    let base = match words.next().unwrap() {
        "-" => SUFFIX.to_owned(),
        "/" => String::new(),
        other if other.starts_with('@') => other[1..].to_owned(),
        below => format!("{},{SUFFIX}", below.replace('_', " ")),
    };
    let filter = unnamed(server, &words.next().unwrap().replace('_', " "));
    let mut options = SearchOptions::new();
    let mut controls = Vec::new();
    while let Some(option) = words.next_if(|word| word.starts_with('!')) {
        if let Some(control) = ordering::control(&unnamed(server, &option.replace('_', " "))) {
            controls.push(control);
            continue;
        }
        options = match option.split_once('=') {
            Some(("!size", size)) => options.sizelimit(size.parse().unwrap()),
            None if option == "!types" => options.typesonly(true),
            _ => panic!("{option}"),
        };
    }
    let attributes: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    client.with_search_options(options);
    if !controls.is_empty() {
        client.with_controls(controls);
    }
    let found = client
        .search(&base, scope, &filter, attributes)
        .await
        .expect(&filter);
    let mut text = String::new();
    for entry in found.0 {
        let entry = SearchEntry::construct(entry);
        let dn = if entry.dn.is_empty() { "/" } else { &entry.dn };
        writeln!(text, "{}", named(server, dn)).unwrap();
        let mut lines: Vec<String> = Vec::new();
        // Octets of identities are text by chance only.
        let is_text = |name: &String| !["objectGUID", "objectSid"].contains(&name.as_str());
        for (name, values) in entry.attrs.into_iter().filter(|(name, _)| is_text(name)) {
            let mut values: Vec<_> = values.iter().map(|value| named(server, value)).collect();
            values.sort_unstable();
            lines.push(
                format!("  {name}: {}", values.join(" | "))
                    .trim_end()
                    .to_owned(),
            );
        }
        lines.sort_unstable();
        writeln!(text, "{}", lines.join("\n")).unwrap();
    }
    let mut text = text.replace("\n\n", "\n");
    for control in &found.1.ctrls {
        writeln!(text, "~ {}", ordering::answered(control)).unwrap();
    }
    let matched = match found.1.matched.as_str() {
        "" => String::new(),
        matched => format!(" {}", named(server, matched)),
    };
    format!("{text}= {}{matched}\n", found.1.rc)
}

fn named(server: &Server, text: &str) -> String {
    let mut text = text.replace(&format!(",{SUFFIX}"), "").replace(SUFFIX, "-");
    for (name, id) in &server.ids {
        text = text.replace(&id.to_string(), &format!("<{name}>"));
    }
    text
}

fn unnamed(server: &Server, text: &str) -> String {
    let mut text = text.replace('%', &format!(",{SUFFIX}"));
    for (name, id) in &server.ids {
        text = text.replace(&format!("<{name}>"), &id.to_string());
    }
    text
}

macro_rules! fixtures {
    ($($test:ident: $file:literal as $who:ident;)*) => {
        $(
            #[tokio::test]
            async fn $test() {
                let server = Server::start().await;
                let client = server.$who().await;
                check(include_str!(concat!("fixtures/", $file)), &server, client).await;
            }
        )*
    };
}

#[tokio::test]
async fn chains_bits_languages_and_classes() {
    let server = Server::start().await;
    let operator = server.operator();
    let mut member = server.ids["ops"];
    for title in ["Inner", "Staff"] {
        let group = Attributes::new()
            .with(attr::DISPLAY_NAME, title)
            .with(attr::MEMBERS, member_of(member));
        member = create(&operator, Kind::Group, group).await;
    }
    let client = server.service().await;
    check(include_str!("fixtures/chains.txt"), &server, client).await;
}

#[tokio::test]
async fn long_searches_give_the_same() {
    let options = Options {
        long_search: 0,
        ..Options::default()
    };
    let server = Server::with(options).await;
    let client = server.service().await;
    check(include_str!("fixtures/tree.txt"), &server, client).await;
}

fixtures! {
    a_service_account_reads_the_tree: "tree.txt" as service;
    filters_are_three_valued: "filters.txt" as service;
    attributes_are_selected: "selection.txt" as service;
    numbers_match_as_phones_ask: "numbers.txt" as service;
    roles_and_permissions_are_groups: "roles.txt" as service;
    a_device_reads_the_phone_book: "device.txt" as device;
    assertions_and_matched_values: "asserted.txt" as service;
    results_are_sorted_as_asked: "sort.txt" as service;
    a_list_view_is_a_part_of_a_sorted_list: "view.txt" as service;
}
