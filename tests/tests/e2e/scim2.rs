//! `scim2 test`, the compliance checks of an independent project.

use std::process::Command;

use jackfield_tests::Home;

#[test]
fn every_check_that_is_not_skipped_passes() {
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
    let failed = results(&["DEVIATION", "ERROR", "CRITICAL"]);
    assert!(failed.is_empty(), "{failed:#?}");
    // A crash of the program, or a server that offers nothing to check, must not count as passed.
    let passed = results(&["SUCCESS", "COMPLIANT", "ACCEPTABLE"]).len();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        passed >= 100,
        "only {passed} checks were made\n{text}\n{stderr}"
    );
}
