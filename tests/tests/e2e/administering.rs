//! The command line changes what it was told to, all of it or nothing.

use std::process::Stdio;

use jackfield_tests::home::ScimAccess;
use jackfield_tests::probe::probe;
use jackfield_tests::{Home, Server};
use serde_json::{Value, json};

fn words(line: &str) -> Vec<&str> {
    line.split(' ').chain(["--tenant", "acme"]).collect()
}

fn succeed(home: &Home, line: &str) -> Value {
    let arguments = [&words(line)[..], &["--json"]].concat();
    home.run_json(&arguments).unwrap()
}

#[test]
fn a_command_that_fails_has_changed_nothing() {
    let home = Home::new().unwrap();
    succeed(&home, "connection set --connection okta --kind okta");
    succeed(&home, "service-account create --name pbx");
    let lists = ["connection list", "device list", "service-account list"];
    let all = || lists.map(|list| succeed(&home, list));
    let before = all();
    for (line, named) in [
        (
            "token create --connection okta --kind entra --take-passwords --ceiling zz",
            "zz",
        ),
        ("token create --connection new --ceiling zz", "zz"),
        (
            "token create --connection new --expires 2020-01-01",
            "future",
        ),
        (
            "client secret --connection new --expires 2020-01-01",
            "future",
        ),
        ("client trust --connection new --jwks /nowhere", "/nowhere"),
        (
            "client trust --connection new --jwks config/jackfield.toml",
            "keys",
        ),
        (
            "device create --name phone --certificate /nowhere",
            "/nowhere",
        ),
        ("device create --name phone --expires 2020-01-01", "future"),
        ("device create --name PBX", "service"),
        (
            "service-account create --name pbx --scope people --expires 2020-01-01",
            "future",
        ),
        (
            "api-token create --account new --scope check --expires 2020-01-01",
            "future",
        ),
        ("device create --name phone --views none,posix", "none"),
        ("phone-config mitel --device a:b --host x.example", "colon"),
        ("phone-config snom --device new", "--host"),
        ("phone-config snom --device new --tls starttls", "snom"),
    ] {
        let output = home.run(&words(line)).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{line}: {stderr}");
        assert!(stderr.contains(named), "{line}: {stderr}");
        assert_eq!(all(), before, "{line}");
    }
}

#[test]
fn another_password_widens_no_account() {
    let home = Home::new().unwrap();
    for (line, scopes) in [
        ("service-account create --name new", json!(["all"])),
        (
            "service-account create --name pbx --scope people",
            json!(["people"]),
        ),
        ("service-account create --name pbx", json!(["people"])),
        (
            "service-account create --name pbx --scope groups",
            json!(["groups"]),
        ),
        ("device create --name phone", json!([])),
    ] {
        assert_eq!(succeed(&home, line)["scopes"], scopes, "{line}");
    }
}

#[test]
fn whoever_reads_may_stop_at_any_moment() {
    let home = Home::new().unwrap();
    for arguments in [
        &["config", "schema"][..],
        &["check"],
        &["connection", "list", "--tenant", "acme"],
        &["export", "--tenant", "acme"],
        &["export", "--tenant", "acme", "--format", "csv"],
    ] {
        let mut command = home.command(arguments);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {stderr}");
        assert_eq!(stderr, "", "{arguments:?}");
    }
}

#[test]
fn what_goes_wrong_is_named_once() {
    let home = Home::new().unwrap();
    let tls = "tls://localhost:1";
    for (line, told) in [
        (
            "explain --as anonymous (cn=*)",
            "anonymous reads nothing here: `anonymous_phone_book` is off",
        ),
        (
            "explain --base ou=zz,dc=acme,dc=example (cn=*)",
            "there is no entry \"ou=zz,dc=acme,dc=example\" to search below",
        ),
        (
            "explain --entry foo (cn=*)",
            "not a DN: no `=` at position 3",
        ),
        (
            "explain (cn=*",
            "the filter cannot be read: a closing parenthesis is missing, at the end",
        ),
        (
            &format!("audit export --to {tls} --ca nowhere"),
            "cannot read nowhere: No such file or directory (os error 2)",
        ),
    ] {
        let output = home.run(&words(line)).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(stderr.trim_end(), format!("jackfield: {told}"), "{line}");
    }
}

#[test]
fn a_server_that_is_not_there_is_told_of_once() {
    let home = Home::new().unwrap();
    let nowhere = {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/scim/v2", taken.local_addr().unwrap())
    };
    for (url, code, told) in [
        ("nonsense", 2, "invalid value"),
        (&nowhere, 1, "cannot reach"),
    ] {
        let output = home.run(&["scim", "probe", url, "--as", "okta"]).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{url}: {stderr}");
        assert!(
            stderr.contains(told) && output.stdout.is_empty(),
            "{url}: {stderr}"
        );
    }
}

#[test]
fn a_token_that_is_not_taken_is_told_of_once() {
    let (server, access) = Server::with_connection("okta").unwrap();
    let wrong = ScimAccess {
        token: "not-a-token".to_owned(),
        ..access
    };
    let told = probe(server.home(), &wrong, "okta", &[]).err();
    let told = format!("{:#}", told.expect("nothing is asked"));
    assert!(told.contains("does not take the token"), "{told}");
}

#[test]
fn schemas_are_written_where_no_folder_is_yet() {
    let home = Home::new().unwrap();
    let folder = home.folder().join("new/schemas");
    let output = home.run(&["config", "schema", "--write", folder.to_str().unwrap()]);
    assert!(output.unwrap().status.success());
    assert!(folder.join("tenant.json").is_file());
}
