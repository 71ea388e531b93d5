//! The tables of the role systems' sentences and of LDAP's rules: each test that they name is there.

use crate::workspace::{self, File};

const TABLES: [&str; 2] = [
    include_str!("../../../docs/role-rules.md"),
    include_str!("../../../docs/LDAP.md"),
];

/// Tests that the table names as `file::test`, and that no file of that name has.
fn missing(table: &str, files: &[File]) -> Vec<String> {
    let named = table.split('`').skip(1).step_by(2);
    let tests = named.filter_map(|name| name.split_once("::"));
    tests
        .filter(|(file, test)| *file != "file" && !is_there(files, file, test))
        .map(|(file, test)| format!("no test is `{file}::{test}`"))
        .collect()
}

fn is_there(files: &[File], file: &str, test: &str) -> bool {
    let ending = format!("/{file}.rs");
    let heads = [
        format!("fn {test}("),
        format!("fn {test}<"),
        // One of a list, from which a macro makes them.
        format!("    {test}: \""),
    ];
    files
        .iter()
        .filter(|File { path, .. }| path.ends_with(&ending))
        .any(|File { text, .. }| heads.iter().any(|head| text.contains(head.as_str())))
}

/// Rows without a test.
fn unseen(table: &str) -> Vec<String> {
    let rows = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| id"));
    rows.filter(|row| !row.starts_with("| ---") && !row.contains("::"))
        .map(|row| format!("no test sees {row}"))
        .collect()
}

#[test]
fn the_workspace_has_every_test_that_the_tables_of_rules_name() {
    let files = workspace::files(&["crates", "tests/tests"], &[".rs"]);
    for table in TABLES {
        let mut problems = missing(table, &files);
        problems.extend(unseen(table));
        crate::assert_none(&problems);
    }
}

#[test]
fn a_test_that_is_not_there_and_a_rule_without_one_are_found() {
    let files = [File {
        path: "crates/access/tests/opbx.rs".into(),
        text: "#[test]\nfn it_holds() {}\nfixtures! {\n    it_is_so: \"so.txt\";\n}".into(),
    }];
    let table = "| id | x |\n| --- | --- |\n| A | `opbx::it_holds` `opbx::it_is_so` |\n";
    crate::assert_none(&missing(table, &files));
    crate::assert_none(&unseen(table));
    crate::assert_one(&missing("| A | `opbx::it_fails` |", &files), "it_fails");
    crate::assert_one(&missing("| A | `tenant::it_holds` |", &files), "tenant");
    crate::assert_one(&unseen("| B | nothing |"), "B");
}
