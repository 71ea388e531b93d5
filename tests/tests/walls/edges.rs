//! Which crate may use which.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{Metadata, Package};

/// The workspace's own crates, and those that each may name in its `Cargo.toml`: the arrows of the
/// architecture, and what lies behind an arrow as far as no wall forbids it. `scim`, `ldap`, `api`
/// and `console` reach neither each other nor a store.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("access", &["model"]),
    ("directory", &["access", "model"]),
    ("store", &["model"]),
    ("store-sqlite", &["store", "model"]),
    ("store-postgres", &["store", "model"]),
    ("gateway", &["directory", "store", "access", "model"]),
    ("net", &[]),
    ("scim", &["gateway", "model"]),
    ("ldap", &["gateway", "net", "model"]),
    ("api", &["gateway", "model"]),
    ("console", &["gateway", "model"]),
    ("config", &["access", "model"]),
    (
        "jackfield",
        &[
            "scim",
            "ldap",
            "api",
            "console",
            "gateway",
            "net",
            "config",
            "store-sqlite",
            "store-postgres",
            "store",
            "access",
            "model",
        ],
    ),
    // The end-to-end tests meet the product as its clients do, and as nobody else.
    ("tests", &[]),
];

/// The feature behind which a crate keeps what the tests of others need: test code enables it, and
/// nothing else may.
const TESTING: &str = "testing";

/// A test may also use a backend to run against, and no more. What is optional counts as a test's.
const MAY_USE_IN_TESTS: &[(&str, &[&str])] = &[
    ("gateway", &["store-sqlite", "config"]),
    (
        "scim",
        &["store-sqlite", "config", "access", "store", "directory"],
    ),
    (
        "ldap",
        &["store-sqlite", "config", "access", "store", "directory"],
    ),
    ("api", &["store-sqlite", "config", "access", "store"]),
    ("console", &["store-sqlite", "config", "access", "store"]),
];

/// Crates that compute: nothing that does I/O, waits, or knows a wire format may be built into them,
/// however far down.
const PURE: &[&str] = &["model", "access", "directory"];
const NEVER_IN_PURE: &[&str] = &[
    "async-trait",
    "axum",
    "hyper",
    "ldap3",
    "ldap3_proto",
    "mio",
    "reqwest",
    "rustls",
    "scim_proto",
    "socket2",
    "sqlx",
    "tokio",
    "tokio-util",
    "tower",
    "tower-http",
];

/// External crates that only the named ones may list as a dependency.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("ldap3_proto", &["ldap"]),
    ("axum", &["scim", "api", "console", "jackfield"]),
    ("sqlx", &["store-sqlite", "store-postgres"]),
    ("tokio-rustls", &["net"]),
    ("clap", &["jackfield", "tests"]),
    ("anyhow", &["jackfield", "tests"]),
];

/// Everything about the crates' dependencies that breaks a wall.
pub fn problems(metadata: &Metadata) -> Vec<String> {
    let mut problems = Vec::new();
    for package in metadata.members() {
        let name = short(&package.name);
        let Some(allowed) = row(MAY_USE, name) else {
            problems.push(format!("`{name}` is no crate of the architecture"));
            continue;
        };
        for dependency in &package.dependencies {
            let dev = dependency.kind.as_deref() == Some("dev");
            if !dev && dependency.features.iter().any(|feature| feature == TESTING) {
                problems.push(format!(
                    "`{name}` must not enable `{TESTING}` but in its tests"
                ));
            }
            let dev = dev || dependency.optional;
            let in_tests = if dev {
                row(MAY_USE_IN_TESTS, name).unwrap_or(&[])
            } else {
                &[]
            };
            if let Some(used) = own(metadata, &dependency.name)
                && used != name
                && !allowed.contains(&used)
                && !in_tests.contains(&used)
            {
                problems.push(format!("`{name}` must not depend on `{used}`"));
            }
            if let Some(only) = row(ONLY_IN, &dependency.name)
                && !dev
                && !only.contains(&name)
            {
                problems.push(format!("`{name}` must not depend on `{}`", dependency.name));
            }
        }
        if PURE.contains(&name) {
            let built_in = closure(metadata, package);
            problems.extend(
                NEVER_IN_PURE
                    .iter()
                    .filter(|never| built_in.contains(**never))
                    .map(|never| format!("`{name}` is pure, but `{never}` is built into it")),
            );
        }
    }
    problems
}

/// The name of a crate of ours without the prefix it is published under.
fn short(name: &str) -> &str {
    name.strip_prefix("jackfield-").unwrap_or(name)
}

fn own<'m>(metadata: &'m Metadata, name: &str) -> Option<&'m str> {
    metadata
        .members()
        .find(|package| package.name == name)
        .map(|package| short(&package.name))
}

fn row<'t>(table: &'t [(&str, &'t [&'t str])], name: &str) -> Option<&'t [&'t str]> {
    table
        .iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| *value)
}

/// The names of all that a package is built with, tests and build scripts apart.
fn closure<'m>(metadata: &'m Metadata, package: &Package) -> BTreeSet<&'m str> {
    let names = metadata.by_id();
    let nodes: BTreeMap<&str, _> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let mut seen = BTreeSet::new();
    let mut next = vec![package.id.as_str()];
    while let Some(id) = next.pop() {
        for dep in nodes.get(id).into_iter().flat_map(|node| &node.deps) {
            let normal = dep.dep_kinds.iter().any(|kind| kind.kind.is_none());
            if normal && seen.insert(dep.pkg.as_str()) {
                next.push(&dep.pkg);
            }
        }
    }
    seen.into_iter()
        .filter_map(|id| names.get(id))
        .map(|found| found.name.as_str())
        .collect()
}

#[test]
fn the_workspace_keeps_to_the_arrows() {
    let metadata = Metadata::of_one_platform();
    crate::assert_none(&problems(&metadata));
    let mut members: Vec<_> = metadata
        .members()
        .map(|package| short(&package.name))
        .collect();
    let mut expected: Vec<_> = MAY_USE.iter().map(|(name, _)| *name).collect();
    members.sort_unstable();
    expected.sort_unstable();
    assert_eq!(members, expected, "every crate of the architecture exists");
}

#[test]
fn a_broken_wall_is_found() {
    // (crate, its dependency, of which kind, what is said about it)
    let broken = [
        (
            "jackfield-scim",
            "jackfield-ldap",
            None,
            "`scim` must not depend on `ldap`",
        ),
        (
            "jackfield-ldap",
            "jackfield-store",
            None,
            "`ldap` must not depend on `store`",
        ),
        (
            "jackfield-scim",
            "jackfield-ldap",
            Some("dev"),
            "`scim` must not depend on `ldap`",
        ),
        (
            "jackfield-model",
            "jackfield-access",
            Some("build"),
            "`model` must not depend on `access`",
        ),
        (
            "jackfield-net",
            "jackfield-model",
            None,
            "`net` must not depend on `model`",
        ),
        (
            "jackfield-gateway",
            "sqlx",
            None,
            "`gateway` must not depend on `sqlx`",
        ),
        (
            "jackfield-gateway",
            "ldap3_proto",
            None,
            "`gateway` must not depend on `ldap3_proto`",
        ),
        (
            "jackfield-ldap",
            "axum",
            None,
            "`ldap` must not depend on `axum`",
        ),
        (
            "jackfield-directory",
            "tokio",
            None,
            "`directory` is pure, but `tokio` is built into it",
        ),
        (
            "jackfield-helpers",
            "tokio",
            None,
            "`helpers` is no crate of the architecture",
        ),
    ];
    for (from, to, kind, said) in broken {
        crate::assert_one(&problems(&fabricated(&[(from, to, kind)])), said);
    }
}

#[test]
fn an_arrow_of_the_architecture_is_no_problem() {
    for (from, to, kind) in [
        ("jackfield", "jackfield-scim", None),
        ("jackfield-ldap", "jackfield-net", None),
        ("jackfield-scim", "jackfield-store-sqlite", Some("dev")),
        ("jackfield-directory", "tokio", Some("dev")),
        ("jackfield-ldap", "ldap3_proto", None),
        ("jackfield-gateway", "tokio", None),
    ] {
        crate::assert_none(&problems(&fabricated(&[(from, to, kind)])));
    }
}

#[test]
fn what_is_for_tests_stays_there() {
    let mut metadata = fabricated(&[("jackfield", "jackfield-gateway", None)]);
    for package in &mut metadata.packages {
        for dependency in &mut package.dependencies {
            dependency.features.push(TESTING.to_owned());
        }
    }
    crate::assert_one(
        &problems(&metadata),
        "`jackfield` must not enable `testing`",
    );
}

#[test]
fn what_lies_further_down_counts_as_built_in() {
    let metadata = fabricated(&[
        ("jackfield-model", "innocent", None),
        ("innocent", "tokio", None),
    ]);
    crate::assert_one(
        &problems(&metadata),
        "`model` is pure, but `tokio` is built into it",
    );
}

/// Metadata with these edges; the packages with our prefix are the workspace's.
#[cfg(test)]
fn fabricated(edges: &[(&str, &str, Option<&str>)]) -> Metadata {
    use crate::workspace::{DepKind, Dependency, Node, NodeDep, Resolve};

    let names: BTreeSet<&str> = edges
        .iter()
        .flat_map(|(from, to, _)| [*from, *to])
        .collect();
    let of = |name: &str| {
        edges
            .iter()
            .filter(move |edge| edge.0 == name)
            .collect::<Vec<_>>()
    };
    Metadata {
        workspace_members: names
            .iter()
            .filter(|name| name.starts_with("jackfield"))
            .map(|name| (*name).to_owned())
            .collect(),
        packages: names
            .iter()
            .map(|name| Package {
                id: (*name).to_owned(),
                name: (*name).to_owned(),
                dependencies: of(name)
                    .iter()
                    .map(|(_, to, kind)| Dependency {
                        name: (*to).to_owned(),
                        kind: kind.map(str::to_owned),
                        ..Dependency::default()
                    })
                    .collect(),
                ..Package::default()
            })
            .collect(),
        resolve: Resolve {
            nodes: names
                .iter()
                .map(|name| Node {
                    id: (*name).to_owned(),
                    deps: of(name)
                        .iter()
                        .map(|(_, to, kind)| NodeDep {
                            pkg: (*to).to_owned(),
                            dep_kinds: vec![DepKind {
                                kind: kind.map(str::to_owned),
                            }],
                        })
                        .collect(),
                })
                .collect(),
        },
    }
}
