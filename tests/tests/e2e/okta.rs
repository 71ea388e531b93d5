//! The twelve requests of Okta's SCIM 2.0 specification test, in its order.

use std::time::Instant;

use jackfield_tests::Server;
use jackfield_tests::scim::{self, Client};
use reqwest::Method;
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// What Okta reads from every user.
fn assert_complete(user: &Value) {
    assert!(user["id"].is_string(), "{user:#}");
    for part in ["familyName", "givenName"] {
        assert!(user["name"][part].is_string(), "{user:#}");
    }
    assert!(
        user["userName"].is_string() && user["active"].is_boolean(),
        "{user:#}"
    );
    assert!(user["emails"][0]["value"].is_string(), "{user:#}");
}

fn assert_empty_list(list: &Value) {
    assert_eq!(list["schemas"], json!([LIST]), "{list:#}");
    assert_eq!(list["totalResults"], 0, "{list:#}");
}

/// A client of Okta's kind.
fn okta(server: &Server) -> Client {
    let create = [
        "token",
        "create",
        "--tenant",
        "acme",
        "--connection",
        "okta",
    ];
    let okta: Value = server
        .home()
        .run_json(&[&create[..], &["--kind", "okta", "--json"]].concat())
        .unwrap();
    let token = okta["token"].as_str().unwrap();
    Client::with_token(&server.http("/scim/acme/v2"), token)
}

#[tokio::test]
async fn the_twelve_requests_answer_as_listed() {
    let (server, _) = Server::bootstrapped().unwrap();
    let client = okta(&server);

    // 1, 2: somebody is there.
    let list = client
        .get("/Users?count=1&startIndex=1")
        .await
        .unwrap()
        .expect(200);
    assert_eq!(list["schemas"], json!([LIST]));
    for number in ["itemsPerPage", "startIndex", "totalResults"] {
        assert!(list[number].is_u64(), "{number}: {list:#}");
    }
    let first = &list["Resources"][0];
    assert_complete(first);
    let path = format!("/Users/{}", scim::id(first));
    assert_complete(&client.get(&path).await.unwrap().expect(200));

    // 3, 4, 5: nobody is.
    let none = client
        .find("/Users", "userName eq \"nobody-of-this-name\"")
        .await
        .unwrap();
    assert_empty_list(&none.expect(200));
    client
        .get("/Users/no-such-id")
        .await
        .unwrap()
        .expect_error(404);
    let none = client
        .find("/Users", "emails.value eq \"x7f3@example.invalid\"")
        .await
        .unwrap();
    assert_empty_list(&none.expect(200));

    // 6, 7, 8, 9: a user is made, read, refused a second time, found in capitals.
    let name = "Runscope300Abc@acme.example";
    let body = json!({
        "schemas": [USER],
        "userName": name,
        "name": {"givenName": "Runscope", "familyName": "Abc"},
        "emails": [{"primary": true, "value": name, "type": "work"}],
        "displayName": "Runscope Abc",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    });
    let made = client.post("/Users", &body).await.unwrap().expect(201);
    assert_complete(&made);
    assert_eq!(made["userName"], name);
    assert_eq!(made["active"], true);
    assert!(made["schemas"].as_array().unwrap().contains(&json!(USER)));
    assert!(made.get("password").is_none(), "{made:#}");
    let read = client
        .get(&format!("/Users/{}", scim::id(&made)))
        .await
        .unwrap()
        .expect(200);
    for key in [
        "id",
        "userName",
        "name",
        "emails",
        "externalId",
        "active",
        "meta",
    ] {
        assert_eq!(read[key], made[key], "{key}");
    }
    let again = client
        .post("/Users", &body)
        .await
        .unwrap()
        .expect_error(409);
    assert_eq!(again.as_deref(), Some("uniqueness"));
    let capitals = format!("userName eq \"{}\"", name.to_uppercase());
    let found = client.find("/Users", &capitals).await.unwrap().expect(200);
    assert_eq!(found["Resources"][0]["id"], made["id"]);

    // 10, 11, 12: groups soon, no one without a token, no one under a strange id.
    let start = Instant::now();
    client.get("/Groups").await.unwrap().expect(200);
    assert!(start.elapsed().as_millis() < 600, "{:?}", start.elapsed());
    let stranger = Client::with_token(&server.http("/scim/acme/v2"), "00000000-bad");
    let refused = stranger.get("/Users").await.unwrap();
    assert!(
        refused.header("www-authenticate").starts_with("Bearer"),
        "{:?}",
        refused.headers
    );
    refused.expect_error(401);
    client
        .get("/Users/00919288221112222")
        .await
        .unwrap()
        .expect_error(404);
}

/// What Okta sends after that: the whole resource back, and pathless patches.
#[tokio::test]
async fn updates_come_as_okta_sends_them() {
    let (_server, access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    let made = client
        .post("/Users", &scim::user("okta", "Ok", "Ta"))
        .await
        .unwrap()
        .expect(201);
    let path = format!("/Users/{}", scim::id(&made));

    let mut whole = client.get(&path).await.unwrap().expect(200);
    whole["name"]["givenName"] = json!("Oka");
    let put = client.put(&path, &whole).await.unwrap().expect(200);
    assert_eq!(put["name"]["givenName"], "Oka");
    assert_eq!(put["id"], made["id"]);

    let off = json!([{"op": "replace", "value": {"active": false}}]);
    client.patch(&path, off).await.unwrap().expect(200);
    assert_eq!(
        client.get(&path).await.unwrap().expect(200)["active"],
        false
    );

    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Okta push", "members": []});
    let group = client.post("/Groups", &group).await.unwrap().expect(201);
    let group_path = format!("/Groups/{}", scim::id(&group));
    let rename = json!([{"op": "replace", "value": {"id": group["id"], "displayName": "Renamed"}}]);
    let answer = client.patch(&group_path, rename).await.unwrap();
    assert!([200, 204].contains(&answer.status), "{:#}", answer.body);
    let members = json!([{"value": made["id"], "display": "okta"}]);
    let add = json!([{"op": "add", "path": "members", "value": members}]);
    let answer = client.patch(&group_path, add).await.unwrap();
    assert!([200, 204].contains(&answer.status), "{:#}", answer.body);
    let read = client.get(&group_path).await.unwrap().expect(200);
    assert_eq!(read["displayName"], "Renamed");
    assert_eq!(read["members"][0]["value"], made["id"]);
    let empty = json!([{"op": "replace", "path": "members", "value": []}]);
    let answer = client.patch(&group_path, empty).await.unwrap();
    assert!([200, 204].contains(&answer.status), "{:#}", answer.body);
}

#[tokio::test]
async fn an_unchanged_version_is_not_sent_and_an_old_one_not_written() {
    let (_server, access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    let made = client
        .post("/Users", &scim::user("etag", "E", "Tag"))
        .await
        .unwrap();
    let version = made.header("etag").to_owned();
    let location = made.header("location").to_owned();
    let made = made.expect(201);
    assert_eq!(made["meta"]["version"], version.as_str());
    assert_eq!(made["meta"]["location"], location.as_str());
    let path = format!("/Users/{}", scim::id(&made));
    client
        .get_unless(&path, &version)
        .await
        .unwrap()
        .expect(304);
    let title = json!([{"op": "add", "path": "title", "value": "x"}]);
    client
        .patch_if(&path, &version, title.clone())
        .await
        .unwrap()
        .expect(200);
    client
        .patch_if(&path, &version, title)
        .await
        .unwrap()
        .expect_error(412);
    assert_eq!(client.get(&path).await.unwrap().expect(200)["title"], "x");
    // The listing names the same resource, under the method that OData-minded clients use, too.
    let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "userName eq \"etag\"", "attributes": ["userName"]});
    let request = client.request(Method::POST, "/Users/.search");
    let request = request
        .header("content-type", "application/scim+json")
        .body(search.to_string());
    let found = client.send(request).await.unwrap().expect(200);
    assert_eq!(found["Resources"][0]["id"], made["id"]);
}
