//! Client libraries of other languages, each with a script of its own in `tests/clients`.
//!
//! `JACKFIELD_TEST_PYTHON` is a Python with the packages of `tests/requirements.txt`,
//! `JACKFIELD_TEST_NODE` the folder with the modules of `tests/clients/package.json`.

use std::path::Path;
use std::process::Command;

use jackfield_tests::home::shipped;
use jackfield_tests::{Access, Home, Server};
use serde_json::{Value, json};

/// A server with the people that vendors' dialogues know, and what a script needs to know of it.
fn prepared() -> (Server, Value) {
    let home = Home::new().unwrap();
    home.without_sample().unwrap();
    let access: Access = home.bootstrap().unwrap();
    let people = shipped("tests/fixtures/ldap/people.ldif");
    let people = people.to_str().unwrap();
    let imported = home.run(&["import", "--tenant", "acme", people]).unwrap();
    assert!(imported.status.success());
    let account = [
        "service-account",
        "create",
        "--name",
        "ad",
        "--views",
        "active_directory",
    ];
    let account = [&account[..], &["--tenant", "acme", "--json"]].concat();
    let account: Value = home.run_json(&account).unwrap();
    let server = home.serve().unwrap();
    let about = json!({
        "url": server.ldap_url(),
        "base": access.ldap.base,
        "name": access.ldap.bind_dn,
        "password": access.ldap.password,
        "person": {"name": access.owner.user_name, "password": access.owner.password},
        "directory": {"name": account["bind_dn"], "password": account["password"]},
    });
    (server, about)
}

/// Runs a script, which checks everything itself.
fn run(mut program: Command, script: &Path) {
    let (_server, about) = prepared();
    let output = program.arg(script).arg(about.to_string()).output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn python(script: &str) {
    let program = std::env::var("JACKFIELD_TEST_PYTHON").expect("tests/run gives it");
    run(
        Command::new(program),
        &shipped("tests/clients").join(script),
    );
}

/// Modules are looked for from the script's folder on, so it runs where they are.
fn node(script: &str) {
    let modules = std::env::var("JACKFIELD_TEST_NODE").expect("tests/run gives it");
    let copy = Path::new(&modules).join(script);
    std::fs::copy(shipped("tests/clients").join(script), &copy).unwrap();
    run(Command::new("node"), &copy);
}

#[test]
fn ldap3_of_python() {
    python("with_ldap3.py");
}

#[test]
fn bonsai_of_python() {
    python("with_bonsai.py");
}

#[test]
fn ldapts_of_node() {
    node("with_ldapts.mjs");
}

#[test]
fn ldapjs_of_node() {
    node("with_ldapjs.mjs");
}
