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

#[test]
fn entra_hears_what_it_expects() {
    hold("entra", "entra");
}

#[test]
fn google_hears_what_it_expects() {
    hold("google", "google");
}

#[test]
fn onelogin_hears_what_it_expects() {
    hold("onelogin", "onelogin");
}

#[test]
fn jumpcloud_hears_what_it_expects() {
    hold("jumpcloud", "jumpcloud");
}

#[test]
fn ping_hears_what_it_expects() {
    hold("ping", "ping");
}

#[test]
fn keycloak_hears_what_it_expects() {
    hold("keycloak", "keycloak");
}

#[test]
fn authentik_hears_what_it_expects() {
    hold("authentik", "authentik");
}

#[test]
fn rauthy_hears_what_it_expects() {
    hold("rauthy", "generic");
}
