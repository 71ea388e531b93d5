//! The first minutes of a newcomer.

use std::process::Command;

use jackfield_tests::{Home, Server, wait};

const TOOLS: [&str; 3] = ["curl ", "ldapsearch ", "ldapwhoami "];

/// The three lines that `serve` prints once everything is there, each to be pasted as it is.
fn printed_commands(server: &Server) -> Vec<String> {
    let commands = || -> Vec<String> {
        let starts = |line: &&str| TOOLS.iter().any(|tool| line.starts_with(tool));
        server
            .stdout()
            .lines()
            .filter(starts)
            .map(str::to_owned)
            .collect()
    };
    let all = wait::until(|| Some(commands()).filter(|all| all.len() >= TOOLS.len()));
    all.unwrap_or_else(|| panic!("too few commands are printed:\n{}", server.stdout()))
}

#[test]
fn the_printed_lines_work_as_pasted() {
    let server = Home::new().unwrap().serve().unwrap();
    let commands = printed_commands(&server);
    // (the tool, what its answer holds)
    let expected = TOOLS.into_iter().zip(["\"totalResults\"", "dn: ", "dn:"]);
    assert_eq!(commands.len(), expected.len(), "{commands:#?}");
    for (command, (tool, holds)) in commands.iter().zip(expected) {
        assert!(command.starts_with(tool), "{command}");
        let output = Command::new("bash")
            .args(["-c", command])
            .env("LDAPCONF", "/dev/null")
            .output()
            .unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}\n{stdout}\n{stderr}");
        assert!(stdout.contains(holds), "{command}\n{stdout}\n{stderr}");
    }
}

#[test]
fn a_second_start_keeps_what_the_first_made() {
    let server = Home::new().unwrap().serve().unwrap();
    let commands = printed_commands(&server);
    let (home, status) = server.stop().unwrap();
    assert!(status.success(), "{status}");
    let made = |name: &str| std::fs::read(home.data().join(name)).unwrap();
    let (certificate, key) = (made("certificate.pem"), made("secret.key"));
    let server = home.serve().unwrap();
    assert_eq!(made("certificate.pem"), certificate);
    assert_eq!(made("secret.key"), key);
    // The secrets of the first start still hold: only the ports are others.
    let port = |url: &str| url.rsplit(':').next().unwrap_or("").to_owned();
    let whoami = commands
        .iter()
        .find(|line| line.contains("ldapwhoami"))
        .unwrap();
    let url = whoami
        .split_whitespace()
        .find(|word| word.contains("ldap://"))
        .unwrap();
    let old = port(url.trim_matches(['"', '\'', '/']));
    let command = whoami.replace(&old, &port(&server.ldap_url()));
    let output = Command::new("bash")
        .args(["-c", &command])
        .env("LDAPCONF", "/dev/null")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{command}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn what_the_first_start_makes_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let server = Home::new().unwrap().serve().unwrap();
    let data = server.home().data();
    let mut secret = 0;
    for entry in std::fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|ending| ending == "key" || ending == "db")
        {
            let mode = path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
            secret += 1;
        }
    }
    assert!(
        secret >= 3,
        "the keys of the audit log, of the secrets and of the certificate"
    );
}
