//! The walls between the crates, the licences of what is built in, and the state of the sources.
//!
//! Each check takes what it looks at as data, so that its own tests can show it a broken wall; the
//! tests named `the_workspace_…` apply it to this workspace.
//!
//! | module | checks |
//! | --- | --- |
//! | `edges` | which crate may use which: the workspace's own, and what must not reach a pure crate |
//! | `names` | which names may stand in which crate's sources |
//! | `hygiene` | length of files, names of modules, paths of one machine |
//! | `rules` | that every rule of the role systems and of LDAP names a test that is there |
//! | `licences` | licences, doubled versions and origins, as `deny.toml` allows them |

mod edges;
mod hygiene;
mod licences;
mod names;
mod rules;
mod rust;
mod workspace;

/// Fails with every problem on its own line.
fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// Fails unless exactly one problem was found and it speaks of `about`.
fn assert_one(problems: &[String], about: &str) {
    assert_eq!(
        problems.len(),
        1,
        "expected one problem, about {about}: {problems:#?}"
    );
    assert!(
        problems[0].contains(about),
        "expected {about} in: {}",
        problems[0]
    );
}
