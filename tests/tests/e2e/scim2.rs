//! `scim2 test`, the compliance checks of an independent project.

use std::process::Command;

use jackfield_tests::Home;

/// Checks that go wrong by themselves: each writes the whole extension first, then adds an element to
/// a list in it, and takes it that this sets the list. RFC 7644 §3.5.2.1: it is added to what is there.
const WRONG: [&str; 2] = [
    "'urn:ietf:params:scim:schemas:extension:pbx:2.0:User:extensions'",
    "'urn:ietf:params:scim:schemas:extension:pbx:2.0:User:desks'",
];

#[test]
fn every_check_passes_and_none_is_skipped() {
    let home = Home::new().unwrap();
    let access = home.bootstrap().unwrap();
    // It asks for the letter of the standard, and the passwords that it makes up are not what the
    // role system asks for.
    let ignore = [
        "connection",
        "set",
        "--tenant",
        "acme",
        "--connection",
        "bootstrap",
    ];
    let ignored = home.run(
        &[
            &ignore[..],
            &["--kind", "strict", "--take-passwords", "false"],
        ]
        .concat(),
    );
    assert!(ignored.unwrap().status.success());
    let server = home.serve().unwrap();
    let url = server.http("/scim/acme/v2");
    let program = std::env::var_os("JACKFIELD_TEST_SCIM2").unwrap_or_else(|| "scim2".into());
    let output = Command::new(&program)
        .args(["--url", &url, "test", "--verbose"])
        .env(
            "SCIM_CLI_HEADERS",
            format!("Authorization: Bearer {}", access.scim.token),
        )
        .env("NO_COLOR", "1")
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let text = String::from_utf8_lossy(&output.stdout);
    let results = |wanted: &[&str]| -> Vec<String> {
        // A result's reason is on the line after it.
        let lines: Vec<&str> = text.lines().collect();
        let of = |pair: &[&str]| {
            wanted
                .iter()
                .any(|w| pair[0].starts_with(w))
                .then(|| pair.join(" "))
        };
        lines.windows(2).filter_map(of).collect()
    };
    let is_wrong = |result: &String| {
        result.starts_with("ERROR check_add_attribute")
            && result.contains("modify() returned unexpected value")
            && WRONG.iter().any(|path| result.contains(path))
    };
    let failed = results(&["DEVIATION", "ERROR", "CRITICAL", "SKIPPED"]);
    let failed: Vec<_> = failed.iter().filter(|result| !is_wrong(result)).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    // A crash of the program, or a server that offers nothing to check, must not count as passed.
    let passed = results(&["SUCCESS", "COMPLIANT", "ACCEPTABLE"]).len();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        passed >= 100,
        "only {passed} checks were made\n{text}\n{stderr}"
    );
}
