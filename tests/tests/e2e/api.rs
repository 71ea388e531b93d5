//! The HTTP API, asked by curl.

use std::fs;
use std::process::Command;

use jackfield_tests::home::{binary, shipped};
use jackfield_tests::{Home, Server, wait};

/// The blocks of the guide that are for a shell.
fn blocks() -> Vec<String> {
    let guide = fs::read_to_string(shipped("docs/guides/api.md")).unwrap();
    let blocks = guide.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_session_of_the_guide_goes_as_it_says() {
    let home = Home::new().unwrap();
    home.bootstrap().unwrap();
    let server = home.serve().unwrap();
    let blocks = blocks();
    assert!(blocks.len() > 5);
    let url = server.http("/api/v1/acme");
    let mut script = format!(
        "set -euo pipefail\njackfield() {{ {} --config {} --data {} \"$@\"; }}\n",
        binary().display(),
        home.config().join("jackfield.toml").display(),
        home.data().display(),
    );
    for block in &blocks {
        let block = block.replace("http://127.0.0.1:8080/api/v1/acme", &url);
        script.push_str(&block);
        if block.contains("api-token create") {
            // The server hears of what another process made, soon but not at once.
            let ask = "curl -sf -o /dev/null -H \"Authorization: Bearer $TOKEN\"";
            script.extend(["until ", ask, " ", &url, "/me; do :; done\n"]);
        }
        script.push_str("echo; echo ---\n");
    }
    let mut command = Command::new("timeout");
    command.args(["60", "bash", "-c", &script]);
    let output = command.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{complaint}");
    let mut parts = printed.split("---\n");
    let mut said = |expected: &[&str]| {
        let part = parts.next().unwrap();
        for text in expected {
            assert!(part.contains(text), "{text:?} is not in: {part}");
        }
    };
    said(&[]);
    said(&[
        "\"kind\":\"service\"",
        "\"roles\":[\"pbx_admin\"]",
        "users:read",
    ]);
    said(&[
        "\"userName\":\"nina\"",
        "\"extensions\":[\"4711\"]",
        "\"key\":\"reporter\"",
    ]);
    said(&["Duty manager", "Hart-Lowe"]);
    said(&[
        "nina\n",
        "\"changed\":true",
        "\"source\":\"service\"",
        "true\n",
    ]);
    said(&["\"number\":\"4712\"", "\"description\":\"Hall\""]);
    said(&["\"allowed\":true", "needs\n", "delete_own_account\n"]);
    said(&["owner 1\n"]);
    said(&["304\n"]);
}

#[test]
fn a_refusal_says_by_which_rule_and_who_could_do_it() {
    let (server, access) = Server::bootstrapped().unwrap();
    let created = server.home().run(&[
        "api-token",
        "create",
        "--tenant",
        "acme",
        "--account",
        "desk",
        "--role",
        "pbx_admin",
        "--scope",
        "users:write",
        "--json",
    ]);
    let created: serde_json::Value = serde_json::from_slice(&created.unwrap().stdout).unwrap();
    let token = created["token"].as_str().unwrap();
    let curl = |arguments: &[&str]| -> serde_json::Value {
        let mut command = Command::new("curl");
        command.args(["-s", "-H", &format!("Authorization: Bearer {token}")]);
        let output = command.args(arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    };
    let url = server.http("/api/v1/acme");
    let search = format!("{url}/users?search={}", access.owner.user_name);
    let known = wait::until(|| {
        curl(&[&search])["items"][0]["id"]
            .as_str()
            .map(str::to_owned)
    });
    let owner = format!(
        "{url}/users/{}",
        known.expect("the server learns of the token")
    );
    let refused = curl(&["-X", "DELETE", &owner]);
    assert_eq!(
        refused["type"], "urn:jackfield:problem:forbidden",
        "{refused:#}"
    );
    assert_eq!(refused["rule"], "manages");
    let ended = server.home().run(&[
        "api-token",
        "revoke",
        "--tenant",
        "acme",
        "--id",
        created["id"].as_str().unwrap(),
    ]);
    assert!(ended.unwrap().status.success());
    let gone = wait::until(|| (curl(&[&owner])["status"] == 401).then_some(()));
    gone.expect("the token ends");
}
