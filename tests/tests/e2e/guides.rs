//! What the guides show works.

use std::fs;

use jackfield_tests::{Home, Server};
use serde_json::Value;

const ROLES: &str = include_str!("../../../docs/guides/roles.md");
const CATALOGUES: &str = include_str!("../../../docs/guides/catalogues.md");

fn texts<'v>(list: &'v Value, key: &str) -> Vec<&'v str> {
    let all = list.as_array().unwrap_or_else(|| panic!("{list:#}"));
    all.iter().filter_map(|own| own[key].as_str()).collect()
}

/// A home with the hotel of the guide, and a tenant that has it.
fn hotel() -> Home {
    let home = Home::new().unwrap();
    let (_, rest) = CATALOGUES.split_once("```toml\n").unwrap();
    let (catalogue, _) = rest.split_once("```").unwrap();
    fs::write(home.config().join("catalogues/hotel.toml"), catalogue).unwrap();
    let tenant = "title = \"Grand\"\nsuffix = \"dc=grand,dc=example\"\ncatalogue = \"hotel\"\n";
    fs::write(home.config().join("tenants/grand.toml"), tenant).unwrap();
    home
}

#[test]
fn the_fifth_phone_system_of_the_guide_works_by_being_dropped_in() {
    let home = hotel();
    let checked = home.run(&["check"]).unwrap();
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stdout)
    );
    let roles: Value = home
        .run_json(&["roles", "list", "--tenant", "grand", "--json"])
        .unwrap();
    assert_eq!(
        texts(&roles, "key"),
        ["manager", "reception", "housekeeping", "guest"]
    );
    let made: Value = home
        .run_json(&[
            "role",
            "create",
            "--template",
            "night_porter",
            "--tenant",
            "grand",
            "--json",
        ])
        .unwrap();
    assert_eq!(made["changed"], true, "{made:#}");
    let access: Value = home
        .run_json(&["bootstrap", "--tenant", "grand", "--json"])
        .unwrap();
    let boss = access["owner"]["user_name"].as_str().unwrap();
    let run = |arguments: &[&str]| {
        home.run(&[arguments, &["--tenant", "grand"]].concat())
            .unwrap()
    };
    let refused = run(&["role", "unassign", boss, "manager"]);
    let why = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && why.contains("last active Manager"),
        "{why}"
    );
    let warned = run(&["role", "assign", boss, "night_porter"]);
    let said = String::from_utf8_lossy(&warned.stdout);
    assert!(
        said.contains("warning: Night porter has no effect"),
        "{said}"
    );
    let why: Value = home
        .run_json(&["roles", "why", boss, "--tenant", "grand", "--json"])
        .unwrap();
    assert_eq!(texts(&why, "role"), ["manager", "night_porter"], "{why:#}");
    assert_eq!(texts(&why, "source"), ["operator", "operator"]);
}

#[test]
fn a_rule_is_previewed_goes_live_and_is_told() {
    let server = Server::start(Home::new().unwrap()).unwrap();
    let home = server.home();
    let text = fs::read_to_string(home.tenant_file()).unwrap();
    let groups = "[mapping.everybody]\ngroup_pattern = \"*\"\nrole = \"pbx_admin\"\n";
    let other = home.folder().join("other.toml");
    fs::write(&other, format!("{text}\n{groups}")).unwrap();
    let preview = |more: &[&str]| -> Value {
        let arguments = ["roles", "preview", "--tenant", "acme", "--json"];
        home.run_json(&[&arguments[..], more].concat()).unwrap()
    };
    assert_eq!(
        preview(&[]).as_array().map(Vec::len),
        Some(0),
        "nothing new in the file"
    );
    let shifts = preview(&["--file", other.to_str().unwrap()]);
    let gaining = texts(&shifts, "user");
    assert!(
        !gaining.is_empty(),
        "somebody of the sample people is in a group"
    );

    fs::copy(&other, home.tenant_file()).unwrap();
    server.signal("HUP").unwrap();
    let is_live = || {
        let why: Value = home
            .run_json(&["role", "why", gaining[0], "--tenant", "acme", "--json"])
            .ok()?;
        texts(&why, "source").contains(&"mapping").then_some(())
    };
    jackfield_tests::wait::until(is_live).expect("the rule takes effect");
    let log = home
        .run(&[
            "audit",
            "--tenant",
            "acme",
            "--action",
            "user.roles",
            "--target",
            gaining[0],
            "--json",
        ])
        .unwrap();
    let log = String::from_utf8(log.stdout).unwrap();
    let last: Value = serde_json::from_str(log.lines().last().expect("an entry")).unwrap();
    assert_eq!(last["actor"]["kind"], "config", "{last:#}");
    assert!(last["revision"].as_u64().is_some(), "{last:#}");
    let verified = home.run(&["audit", "verify"]).unwrap();
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );
    let report = home.run(&["report", "access", "--tenant", "acme"]).unwrap();
    assert!(report.status.success(), "{report:?}");
    let reviewed = ["report", "reviewed", "--tenant", "acme", "--role", "owner"];
    assert!(home.run(&reviewed).unwrap().status.success());
    let roles: Value = home
        .run_json(&["roles", "list", "--tenant", "acme", "--json"])
        .unwrap();
    assert_eq!(texts(&roles, "reviewed").len(), 1, "{roles:#}");
}

#[test]
fn a_file_that_no_longer_fits_what_people_hold_stays_out() {
    let home = Home::new().unwrap();
    let access: Value = home
        .run_json(&["bootstrap", "--tenant", "harbor", "--json"])
        .unwrap();
    let boss = access["owner"]["user_name"].as_str().unwrap();
    let assigned = home
        .run(&["role", "assign", boss, "auditor", "--tenant", "harbor"])
        .unwrap();
    assert!(
        assigned.status.success(),
        "{}",
        String::from_utf8_lossy(&assigned.stderr)
    );
    let server = home.serve().unwrap();
    let file = home.config().join("tenants/harbor.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (without, _) = text.split_once("[role.auditor]").unwrap();
    fs::write(&file, without).unwrap();
    server.signal("HUP").unwrap();
    let told = || server.stderr().contains(boss).then_some(());
    jackfield_tests::wait::until(told).expect("the log names the holders");
    assert!(server.stderr().contains("auditor"), "{}", server.stderr());
    fs::write(&file, text).unwrap();
    let roles: Value = home
        .run_json(&["roles", "list", "--tenant", "harbor", "--json"])
        .unwrap();
    assert!(
        texts(&roles, "key").contains(&"auditor"),
        "the old one stays"
    );
}

#[test]
fn the_custom_role_of_the_guide_is_made_given_and_ended_as_written() {
    let home = Home::new().unwrap();
    let (_, rest) = ROLES.split_once("## Custom roles\n\n").unwrap();
    let (example, _) = rest.split_once("\n\n").unwrap();
    let script = format!("jackfield() {{ \"$0\" \"$@\" --data data; }}\n{example}");
    let shell = std::process::Command::new("sh")
        .args(["-e", "-c", &script])
        .arg(jackfield_tests::home::binary())
        .env("JACKFIELD_CONFIG", home.config().join("jackfield.toml"))
        .current_dir(home.folder())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&shell.stderr);
    assert!(shell.status.success(), "{stderr}");
}
