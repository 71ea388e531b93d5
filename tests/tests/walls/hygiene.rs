//! The state of the sources and documents.

use crate::workspace::{self, File};

const MOST_LINES: usize = 700;
/// Names that say nothing: what is in such a file belongs to what it serves.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "helpers", "helper", "common", "misc", "manager",
];
/// Beginnings of paths that exist on one machine only.
const MACHINE_PATHS: &[&str] = &["/root/", "/tmp/", "/home/"];

/// Sources that are too long, or whose name says nothing.
fn source_problems(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for File { path, text } in files {
        let lines = text.lines().count();
        if lines > MOST_LINES {
            problems.push(format!("{path}: {lines} lines are more than {MOST_LINES}"));
        }
        if path.ends_with("/mod.rs") {
            problems.push(format!(
                "{path}: a module's file is named after it, beside its folder"
            ));
        }
        let parts = path.trim_end_matches(".rs").split(['/', '-', '_']);
        problems.extend(
            parts
                .filter(|part| EMPTY_NAMES.contains(part))
                .map(|part| format!("{path}: `{part}` says nothing of what is in it")),
        );
    }
    problems
}

/// Lines that name a path of somebody's machine.
fn path_problems(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for File { path, text } in files {
        for (index, line) in text.lines().enumerate() {
            for machine in MACHINE_PATHS
                .iter()
                .filter(|machine| names_path(line, machine))
            {
                problems.push(format!(
                    "{path}:{}: `{machine}` is a machine's path",
                    index + 1
                ));
            }
        }
    }
    problems
}

/// Whether a path that begins so stands in `line`; `https://host/home/` is none, nor is a beginning
/// to which nothing is said, nor what LDAP shows as the home of an account.
fn names_path(line: &str, start: &str) -> bool {
    let is_one = |at: usize| {
        let before = line[..at].chars().next_back();
        let after = line[at + start.len()..].chars().next();
        before.is_none_or(|c| c.is_whitespace() || "`\"'(=[<".contains(c))
            && after.is_some_and(char::is_alphanumeric)
    };
    !line.contains("homeDirectory") && line.match_indices(start).any(|(at, _)| is_one(at))
}

#[test]
fn the_sources_are_short_and_named_for_what_they_hold() {
    crate::assert_none(&source_problems(&workspace::files(
        &["crates", "tests"],
        &[".rs"],
    )));
}

#[test]
fn no_document_names_a_path_of_one_machine() {
    let texts = [".md", ".toml", ".rs", ".service", ".yml", ".yaml", ".sql"];
    let places = [
        "crates",
        "config",
        "docs",
        "deploy",
        "migrations",
        "README.md",
        "Cargo.toml",
    ];
    crate::assert_none(&path_problems(&workspace::files(&places, &texts)));
}

#[test]
fn what_is_untidy_is_found() {
    let long = "x\n".repeat(MOST_LINES + 1);
    for (path, text, about) in [
        ("crates/a/src/long.rs", long.as_str(), "701 lines"),
        ("crates/a/src/b/mod.rs", "", "named after it"),
        ("crates/a/src/utils.rs", "", "`utils`"),
        ("crates/a/src/task_manager.rs", "", "`manager`"),
        ("crates/common/src/lib.rs", "", "`common`"),
    ] {
        crate::assert_one(&source_problems(&[File::new(path, text)]), about);
    }
    for text in ["see /tmp/shared", "a\n`/root/x`", "path = \"/home/me\""] {
        crate::assert_one(
            &path_problems(&[File::new("docs/a.md", text)]),
            "is a machine's path",
        );
    }
    crate::assert_none(&path_problems(&[File::new(
        "docs/a.md",
        "https://example.com/home/x",
    )]));
}
