//! OpenLDAP's tools, with the controls and operations that phones seldom use.

use jackfield_tests::tools::Tools;
use jackfield_tests::{Access, Server};

fn prepared() -> (Server, Access, Tools) {
    let (server, access) = Server::bootstrapped().unwrap();
    let tools = Tools::new(&access.ldap).with_start_tls();
    (server, access, tools)
}

#[test]
fn searches_are_sorted_paged_viewed_asserted_and_matched() {
    let (_server, access, tools) = prepared();
    let people = format!("ou=people,{}", access.ldap.base);
    let search = |options: &[&str], filter: &str| {
        let arguments = [options, &[filter, "sn"]].concat();
        tools.search_at(&people, &arguments).unwrap()
    };
    let sorted = search(&["-E", "sss=sn"], "(sn=*)").expect(0);
    assert!(sorted.dns().len() > 40);
    let reversed = search(&["-E", "sss=-sn"], "(sn=*)").expect(0);
    let plain = |ran: &jackfield_tests::tools::Ran| -> Vec<String> {
        ran.dns().into_iter().map(str::to_owned).collect()
    };
    assert_ne!(plain(&sorted), plain(&reversed));
    assert_eq!(sorted.dns().len(), reversed.dns().len());

    let paged = search(&["-E", "pr=7/noprompt"], "(sn=*)").expect(0);
    assert_eq!(paged.dns().len(), sorted.dns().len());
    let both = search(&["-E", "pr=7/noprompt", "-E", "sss=sn"], "(sn=*)").expect(0);
    assert_eq!(plain(&both), plain(&sorted));

    // The tool asks for the next window, and goes on at the end of its input.
    let view = search(&["-E", "sss=sn", "-E", "vlv=1/2/5/0"], "(sn=*)");
    assert_eq!(plain(&view)[..4], plain(&sorted)[3..7]);

    search(&["-e", "!assert=(ou=people)"], "(sn=*)").expect(0);
    search(&["-e", "!assert=(ou=elsewhere)"], "(sn=*)").expect(122);
    let matched = search(&["-E", "!mv=(sn=nobody)"], "(sn=*)").expect(0);
    assert_eq!(matched.values("sn").len(), 0, "{}", matched.stdout);
}

#[test]
fn passwords_profiles_and_comparisons() {
    let (server, access, _) = prepared();
    let owner = &access.owner;
    let base = &access.ldap.base;
    let bound = |password: &str| {
        Tools::bound(&server.ldap_url(), base, &owner.user_name, password).with_start_tls()
    };
    let tools = bound(&owner.password);
    let name = format!("uid={},ou=people,{base}", owner.user_name);
    tools.compare(&name, "sn:Owner").unwrap().expect(6);
    tools.compare(&name, "sn:Nobody").unwrap().expect(5);

    let change = server.home().folder().join("change.ldif");
    let modify = |tools: &Tools, text: &str, options: &[&str]| {
        std::fs::write(&change, format!("dn: {name}\nchangetype: modify\n{text}")).unwrap();
        let file = change.to_str().unwrap();
        tools
            .run("ldapmodify", &[options, &["-f", file]].concat())
            .unwrap()
    };
    let title = "replace: displayName\ndisplayName: The Boss\n";
    let told = modify(&tools, title, &["-e", "postread=displayName"]).expect(0);
    assert!(told.stdout.contains("The Boss"), "{}", told.stdout);
    modify(&tools, title, &["-e", "!assert=(displayName=Somebody)"]).expect(122);

    let new = "another-Passphrase-7";
    let change = ["-a", &owner.password, "-s", new];
    tools.run("ldappasswd", &change).unwrap().expect(0);
    bound(&owner.password).whoami().unwrap().expect(49);
    let said = bound(new).whoami().unwrap().expect(0);
    assert_eq!(said.stdout.trim(), format!("dn:{name}"));
}

#[test]
fn extended_operations() {
    let (_server, access, tools) = prepared();
    let said = tools.run("ldapexop", &["whoami"]).unwrap().expect(0);
    assert!(
        said.stdout.contains(&access.ldap.bind_dn),
        "{}",
        said.stdout
    );
    // Nothing goes on under this message ID; and nobody knows the other.
    for (arguments, code) in [(&["cancel", "4711"][..], "(119)"), (&["1.2.3.4"], "(2)")] {
        let refused = tools.run("ldapexop", arguments).unwrap().expect(1);
        assert!(refused.stderr.contains(code), "{}", refused.stderr);
    }
    let deleted = tools.run("ldapdelete", &[&access.ldap.bind_dn]).unwrap();
    assert!(matches!(deleted.code, 50 | 53), "{deleted:?}");
}
