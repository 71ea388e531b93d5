//! Taking in another directory.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::{Command, Stdio};

use jackfield_tests::tools::Tools;
use jackfield_tests::{Home, Server, wait};
use serde_json::{Value, json};

/// People, groups within groups, a contact, and what cannot be taken, as `OpenLDAP` would write them.
const DIRECTORY: &str = include_str!("import/old.ldif");

const TABLE: &str = include_str!("import/staff.csv");

fn counts(report: &Value) -> Value {
    json!([
        report["users"],
        report["contacts"],
        report["groups"],
        report["members"],
        report["there"]
    ])
}

fn import(home: &Home, arguments: &[&str]) -> Value {
    let file = home.folder().join("old.ldif");
    fs::write(&file, DIRECTORY).unwrap();
    let mut all = vec!["import", "--tenant", "acme", "--json"];
    all.push(file.to_str().unwrap());
    all.extend(arguments);
    let output = home.run(&all).unwrap();
    // What was refused is no success.
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_directory_is_taken_in_once_and_people_log_in_as_before() {
    let (server, access) = Server::bootstrapped().unwrap();
    let home = server.home();
    let tried = import(home, &["--dry-run"]);
    assert_eq!(counts(&tried), json!([2, 1, 2, 3, 0]));

    let reported = home.folder().join("refused.txt");
    let done = import(home, &["--report", reported.to_str().unwrap()]);
    assert_eq!(counts(&done), counts(&tried), "a dry run changes nothing");
    assert_eq!(done["ignored"], json!({"shoeSize": 1}));
    // Whose entry comes after hers; the one that is not there is said.
    assert_eq!(done["managers"], json!(1));
    let refused = fs::read_to_string(&reported).unwrap();
    assert_eq!(refused.lines().count(), 4, "{refused}");
    for part in [
        "cn=printer",
        "a colon is missing",
        "its member uid=gone,ou=people,dc=old,dc=example is not there",
        "its manager uid=gone,ou=people,dc=old,dc=example is not there",
    ] {
        assert!(refused.contains(part), "{part}: {refused}");
    }

    let again = import(home, &[]);
    assert_eq!(counts(&again), json!([0, 0, 0, 0, 5]));
    assert_eq!(again["managers"], json!(0));

    let base = &access.ldap.base;
    let zoe = Tools::bound(&server.ldap_url(), base, "zoe@acme.example", "secret");
    zoe.whoami().unwrap().expect(0);
    let tools = Tools::new(&access.ldap).at(&server.ldap_url());
    let asked = [
        "(uid=zoe)",
        "telephoneNumber",
        "memberOf",
        "pbxExtension",
        "manager",
    ];
    let found = tools.search(&asked).unwrap().expect(0);
    assert_eq!(
        found.values("manager"),
        [format!("uid=max,ou=people,{base}")]
    );
    assert_eq!(found.values("telephoneNumber"), ["+49 30 555 9"]);
    assert_eq!(found.values("pbxExtension"), ["7009"]);
    let groups = found.values("memberOf");
    for name in ["cn=Everybody,", "cn=Sales of old,"] {
        assert!(
            groups.iter().any(|dn| dn.starts_with(name)),
            "{name}: {groups:?}"
        );
    }
    let contact = tools.search(&["(&(cn=taxi of old)(telephoneNumber=030444))", "cn"]);
    assert_eq!(contact.unwrap().expect(0).values("cn"), ["Taxi of old"]);
}

/// So many people, as LDIF.
fn people(count: usize) -> String {
    let person = |n| {
        format!(
            "dn: uid=crowd{n},dc=old\nobjectClass: inetOrgPerson\nuid: crowd{n}\ncn: Crowd {n}\nsn: {n}\n\n"
        )
    };
    (0..count).map(person).collect()
}

/// It is killed between two commits, at the latest before the last: the file never ends.
#[test]
fn an_import_that_is_cut_off_goes_on_where_it_stopped() {
    let (server, access) = Server::bootstrapped().unwrap();
    let home = server.home();
    let pipe = home.folder().join("people.ldif");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let arguments = ["import", "--tenant", "acme", "--json"];
    let mut all = arguments.to_vec();
    all.push(pipe.to_str().unwrap());
    let mut child = home.command(&all).stdout(Stdio::null()).spawn().unwrap();
    let mut open = File::options().write(true).open(&pipe).unwrap();
    open.write_all(people(2_500).as_bytes()).unwrap();
    let tools = Tools::new(&access.ldap).at(&server.ldap_url());
    let seen = || {
        let found = tools.search(&["(uid=crowd*)", "uid"]).ok()?;
        (found.values("uid").len() == 2_000).then_some(())
    };
    wait::until(seen).expect("two batches are made, and the server sees them");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(open);

    let whole = home.folder().join("whole.ldif");
    fs::write(&whole, people(2_500)).unwrap();
    for (made, there) in [(500, 2_000), (0, 2_500)] {
        let mut all = arguments.to_vec();
        all.push(whole.to_str().unwrap());
        let report: Value = home.run_json(&all).unwrap();
        assert_eq!(counts(&report), json!([made, 0, 0, 0, there]));
    }
}

#[test]
fn a_table_is_taken_in_by_what_its_columns_are_called() {
    let (server, access) = Server::bootstrapped().unwrap();
    let file = server.home().folder().join("staff.csv");
    fs::write(&file, TABLE).unwrap();
    let arguments = [
        "import",
        "--tenant",
        "acme",
        "--json",
        file.to_str().unwrap(),
    ];
    let report: Value = server.home().run_json(&arguments).unwrap();
    assert_eq!(counts(&report), json!([1, 1, 0, 0, 0]));
    let base = &access.ldap.base;
    let mia = Tools::bound(&server.ldap_url(), base, "mia@acme.example", "Secret123");
    mia.whoami().unwrap().expect(0);
}

/// The entries of an LDIF text, in an order of their own; without what is not taken in again.
fn entries(ldif: &str) -> Vec<String> {
    let unfolded = ldif.replace("\n ", "").replace("dc=twin", "dc=acme");
    let is_kept = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        // What is computed.
        !["memberOf", "version"].contains(&name)
    };
    let entry = |text: &str| text.lines().filter(is_kept).collect::<Vec<_>>().join("\n");
    let is_taken = |entry: &String| {
        [",ou=services,", ",ou=roles,", ",ou=contacts,"]
            .iter()
            .all(|branch| !entry.lines().next().unwrap_or_default().contains(branch))
    };
    let mut all: Vec<String> = unfolded.split("\n\n").map(entry).filter(is_taken).collect();
    all.sort();
    all
}

#[test]
fn what_is_exported_can_be_taken_in_again() {
    let (server, _) = Server::bootstrapped().unwrap();
    let home = server.home();
    let twin = "title = \"Twin\"\nsuffix = \"dc=twin,dc=example\"\ncatalogue = \"opbx\"\n";
    fs::write(home.folder().join("config/tenants/twin.toml"), twin).unwrap();
    let export = |tenant: &str, file: &str, arguments: &[&str]| -> String {
        let path = home.folder().join(file);
        let mut all = vec!["export", "--tenant", tenant, path.to_str().unwrap()];
        all.extend(arguments);
        let output = home.run(&all).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        fs::read_to_string(path).unwrap()
    };
    let import = |file: &str| -> Value {
        let path = home.folder().join(file);
        let arguments = [
            "import",
            "--tenant",
            "twin",
            "--json",
            path.to_str().unwrap(),
        ];
        home.run_json(&arguments).unwrap()
    };
    let first = export("acme", "acme.ldif", &[]);
    let report = import("acme.ldif");
    assert_eq!(report["refused"], json!([]));
    assert_eq!(entries(&export("twin", "twin.ldif", &[])), entries(&first));
    assert!(import("acme.ldif")["users"] == json!(0), "they are there");

    let arguments = ["export", "--tenant", "acme", "--as", "anonymous"];
    let nobody = home.run(&arguments).unwrap();
    assert_eq!(
        nobody.status.code(),
        Some(1),
        "nobody in particular sees nothing"
    );
    let table = export("acme", "staff.csv", &[]);
    assert!(table.starts_with("uid,cn,givenName,sn,mail,"), "{table}");
    let report = import("staff.csv");
    assert_eq!(report["refused"], json!([]));
    assert_eq!(report["users"], json!(0), "the same people");
}
