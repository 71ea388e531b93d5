//! What an operator sees of what SCIM connections asked for.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use jackfield_tests::scim::Client;
use jackfield_tests::{Home, Server, wait};
use serde_json::{Value, json};

const SECRET: &str = "Zx9-h0rse.battery";

fn user(name: &str) -> Value {
    jackfield_tests::scim::user(name, "Given", "Family")
}

/// The writes that are kept, once there are so many.
fn kept(home: &Home, count: usize, more: &[&str]) -> Vec<Value> {
    let arguments = [&["scim", "log", "--tenant", "acme", "--json"], more].concat();
    wait::until(|| {
        let mut all: Vec<Value> = home.run_json(&arguments).ok()?;
        all.retain(|exchange| exchange["method"] != "GET");
        (all.len() >= count).then_some(all)
    })
    .unwrap()
}

fn id(exchange: &Value) -> &str {
    exchange["id"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reads_what_came_and_sees_what_would_come_of_it_now() {
    let (server, access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    let mut alice = user("alice");
    alice["password"] = SECRET.into();
    let made = client.post("/Users", &alice).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
    let refused = client.post("/Users", &user("ALICE")).await.unwrap();
    assert_eq!(refused.status, 409);
    let path = format!("/Users/{}", made.body["id"].as_str().unwrap());
    assert_eq!(client.delete(&path).await.unwrap().status, 204);

    let home = server.home();
    let all = kept(home, 3, &[]);
    let lines: Vec<_> = all
        .iter()
        .map(|it| (&it["method"], &it["status"]))
        .collect();
    let (post, delete) = (json!("POST"), json!("DELETE"));
    let expected = [
        (&post, &json!(201)),
        (&post, &json!(409)),
        (&delete, &json!(204)),
    ];
    assert_eq!(lines, expected);
    assert_eq!(all[0]["deeds"][0]["action"], "user.create");
    assert!(!json!(all).to_string().contains(SECRET));
    let failed = kept(home, 1, &["--failed", "--since", "1h"]);
    assert_eq!(failed, [all[1].clone()]);
    let nowhere = home.run(&["scim", "log", "--tenant", "acme", "--connection", "nowhere"]);
    assert!(!nowhere.unwrap().status.success());

    let shown: Value = home
        .run_json(&["scim", "show", id(&all[1]), "--json"])
        .unwrap();
    assert_eq!(shown, all[1]);
    // As people read them.
    assert!(all[1]["at"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert_eq!(all[1]["connection"], "bootstrap");
    let shown = home.run(&["scim", "show", id(&all[1])]).unwrap();
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(
        text.contains("uniqueness") && text.contains("ALICE"),
        "{text}"
    );

    // The name is free by now; and nothing is done.
    let replay = ["scim", "replay", "--dry-run", "--json", id(&all[1])];
    let again: Vec<Value> = home.run_json(&replay).unwrap();
    assert_eq!(
        (&again[0]["then"], &again[0]["now"]),
        (&json!(409), &json!(201))
    );
    assert_eq!(again[0]["deeds"][0]["action"], "user.create");
    let found = client
        .find("/Users", "userName eq \"alice\"")
        .await
        .unwrap();
    assert_eq!(found.body["totalResults"], 0);
    // What was not kept cannot be done again; the rest can.
    let whole = home.run(&["scim", "replay", id(&all[0])]).unwrap();
    assert!(!whole.status.success());
    let told = String::from_utf8_lossy(&whole.stderr).into_owned();
    assert!(told.contains("secrets"), "{told}");
    let again: Vec<Value> = home
        .run_json(&["scim", "replay", "--json", id(&all[1])])
        .unwrap();
    assert_eq!(again[0]["now"], 201);
    let found = wait::until_async(|| async {
        let found = client.find("/Users", "userName eq \"alice\"").await.ok()?;
        (found.body["totalResults"] == 1).then_some(())
    });
    assert_eq!(found.await, Some(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_goes_on_with_what_comes() {
    let (server, access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    client.post("/Users", &user("before")).await.unwrap();
    kept(server.home(), 1, &[]);
    let arguments = ["scim", "log", "--tenant", "acme", "--follow", "--json"];
    let mut following = server
        .home()
        .command(&arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    let mut comes = |name: &str| {
        // A line that is no more than begun, or none at all, fails the test.
        lines.any(|line| line.unwrap().contains(name))
    };
    assert!(comes("before"));
    client.post("/Users", &user("after")).await.unwrap();
    assert!(comes("after"));
    following.kill().unwrap();
    following.wait().unwrap();
}
