//! The last active holder of a role that must keep one stays.

use jackfield_tests::scim::{self, Client, user};
use jackfield_tests::{Access, Server};
use serde_json::{Value, json};

const OWNER_GROUP: &str = "displayName eq \"Owner\"";

/// The ids of the active owners.
async fn owners(client: &Client) -> Vec<String> {
    let filter = "roles.value eq \"owner\" and active eq true";
    let found = client.find("/Users", filter).await.unwrap().expect(200);
    found["Resources"]
        .as_array()
        .into_iter()
        .flatten()
        .map(scim::id)
        .collect()
}

async fn new_owner(client: &Client, name: &str) -> String {
    let mut owner = user(name, "Own", "Er");
    owner["roles"] = json!([{"value": "owner"}]);
    scim::id(&client.post("/Users", &owner).await.unwrap().expect(201))
}

/// Two owners that the connection made itself; nobody else is one.
async fn two_owners(client: &Client) -> (String, String) {
    let others = owners(client).await;
    let (first, second) = (
        new_owner(client, "first").await,
        new_owner(client, "second").await,
    );
    for other in others {
        let answer = client.delete(&format!("/Users/{other}")).await.unwrap();
        assert_eq!(answer.status, 204, "{:#}", answer.body);
    }
    let mut now = owners(client).await;
    now.sort();
    let mut both = vec![first.clone(), second.clone()];
    both.sort();
    assert_eq!(now, both);
    (first, second)
}

fn is_refused(status: u16) -> bool {
    [400, 403, 409].contains(&status)
}

#[tokio::test]
async fn the_last_owner_is_neither_removed_demoted_deactivated_nor_deleted() {
    let (_server, access): (Server, Access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    let (first, second) = two_owners(&client).await;
    client
        .delete(&format!("/Users/{second}"))
        .await
        .unwrap()
        .expect(204);

    let path = format!("/Users/{first}");
    let group = client
        .find("/Groups", OWNER_GROUP)
        .await
        .unwrap()
        .expect(200);
    let group_path = format!("/Groups/{}", scim::id(&group["Resources"][0]));
    let member = format!("members[value eq \"{first}\"]");
    let mut demoted: Value = user("first", "Own", "Er");
    demoted["roles"] = json!([{"value": "reporter"}]);
    let mut inactive = user("first", "Own", "Er");
    inactive["active"] = json!(false);

    let refused = [
        client.delete(&path).await.unwrap(),
        client.put(&path, &demoted).await.unwrap(),
        client.put(&path, &inactive).await.unwrap(),
        client
            .patch(
                &path,
                json!([{"op": "replace", "path": "active", "value": false}]),
            )
            .await
            .unwrap(),
        client
            .patch(&path, json!([{"op": "remove", "path": "roles"}]))
            .await
            .unwrap(),
        client
            .patch(&group_path, json!([{"op": "remove", "path": member}]))
            .await
            .unwrap(),
        client
            .patch(
                &group_path,
                json!([{"op": "replace", "path": "members", "value": []}]),
            )
            .await
            .unwrap(),
    ];
    for (number, answer) in refused.into_iter().enumerate() {
        assert!(
            is_refused(answer.status),
            "request {number}: {} {:#}",
            answer.status,
            answer.body
        );
        let detail = answer.body["detail"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(
            detail.to_lowercase().contains("owner"),
            "it says which rule: {detail}"
        );
    }
    assert_eq!(owners(&client).await, [first]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_that_race_for_the_last_owner_one_is_refused() {
    let (_server, access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    let (first, second) = two_owners(&client).await;
    for round in 0..15 {
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        let (one, other) = tokio::join!(
            tokio::spawn(patch(client.clone(), first.clone(), off.clone())),
            tokio::spawn(patch(client.clone(), second.clone(), off)),
        );
        let statuses = [one.unwrap(), other.unwrap()];
        let refused = statuses
            .iter()
            .filter(|status| is_refused(**status))
            .count();
        assert_eq!(refused, 1, "round {round}: {statuses:?}");
        assert_eq!(owners(&client).await.len(), 1, "round {round}");
        for id in [&first, &second] {
            let on = json!([{"op": "replace", "path": "active", "value": true}]);
            let status = patch(client.clone(), id.clone(), on).await;
            assert!([200, 204].contains(&status), "round {round}: {status}");
        }
    }
}

async fn patch(client: Client, id: String, operations: Value) -> u16 {
    client
        .patch(&format!("/Users/{id}"), operations)
        .await
        .unwrap()
        .status
}
