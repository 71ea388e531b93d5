//! Each rule in the table of `docs/SCIM.md` names tests that exist.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The rows: a letter for the part of the protocol, and how many there are of it.
const ROWS: [(char, usize); 8] = [
    ('T', 13),
    ('R', 23),
    ('C', 12),
    ('Q', 17),
    ('P', 12),
    ('B', 5),
    ('E', 2),
    ('D', 5),
];

/// The tests that each row of the table names: `module::test` between back quotes.
fn table() -> BTreeMap<String, Vec<String>> {
    let text = include_str!("../../../docs/SCIM.md");
    let mut table = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, row, _, tests, _] = cells[..] else {
            continue;
        };
        if row.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) {
            let names = tests.split('`').skip(1).step_by(2).map(str::to_owned);
            let before = table.insert(row.to_owned(), names.collect());
            assert_eq!(before, None, "{row} stands twice");
        }
    }
    table
}

/// Every function of the workspace's tests, with the file it stands in.
fn tests() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for folder in ["crates", "tests/tests"] {
        collect(&root.join(folder), &mut found);
    }
    found
}

fn collect(folder: &Path, found: &mut BTreeSet<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
                    let name = rest.split(['(', '<']).next().unwrap();
                    let stem = path.file_stem().unwrap().to_str().unwrap();
                    let parent = path.parent().and_then(Path::file_name).unwrap();
                    let module = match stem {
                        "tests" => parent.to_str().unwrap(),
                        stem => stem,
                    };
                    found.insert((module.to_owned(), name.to_owned()));
                    is_test = false;
                }
                is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            }
        }
    }
}

#[test]
fn every_rule_names_tests_that_exist() {
    let (table, tests) = (table(), tests());
    let expected: BTreeSet<String> = ROWS
        .into_iter()
        .flat_map(|(letter, count)| (1..=count).map(move |number| format!("{letter}{number}")))
        .collect();
    let rows: BTreeSet<String> = table.keys().cloned().collect();
    assert_eq!(rows, expected);
    for (row, names) in &table {
        assert!(!names.is_empty(), "{row} names no test");
        for name in names {
            let (module, test) = name.rsplit_once("::").unwrap();
            let module = module.rsplit("::").next().unwrap();
            let is_there = tests.contains(&(module.to_owned(), test.to_owned()));
            assert!(is_there, "{row}: there is no test {name}");
        }
    }
}
