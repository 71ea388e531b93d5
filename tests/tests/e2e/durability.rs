//! What was acknowledged is there, whatever happens to the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jackfield_tests::scim::{self, Client, user};
use jackfield_tests::tools::Tools;
use jackfield_tests::{Home, wait};
use serde_json::json;
use tokio::task::JoinSet;

/// The names whose creation and whose change were acknowledged.
#[derive(Default)]
struct Acknowledged {
    created: Vec<String>,
    titled: Vec<String>,
}

/// Creates and changes users until the server is gone.
async fn storm(client: Client, prefix: String, count: Arc<AtomicUsize>) -> Acknowledged {
    let mut acknowledged = Acknowledged::default();
    for number in 0.. {
        let name = format!("{prefix}-{number}");
        let Ok(made) = client.post("/Users", &user(&name, "In", "Storm")).await else {
            break;
        };
        let made = made.expect(201);
        acknowledged.created.push(name.clone());
        count.fetch_add(1, Ordering::Relaxed);
        let title = json!([{"op": "add", "path": "title", "value": name}]);
        let path = format!("/Users/{}", scim::id(&made));
        let Ok(patched) = client.patch(&path, title).await else {
            break;
        };
        patched.expect(200);
        acknowledged.titled.push(name);
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_a_storm_of_writes_loses_nothing_acknowledged() {
    let mut server = Home::new().unwrap().serve().unwrap();
    let access = server.bootstrap().unwrap();
    for round in 0..3 {
        let mut now = access.clone();
        now.scim.url = server.http("/scim/acme/v2");
        now.ldap.url = server.ldap_url();
        let count = Arc::new(AtomicUsize::new(0));
        let mut writers = JoinSet::new();
        for writer in 0..8 {
            let prefix = format!("storm-{round}-{writer}");
            writers.spawn(storm(Client::new(&now.scim), prefix, count.clone()));
        }
        let enough = || async { (count.load(Ordering::Relaxed) >= 60).then_some(()) };
        wait::until_async(enough).await.expect("the writers get on");
        let home = server.kill().unwrap();
        let all = writers.join_all().await;

        server = home.serve().expect("it starts on what the kill left");
        let ldap = Tools::new(&now.ldap).at(&server.ldap_url());
        let filter = format!("(uid=storm-{round}-*)");
        let found = ldap.search(&[&filter, "uid", "title"]).unwrap().expect(0);
        let (created, titled) = (found.values("uid"), found.values("title"));
        for acknowledged in &all {
            for name in &acknowledged.created {
                assert!(
                    created.contains(&name.as_str()),
                    "{name} was created, and is lost"
                );
            }
            for name in &acknowledged.titled {
                assert!(
                    titled.contains(&name.as_str()),
                    "{name} was changed, and is as before"
                );
            }
        }
        // What was under way when the server died is there as a whole or not at all.
        assert!(created.len() >= 60 && created.len() <= count.load(Ordering::Relaxed) + 8);
    }
}

/// Sends bulks of people and a group of them until the server is gone; gives the names of the groups
/// that were acknowledged.
async fn bulks(client: Client, prefix: String, count: Arc<AtomicUsize>) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let group = format!("{prefix}-{number}");
        let person = |at: usize| {
            let body = user(&format!("{group}-{at}"), "In", "Bulk");
            json!({"method": "POST", "bulkId": format!("p{at}"), "path": "/Users", "data": body})
        };
        let members = |at: usize| json!({"value": format!("bulkId:p{at}")});
        let data = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": group,
            "members": (0..PEOPLE).map(members).collect::<Vec<_>>(),
        });
        let mut operations: Vec<_> = (0..PEOPLE).map(person).collect();
        operations.push(json!({"method": "POST", "bulkId": "g", "path": "/Groups", "data": data}));
        let urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
        let body = json!({"schemas": [urn], "Operations": operations});
        let Ok(answer) = client.post("/Bulk", &body).await else {
            break;
        };
        let answer = answer.expect(200);
        for done in answer["Operations"].as_array().unwrap() {
            assert_eq!(done["status"], "201", "{done}");
        }
        acknowledged.push(group);
        count.fetch_add(1, Ordering::Relaxed);
    }
    acknowledged
}

/// How many people a bulk makes.
const PEOPLE: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_bulks_leaves_each_operation_whole_or_undone() {
    let server = Home::new().unwrap().serve().unwrap();
    let access = server.bootstrap().unwrap();
    let mut scim = access.scim.clone();
    scim.url = server.http("/scim/acme/v2");
    let count = Arc::new(AtomicUsize::new(0));
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let prefix = format!("bulk-{writer}");
        writers.spawn(bulks(Client::new(&scim), prefix, count.clone()));
    }
    let enough = || async { (count.load(Ordering::Relaxed) >= 8).then_some(()) };
    wait::until_async(enough).await.expect("the writers get on");
    let home = server.kill().unwrap();
    let acknowledged: Vec<String> = writers.join_all().await.into_iter().flatten().collect();

    let server = home.serve().expect("it starts on what the kill left");
    scim.url = server.http("/scim/acme/v2");
    let client = Client::new(&scim);
    let filter = "displayName sw \"bulk-\"";
    let found = client.find("/Groups", filter).await.unwrap().expect(200);
    let groups = found["Resources"].as_array().unwrap();
    for group in groups {
        // A group comes after its members, in another commit or the same.
        let members = group["members"].as_array().map_or(0, Vec::len);
        assert_eq!(members, PEOPLE, "{}", group["displayName"]);
    }
    for name in &acknowledged {
        let is_there = groups.iter().any(|group| group["displayName"] == **name);
        assert!(is_there, "{name} was acknowledged, and is lost");
    }
}

#[tokio::test]
async fn the_snapshot_after_changes_is_what_a_fresh_start_loads() {
    let server = Home::new().unwrap().serve().unwrap();
    let access = server.bootstrap().unwrap();
    let client = Client::new(&access.scim);
    let mut ids = Vec::new();
    for number in 0..6 {
        let body = user(&format!("kept-{number}"), "Kept", "Person");
        ids.push(scim::id(
            &client.post("/Users", &body).await.unwrap().expect(201),
        ));
    }
    let members: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Kept", "members": members});
    client.post("/Groups", &group).await.unwrap().expect(201);
    client
        .delete(&format!("/Users/{}", ids[0]))
        .await
        .unwrap()
        .expect(204);
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    client
        .patch(&format!("/Users/{}", ids[1]), off)
        .await
        .unwrap();

    let whole = |url: &str| {
        let tools = Tools::new(&access.ldap).at(url);
        tools
            .search(&["(objectClass=*)", "*", "+"])
            .unwrap()
            .expect(0)
            .stdout
    };
    let before = whole(&server.ldap_url());
    let (home, _) = server.stop().unwrap();
    let server = home.serve().unwrap();
    similar(&before, &whole(&server.ldap_url()));
}

/// Line by line, so that a failure shows the first difference only.
#[track_caller]
fn similar(before: &str, after: &str) {
    let sorted = |text: &str| {
        let mut entries: Vec<String> = text.split("\n\n").map(str::to_owned).collect();
        entries.sort();
        entries
    };
    let (before, after) = (sorted(before), sorted(after));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
    assert_eq!(before.len(), after.len());
}
