//! Several processes on one store.

use jackfield_tests::scim::{Client, user};
use jackfield_tests::tools::Tools;
use jackfield_tests::{Access, Server, wait};
use serde_json::Value;

#[test]
fn what_a_command_writes_beside_a_server_appears_by_itself() {
    let (server, access) = Server::bootstrapped().unwrap();
    let made: Value = server
        .home()
        .run_json(&[
            "service-account",
            "create",
            "--tenant",
            "acme",
            "--name",
            "switch",
            "--json",
        ])
        .unwrap();
    let text = |key: &str| {
        made[key]
            .as_str()
            .unwrap_or_else(|| panic!("{key}: {made:#}"))
    };
    let (dn, password) = (text("bind_dn"), text("password"));
    let switch = Tools::bound(&server.ldap_url(), &access.ldap.base, dn, password);
    let appeared = wait::until(|| (switch.whoami().unwrap().code == 0).then_some(()));
    appeared.expect("the server learns of it without being told");
}

#[tokio::test]
async fn a_second_server_sees_the_writes_of_the_first() {
    let (first, access) = Server::bootstrapped().unwrap();
    if first.home().database().is_none() {
        return;
    }
    let second = first.home().another_node().unwrap().serve().unwrap();
    let mut there = access.clone();
    there.scim.url = second.http("/scim/acme/v2");
    let (here, there_scim) = (Client::new(&access.scim), Client::new(&there.scim));
    let there_ldap = Tools::new(&access.ldap).at(&second.ldap_url());

    for number in 0..20 {
        let name = format!("traveller-{number}");
        let (writer, reader) = if number % 2 == 0 {
            (&here, &there_scim)
        } else {
            (&there_scim, &here)
        };
        writer
            .post("/Users", &user(&name, "Tra", "Veller"))
            .await
            .unwrap()
            .expect(201);
        // SCIM reads make sure of the revision first: a client behind a load balancer.
        let found = reader
            .find("/Users", &format!("userName eq \"{name}\""))
            .await
            .unwrap();
        assert_eq!(found.expect(200)["totalResults"], 1, "{name}");
        writer
            .post("/Users", &user(&name, "Tra", "Veller"))
            .await
            .unwrap()
            .expect_error(409);
        reader
            .post("/Users", &user(&name, "Tra", "Veller"))
            .await
            .unwrap()
            .expect_error(409);
    }
    // LDAP follows within a lag.
    let filter = "(uid=traveller-*)";
    let all = || {
        let found = there_ldap.search(&[filter, "dn"]).unwrap();
        (found.dns().len() == 20).then_some(())
    };
    wait::until(all).expect("the second node follows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_on_two_nodes_lose_nothing() {
    let (first, access): (Server, Access) = Server::bootstrapped().unwrap();
    if first.home().database().is_none() {
        return;
    }
    let second = first.home().another_node().unwrap().serve().unwrap();
    let mut there = access.clone();
    there.scim.url = second.http("/scim/acme/v2");
    let mut writers = tokio::task::JoinSet::new();
    for (node, scim) in [&access.scim, &there.scim].into_iter().enumerate() {
        for writer in 0..4 {
            let client = Client::new(scim);
            writers.spawn(async move {
                for number in 0..15 {
                    let name = format!("w-{node}-{writer}-{number}");
                    client
                        .post("/Users", &user(&name, "W", "R"))
                        .await
                        .unwrap()
                        .expect(201);
                }
            });
        }
    }
    writers.join_all().await;
    for client in [Client::new(&access.scim), Client::new(&there.scim)] {
        let found = client
            .find("/Users", "userName sw \"w-\"")
            .await
            .unwrap()
            .expect(200);
        assert_eq!(found["totalResults"], 120);
    }
}
