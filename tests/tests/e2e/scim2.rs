//! `scim2 test`, the compliance checks of an independent project.

use std::process::Command;

use jackfield_tests::home::shipped;
use jackfield_tests::{Access, Home, Server};

/// How many checks there are. Fewer would be a crash, or a server that offers nothing to check.
const CHECKS: usize = 155;

/// The lists to which an element is added that have one by then.
const LISTS: [&str; 2] = [
    "'urn:ietf:params:scim:schemas:extension:pbx:2.0:User:extensions'",
    "'urn:ietf:params:scim:schemas:extension:pbx:2.0:User:desks'",
];

#[test]
fn every_check_passes_and_none_is_skipped() {
    let python = std::env::var("JACKFIELD_TEST_PYTHON").expect("tests/run gives it");
    let mut program = Command::new(python);
    program.arg(shipped("tests/clients/with_scim2.py"));
    let (failed, passed) = run(program);
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(passed, CHECKS);
}

/// The command as it is writes the whole extension first, then adds an element to each list in it, and takes
/// it that the list then has that element alone. RFC 7644 §3.5.2.1: it is added to what is there.
#[test]
fn the_checks_that_add_to_a_list_again_find_what_was_there_and_what_was_added() {
    let program = std::env::var_os("JACKFIELD_TEST_SCIM2").unwrap_or_else(|| "scim2".into());
    let (failed, passed) = run(Command::new(program));
    assert_eq!(passed, CHECKS - LISTS.len());
    assert_eq!(failed.len(), LISTS.len(), "{failed:#?}");
    for (result, list) in failed.iter().zip(LISTS) {
        assert!(result.starts_with("ERROR check_add_attribute"), "{result}");
        assert!(result.contains(list), "{result}");
        let part = |name: &str| {
            let line = result.lines().find_map(|line| line.strip_prefix(name));
            let line = line.unwrap_or_else(|| panic!("no {name} in {result}"));
            line.trim_matches(['[', ']']).to_owned()
        };
        let (added, returned) = (part("Patched value: "), part("Returned value: "));
        // A new primary element comes first.
        let earlier = returned.replacen(&added, "", 1);
        assert_ne!(earlier, returned, "{added} is not there");
        assert_eq!(earlier.matches("value='").count(), 1, "{returned}");
    }
}

/// Runs the checks: those that failed or were skipped, with their reasons, and how many passed.
fn run(mut program: Command) -> (Vec<String>, usize) {
    let (server, access) = strict();
    let output = program
        .args(["--url", &server.http("/scim/acme/v2"), "test", "--verbose"])
        .env(
            "SCIM_CLI_HEADERS",
            format!("Authorization: Bearer {}", access.scim.token),
        )
        .env("NO_COLOR", "1")
        .output()
        .unwrap_or_else(|error| panic!("{program:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout);
    let (mut failed, mut passed) = (Vec::<String>::new(), 0);
    let mut is_failure = false;
    for line in text.lines() {
        let is_one_of = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
        if is_one_of(&["SUCCESS ", "COMPLIANT ", "ACCEPTABLE "]) {
            passed += 1;
            is_failure = false;
        } else if is_one_of(&["DEVIATION ", "ERROR ", "CRITICAL ", "SKIPPED "]) {
            failed.push(line.to_owned());
            is_failure = true;
        } else if let Some(result) = failed.last_mut().filter(|_| is_failure) {
            result.push('\n');
            result.push_str(line.trim_start());
        }
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(passed > 0, "no checks were made\n{text}\n{stderr}");
    (failed, passed)
}

/// A server with a connection that is held to the letter of the standard. The passwords that the
/// checks make up are not what the role system asks for, so they are not taken.
fn strict() -> (Server, Access) {
    let home = Home::new().unwrap();
    // The tester does not come again when it is told to, and comes as fast as it can.
    home.edit_config(|config| {
        let limits = ["requests_per_second", "tenant_requests_per_second"];
        let limits = limits.map(|name| (name.to_owned(), 0.into()));
        config.insert("limits".to_owned(), toml::Table::from_iter(limits).into());
    })
    .unwrap();
    let access = home.bootstrap().unwrap();
    let whose = ["--tenant", "acme", "--connection", "bootstrap"];
    let how = ["--kind", "strict", "--take-passwords", "false"];
    let set = [&["connection", "set"], &whose[..], &how].concat();
    assert!(home.run(&set).unwrap().status.success());
    (home.serve().unwrap(), access)
}
