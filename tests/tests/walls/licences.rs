//! What is built in comes from the registry, under a licence that `deny.toml` allows, and in one
//! version, but for those that `deny.toml` names. The file is `cargo deny`'s own, so that both read
//! the same rules; this check needs nothing but cargo.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::Deserialize;

use crate::workspace::{self, Metadata};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Deserialize)]
struct Rules {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    skip: Vec<Skip>,
}

#[derive(Deserialize)]
struct Skip {
    #[serde(rename = "crate")]
    spec: String,
}

impl Rules {
    fn load() -> Self {
        let text = fs::read_to_string(workspace::root().join("deny.toml")).expect("deny.toml");
        toml::from_str(&text).expect("deny.toml has the known form")
    }
}

fn problems(metadata: &Metadata, rules: &Rules) -> Vec<String> {
    let mut problems = Vec::new();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in &metadata.packages {
        let what = format!("{} {}", package.name, package.version);
        if package
            .source
            .as_deref()
            .is_some_and(|source| source != REGISTRY)
        {
            problems.push(format!("{what}: does not come from the registry"));
        }
        match package
            .license
            .as_deref()
            .map(|text| allowed(text, &rules.licenses.allow))
        {
            None => problems.push(format!("{what}: names no licence")),
            Some(false) => problems.push(format!("{what}: {:?} is not allowed", package.license)),
            Some(true) => {}
        }
        versions
            .entry(&package.name)
            .or_default()
            .insert(&package.version);
    }
    let skipped: BTreeSet<&str> = rules
        .bans
        .skip
        .iter()
        .map(|skip| skip.spec.as_str())
        .collect();
    for (name, found) in versions {
        // A skip names the version that is one too many; one version is left over.
        let left: Vec<_> = found
            .iter()
            .filter(|v| !skipped.contains(format!("{name}@{v}").as_str()))
            .collect();
        if left.len() > 1 {
            problems.push(format!("{name}: in several versions: {found:?}"));
        }
    }
    problems
}

/// Whether an SPDX expression can be satisfied with these licences. The old `/` means `OR`.
fn allowed(expression: &str, allow: &[String]) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let result = any(&words, &mut at, allow);
    result && at == words.len()
}

fn any(words: &[&str], at: &mut usize, allow: &[String]) -> bool {
    let mut result = all(words, at, allow);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        result |= all(words, at, allow);
    }
    result
}

fn all(words: &[&str], at: &mut usize, allow: &[String]) -> bool {
    let mut result = one(words, at, allow);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        result &= one(words, at, allow);
    }
    result
}

fn one(words: &[&str], at: &mut usize, allow: &[String]) -> bool {
    let Some(word) = words.get(*at) else {
        return false;
    };
    *at += 1;
    if *word == "(" {
        let result = any(words, at, allow);
        *at += 1;
        return result;
    }
    // "MPL-2.0+" is satisfied by MPL-2.0.
    let mut licence = word.trim_end_matches('+').to_owned();
    if words.get(*at) == Some(&"WITH") {
        licence = format!("{licence} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    allow.contains(&licence)
}

#[test]
fn everything_built_in_is_allowed() {
    let (metadata, rules) = (Metadata::load(), Rules::load());
    crate::assert_none(&problems(&metadata, &rules));
}

#[test]
fn a_skip_is_still_needed() {
    let metadata = Metadata::load();
    let there: BTreeSet<String> = metadata
        .packages
        .iter()
        .map(|p| format!("{}@{}", p.name, p.version))
        .collect();
    let stale: Vec<_> = Rules::load()
        .bans
        .skip
        .into_iter()
        .filter(|s| !there.contains(&s.spec))
        .collect();
    assert!(
        stale.is_empty(),
        "{:?}",
        stale.iter().map(|s| &s.spec).collect::<Vec<_>>()
    );
}

#[test]
fn an_expression_is_read_as_spdx_says() {
    let allow: Vec<String> = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
        .map(str::to_owned)
        .into();
    for (expression, expected) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND Apache-2.0", true),
        ("(MIT AND GPL-3.0) OR Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0 WITH Other-exception", false),
        ("MIT+", true),
        ("GPL-3.0", false),
        ("", false),
    ] {
        assert_eq!(allowed(expression, &allow), expected, "{expression}");
    }
}

#[test]
fn what_is_not_allowed_is_found() {
    use crate::workspace::Package;

    let package = |version: &str, licence: Option<&str>, source: &str| Package {
        name: "thing".to_owned(),
        version: version.to_owned(),
        license: licence.map(str::to_owned),
        source: Some(source.to_owned()),
        ..Package::default()
    };
    let rules = Rules {
        licenses: Licenses {
            allow: vec!["MIT".to_owned()],
        },
        bans: Bans {
            skip: vec![Skip {
                spec: "thing@0.9.0".to_owned(),
            }],
        },
    };
    let check = |packages: Vec<Package>| {
        problems(
            &Metadata {
                packages,
                ..Metadata::default()
            },
            &rules,
        )
    };
    let good = || package("1.0.0", Some("MIT"), REGISTRY);
    crate::assert_none(&check(vec![
        good(),
        package("0.9.0", Some("MIT"), REGISTRY),
    ]));
    crate::assert_one(
        &check(vec![package("1.0.0", Some("GPL-3.0"), REGISTRY)]),
        "not allowed",
    );
    crate::assert_one(
        &check(vec![package("1.0.0", None, REGISTRY)]),
        "names no licence",
    );
    crate::assert_one(
        &check(vec![package("1.0.0", Some("MIT"), "git+x")]),
        "registry",
    );
    crate::assert_one(
        &check(vec![good(), package("2.0.0", Some("MIT"), REGISTRY)]),
        "several",
    );
}
