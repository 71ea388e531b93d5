//! What each identity provider says, held with the real binary: `tests/fixtures/scim`.
//!
//! With `JACKFIELD_TEST_RECORD` set, the answers are written into the files instead of compared.

use jackfield_tests::Server;
use jackfield_tests::home::shipped;
use jackfield_tests::probe::probe;

/// Holds all conversations of a provider with a tenant in which nobody is.
fn hold(provider: &str, kind: &str) {
    let (server, access) = Server::with_connection(kind).unwrap();
    let fixtures = shipped("tests/fixtures/scim");
    let fixtures = fixtures.display().to_string();
    let mode = match std::env::var_os("JACKFIELD_TEST_RECORD") {
        Some(_) => "--record",
        None => "--exact",
    };
    let arguments = ["--from", &fixtures, mode];
    let report = probe(server.home(), &access, provider, &arguments).unwrap();
    assert!(report.unmet().is_empty(), "{}", report.unmet().join("\n"));
}

#[test]
fn okta_hears_what_it_expects() {
    hold("okta", "okta");
}
