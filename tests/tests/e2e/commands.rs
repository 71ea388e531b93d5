//! The command line, and how a server ends.

use std::io::{Read, Write};
use std::net::TcpStream;

use jackfield_tests::ber::Connection;
use jackfield_tests::scim::{Client, user};
use jackfield_tests::tools::Tools;
use jackfield_tests::{Home, Server, wait};
use serde_json::Value;

#[test]
fn wrong_arguments_are_named() {
    let home = Home::new().unwrap();
    for (arguments, named) in [
        (&["no-such-command"][..], "no-such-command"),
        (&["bootstrap", "--tenant", "nowhere", "--json"], "nowhere"),
        (
            &["bootstrap", "--tenant", "../acme", "--json"],
            "tenant name",
        ),
        (
            &[
                "token",
                "create",
                "--tenant",
                "nowhere",
                "--connection",
                "x",
            ],
            "nowhere",
        ),
        (&["serve", "--listen-http", "nonsense"], "nonsense"),
    ] {
        let output = home.run(arguments).unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(named), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("panicked"), "{arguments:?}: {stderr}");
    }
    let missing = jackfield_tests::home::binary();
    let output = std::process::Command::new(missing)
        .args(["check", "--config", "no-such-file.toml"])
        .current_dir(home.folder())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(report.contains("no-such-file.toml"), "{report}");
}

#[test]
fn bootstrap_works_without_a_server_and_what_it_made_holds_afterwards() {
    let home = Home::new().unwrap();
    let migrated = home.run(&["migrate"]).unwrap();
    assert!(
        migrated.status.success(),
        "{}",
        String::from_utf8_lossy(&migrated.stderr)
    );
    let access = home.bootstrap().unwrap();
    let server = home.serve().unwrap();
    let tools = Tools::new(&access.ldap).at(&server.ldap_url());
    tools.whoami().unwrap().expect(0);
    let owner = Tools::bound(
        &server.ldap_url(),
        &access.ldap.base,
        &access.owner.user_name,
        &access.owner.password,
    );
    let whoami = owner.whoami().unwrap().expect(0);
    assert!(
        whoami.stdout.contains(&access.owner.user_name),
        "{}",
        whoami.stdout
    );
}

#[tokio::test]
async fn a_token_is_good_for_its_connection_and_no_longer_than_its_life() {
    let (server, access) = Server::bootstrapped().unwrap();
    let create = [
        "token",
        "create",
        "--tenant",
        "acme",
        "--connection",
        "generic",
        "--json",
    ];
    let made: Value = server
        .home()
        .run_json(&[&create[..], &["--expires-in-days", "1"]].concat())
        .unwrap();
    let token = made["token"].as_str().unwrap_or_else(|| panic!("{made:#}"));
    let status = |server: &Server| {
        let client = Client::with_token(&server.http("/scim/acme/v2"), token);
        async move { client.get("/Users?count=0").await.unwrap().status }
    };
    let taken = wait::until_async(|| {
        let status = status(&server);
        async move { (status.await == 200).then_some(()) }
    });
    taken.await.expect("a new token is taken, beside the first");
    Client::new(&access.scim)
        .get("/Users?count=0")
        .await
        .unwrap()
        .expect(200);

    // A day goes by.
    let (home, _) = server.stop().unwrap();
    let Some(database) = home.database() else {
        return;
    };
    let sql = "UPDATE credential SET body = jsonb_set(body::jsonb, '{expires}', '1000000')::text \
               WHERE body::jsonb ->> 'expires' IS NOT NULL";
    database.run(sql).unwrap();
    let server = home.serve().unwrap();
    assert_eq!(status(&server).await, 401);
}

#[test]
fn a_device_sees_the_phone_book_and_nothing_else() {
    let (server, access) = Server::bootstrapped().unwrap();
    let made: Value = server
        .home()
        .run_json(&[
            "device", "create", "--tenant", "acme", "--name", "desk-1", "--json",
        ])
        .unwrap();
    let text = |key: &str| {
        made[key]
            .as_str()
            .unwrap_or_else(|| panic!("{key}: {made:#}"))
    };
    let phone = Tools::bound(
        &server.ldap_url(),
        &access.ldap.base,
        text("bind_dn"),
        text("password"),
    );
    wait::until(|| (phone.whoami().unwrap().code == 0).then_some(())).expect("it binds");
    let people = phone
        .search(&["(objectClass=inetOrgPerson)"])
        .unwrap()
        .expect(0);
    assert!(!people.values("cn").is_empty(), "the phone book is read");
    for hidden in ["memberOf", "pbxRole", "pbxPermission"] {
        assert!(
            people.values(hidden).is_empty(),
            "{hidden}: {}",
            people.stdout
        );
        let filter = format!("({hidden}=*)");
        let found = phone.search(&[&filter, "dn"]).unwrap();
        assert!(found.dns().is_empty(), "{filter}: {}", found.stdout);
    }
    let services = format!("ou=services,{}", access.ldap.base);
    let found = phone
        .search_at(&services, &["(objectClass=*)", "dn"])
        .unwrap();
    assert!(
        found
            .dns()
            .iter()
            .all(|dn| *dn == services || *dn == text("bind_dn"))
    );
}

#[test]
fn an_interrupt_lets_a_request_under_way_end_and_then_stops() {
    let (mut server, access) = Server::bootstrapped().unwrap();
    let body = user("drained", "Dr", "Ained").to_string();
    let mut http = TcpStream::connect(server.listeners().http).unwrap();
    let head = format!(
        "POST /scim/acme/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/scim+json\r\nContent-Length: {}\r\nConnection: close\r\n\
         Expect: 100-continue\r\n\r\n",
        access.scim.token,
        body.len()
    );
    http.write_all(head.as_bytes()).unwrap();
    // The server asks for the body: the request is under way.
    let mut go_on = [0; 12];
    http.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100");
    let mut idle = Connection::open(server.listeners().ldap).unwrap();

    server.signal("INT").unwrap();
    let rest = idle.rest().unwrap();
    assert!(rest.len() <= 1, "at most a notice: {rest:?}");
    http.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    http.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 201"), "{answer}");
    assert!(server.wait().unwrap().success());
    assert!(TcpStream::connect(server.listeners().http).is_err());

    let home = server.home().clone();
    let server = home.serve().unwrap();
    let ldap = Tools::new(&access.ldap).at(&server.ldap_url());
    assert_eq!(
        ldap.search(&["(uid=drained)", "dn"])
            .unwrap()
            .expect(0)
            .dns()
            .len(),
        1
    );
}
