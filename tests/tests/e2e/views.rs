//! What FreePBX's two drivers for directories ask, asked with OpenLDAP's tools.

use std::fs;

use jackfield_tests::tools::Tools;
use jackfield_tests::{Access, Home, Server};
use serde_json::Value;

/// A server of which the tenant's file begins with this.
fn server(said: &str) -> (Server, Access) {
    let home = Home::new().unwrap();
    let file = home.tenant_file();
    let before = fs::read_to_string(&file).unwrap();
    fs::write(file, format!("{said}\n{before}")).unwrap();
    let server = home.serve().unwrap();
    let access = server.bootstrap().unwrap();
    (server, access)
}

#[test]
fn freepbx_reads_it_as_openldap_and_people_log_in() {
    let (_server, access) = server("views = [\"posix\"]");
    let tools = Tools::new(&access.ldap);
    let base = &access.ldap.base;
    let people = tools
        .search_at(
            &format!("ou=People,{base}"),
            &[
                "-E",
                "!pr=900/noprompt",
                "(&(objectclass=*)(objectclass=posixAccount))",
                "uid",
                "gidnumber",
                "entryuuid",
                "mail",
                "memberof",
            ],
        )
        .unwrap()
        .expect(0);
    let uids = people.values("uid");
    assert!(uids.len() > 40, "{}", people.stdout);
    for name in ["gidnumber", "entryuuid"] {
        assert_eq!(people.values(name).len(), uids.len(), "{name}");
    }
    let groups = tools
        .search_at(
            &format!("ou=Group,{base}"),
            &[
                "-E",
                "!pr=900/noprompt",
                "(&(objectclass=*)(objectclass=posixGroup))",
                "cn",
                "gidnumber",
                "memberuid",
            ],
        )
        .unwrap()
        .expect(0);
    let members = groups.values("memberuid");
    assert!(!members.is_empty() && members.iter().all(|member| uids.contains(member)));

    let owner = &access.owner;
    let name = format!("uid={},ou=People,{base}", owner.user_name);
    let login = Tools::bound(&access.ldap.url, base, &name, &owner.password);
    let who = login.whoami().unwrap().expect(0);
    assert!(who.stdout.contains(",ou=people,"), "{}", who.stdout);
    let wrong = Tools::bound(&access.ldap.url, base, &name, "wrong");
    wrong.whoami().unwrap().expect(49);
}

#[test]
fn freepbx_reads_it_as_active_directory() {
    let (server, access) = server("");
    let made: Value = server
        .home()
        .run_json(&[
            "service-account",
            "create",
            "--name",
            "freepbx",
            "--views",
            "active_directory",
            "--tenant",
            "acme",
            "--json",
        ])
        .unwrap();
    let text = |key: &str| made[key].as_str().unwrap().to_owned();
    let base = &access.ldap.base;
    let url = server.ldap_url();
    let tools = Tools::bound(&url, base, &text("bind_dn"), &text("password"));
    let root = tools.search_at("", &["-s", "base", "(objectClass=*)"]);
    let root = root.unwrap().expect(0);
    assert_eq!(root.values("currentTime").len(), 1, "{}", root.stdout);
    assert_eq!(root.values("defaultNamingContext"), [base.as_str()]);
    let people = tools
        .search(&[
            "-E",
            "!pr=900/noprompt",
            "(&(&(objectCategory=Person)(sAMAccountName=*))(objectclass=user))",
        ])
        .unwrap()
        .expect(0);
    let names = people.values("sAMAccountName");
    assert!(names.len() > 40, "{}", people.stdout);
    for name in ["userPrincipalName", "primaryGroupID", "userAccountControl"] {
        assert_eq!(people.values(name).len(), names.len(), "{name}");
    }
    // Octets are printed in base64: 16 make 24 digits, and 28 make 40.
    let octets = |name: &str, digits: usize| {
        let lines = people.stdout.lines();
        let values = lines.filter_map(|line| line.strip_prefix(&format!("{name}:: ")));
        values.filter(|value| value.len() == digits).count()
    };
    assert_eq!(octets("objectGUID", 24), names.len());
    assert_eq!(octets("objectSid", 40), names.len());
    let groups = tools
        .search(&["(&(objectCategory=Group)(objectclass=group))"])
        .unwrap()
        .expect(0);
    let members = groups.values("member");
    let member = members.first().expect("a group has a member");
    let again = tools
        .search_at(member, &["-s", "base", "(objectClass=*)", "sAMAccountName"])
        .unwrap()
        .expect(0);
    assert_eq!(again.values("sAMAccountName").len(), 1, "{}", again.stdout);

    // Nobody else sees any of it.
    let other = Tools::new(&access.ldap);
    let none = other
        .search(&["(sAMAccountName=*)", "1.1"])
        .unwrap()
        .expect(0);
    assert_eq!(none.stdout.trim(), "");

    // The account sees it otherwise at once, on a connection of its own or not.
    let set = [
        "service-account",
        "set",
        "--name",
        "freepbx",
        "--views",
        "posix",
    ];
    let set: Value = server
        .home()
        .run_json(&[&set[..], &["--tenant", "acme", "--json"]].concat())
        .unwrap();
    assert_eq!(set["views"], serde_json::json!(["posix"]));
    let seen = jackfield_tests::wait::until(|| {
        let found = tools.search(&["(uidNumber=*)", "uidNumber"]).unwrap();
        (!found.values("uidNumber").is_empty()).then_some(())
    });
    seen.unwrap();
}
