//! Files that operators edit: checked before, and reloaded while the server runs.

use std::fs;

use jackfield_tests::tools::Tools;
use jackfield_tests::{Home, Server, home, wait};

/// Changes the tenant's file, of which `from` must be a part.
fn edit(home: &Home, from: &str, to: &str) {
    let text = fs::read_to_string(home.tenant_file()).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(home.tenant_file(), text.replace(from, to)).unwrap();
}

#[test]
fn the_shipped_configuration_has_no_problem() {
    let output = Home::new().unwrap().run(&["check"]).unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn check_reports_every_problem_at_once_with_its_place() {
    let home = Home::new().unwrap();
    edit(
        &home,
        "catalogue = \"opbx\"",
        "catalogue = \"opbxx\"\nunheard_of = 1",
    );
    let main = home.config().join("jackfield.toml");
    let text = fs::read_to_string(&main).unwrap();
    let text = text.replace(
        "address = \"127.0.0.1:3890\"",
        "address = \"127.0.0.1:389x\"",
    );
    fs::write(&main, text + "\n[no_such_section]\n").unwrap();
    fs::write(
        home.config().join("tenants/Upper_Case.toml"),
        "title = \"x\"\n",
    )
    .unwrap();

    let output = home.run(&["check"]).unwrap();
    assert!(!output.status.success());
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    for expected in [
        "acme.toml:",
        "jackfield.toml:",
        "Upper_Case",
        "opbxx",
        "unheard_of",
        "389x",
        "no_such_section",
        // What stands there is underlined, and what was expected is said.
        "opbx",
    ] {
        assert!(text.contains(expected), "{expected} is missing in:\n{text}");
    }
    let underlined = text
        .lines()
        .filter(|line| line.contains('─') || line.contains('^'))
        .count();
    assert!(
        underlined >= 4,
        "each offending text is underlined:\n{text}"
    );

    let output = home.run(&["check", "--json"]).unwrap();
    assert!(!output.status.success());
    let problems: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stdout)));
    let list = problems
        .as_array()
        .or_else(|| problems["problems"].as_array())
        .unwrap();
    assert!(list.len() >= 4, "{problems:#}");
}

#[test]
fn a_server_does_not_start_on_a_bad_file_and_says_why() {
    let home = Home::new().unwrap();
    edit(&home, "catalogue = \"opbx\"", "catalogue = \"opbxx\"");
    let failed = home.serve().unwrap_err().to_string();
    assert!(failed.contains("opbxx"), "{failed}");
}

#[test]
fn the_committed_schemas_are_those_of_the_binary() {
    let home = Home::new().unwrap();
    let output = home.run(&["config", "schema", "--json"]).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut committed = 0;
    for entry in fs::read_dir(home::shipped("config/schemas")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
        let held = printed
            .as_object()
            .is_some_and(|all| all.values().any(|one| *one == schema));
        assert!(held || printed == schema, "{} has drifted", path.display());
        committed += 1;
    }
    assert!(
        committed >= 3,
        "of the server, the catalogues and the tenants"
    );
}

/// Whether somebody without a name reads the phone book: what the tenant's file decides.
fn is_open(server: &Server, base: &str) -> bool {
    let nobody = Tools::anonymous(&server.ldap_url(), base);
    let found = nobody
        .search(&["(objectClass=inetOrgPerson)", "cn"])
        .unwrap();
    found.code == 0 && !found.dns().is_empty()
}

#[test]
fn a_hangup_reloads_a_good_file_and_a_bad_one_changes_nothing() {
    let home = Home::new().unwrap();
    // A bind without a name does not say which tenant it is for.
    home.edit_config(|config| {
        let listener = config["listeners"]["ldap"].as_table_mut().unwrap();
        listener.insert("tenant".to_owned(), "acme".into());
    })
    .unwrap();
    let server = home.serve().unwrap();
    let access = server.bootstrap().unwrap();
    let base = access.ldap.base.as_str();
    let line = "catalogue = \"opbx\"";
    assert!(!is_open(&server, base));

    edit(
        &home,
        line,
        &format!("{line}\nanonymous_phone_book = true\nunheard_of = 1"),
    );
    server.signal("HUP").unwrap();
    wait::until(|| server.stderr().contains("unheard_of").then_some(())).expect("it says why");
    assert!(!is_open(&server, base), "a bad file changes nothing");

    edit(&home, "unheard_of = 1", "");
    server.signal("HUP").unwrap();
    wait::until(|| is_open(&server, base).then_some(())).expect("a good file counts");

    edit(
        &home,
        "anonymous_phone_book = true",
        "anonymous_phone_book = false",
    );
    server.signal("HUP").unwrap();
    wait::until(|| (!is_open(&server, base)).then_some(())).expect("and the next one, too");
}

#[test]
fn a_tenant_whose_file_is_gone_is_suspended_and_comes_back_whole() {
    let (server, access) = Server::bootstrapped().unwrap();
    let home = server.home().clone();
    let tools = Tools::new(&access.ldap);
    let people = || {
        tools
            .search(&["(objectClass=inetOrgPerson)", "dn"])
            .unwrap()
    };
    let before = people().expect(0).dns().len();
    assert!(before > 0);
    let text = fs::read_to_string(home.tenant_file()).unwrap();
    fs::remove_file(home.tenant_file()).unwrap();
    server.signal("HUP").unwrap();
    wait::until(|| (people().code != 0).then_some(())).expect("it is suspended");
    fs::write(home.tenant_file(), text).unwrap();
    server.signal("HUP").unwrap();
    wait::until(|| (people().code == 0).then_some(())).expect("it is served again");
    assert_eq!(
        people().expect(0).dns().len(),
        before,
        "nothing was deleted"
    );
}
