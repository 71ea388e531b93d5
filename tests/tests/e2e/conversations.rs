//! What each identity provider says, held with the real binary: `tests/fixtures/scim`.
//!
//! With `JACKFIELD_TEST_RECORD` set, the answers are written into the files instead of compared.

use jackfield_tests::home::{ScimAccess, shipped};
use jackfield_tests::probe::probe;
use jackfield_tests::{Server, wait};
use serde_json::Value;

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

#[test]
fn a_probe_needs_no_files_and_leaves_nothing_behind() {
    let (server, access) = Server::with_connection("entra").unwrap();
    let report = probe(server.home(), &access, "entra", &[]).unwrap();
    assert!(report.is_success && report.failed == 0 && report.passed > 50);
    assert!(report.unmet().is_empty(), "{}", report.unmet().join("\n"));
    // What a conversation reads at its beginning is nobody: the one before left nobody.
    let again = probe(server.home(), &access, "entra", &["--exact"]).unwrap();
    assert!(again.unmet().is_empty(), "{}", again.unmet().join("\n"));
}

#[test]
fn a_probe_of_a_server_that_refuses_fails_and_says_at_which_step() {
    let (server, access) = Server::with_connection("okta").unwrap();
    let connection = ["--tenant", "acme", "--connection", "okta", "--json"];
    let reading = [&["token", "create", "--scope", "read"], &connection[..]].concat();
    let made: Value = server.home().run_json(&reading).unwrap();
    let reading = ScimAccess {
        token: made["token"].as_str().unwrap().to_owned(),
        ..access
    };
    // A server hears of new tokens within a quarter of a second.
    let report = wait::until(|| probe(server.home(), &reading, "okta", &[]).ok()).unwrap();
    assert!(!report.is_success);
    let spec = report
        .conversations
        .iter()
        .find(|held| held.file == "spec-test.http");
    let steps = &spec.unwrap().steps;
    assert_eq!(steps[0].status, Some(403));
    assert_eq!(steps[0].problems, ["status: 201 was expected, 403 came"]);
    // The token of its own that one step brings is refused as it should be.
    assert!(steps.iter().any(|step| step.result == "passed"));
}
