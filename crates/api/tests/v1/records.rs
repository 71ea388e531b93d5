//! Extensions, desks, contacts, devices, service accounts and connections: looked after alike.

use axum::http::Method;
use jackfield_gateway::api_token::ActsAs;
use jackfield_gateway::audit::AuditFilter;
use jackfield_gateway::testing::declaration;
use serde_json::{Value as Json, json};

use crate::server::{Answer, Client, Server};

/// Each area with a new record, a change, and what it comes to.
fn areas() -> [(&'static str, Json, Json, Json); 6] {
    [
        (
            "/extensions",
            json!({"number": "100", "displayName": "Front desk", "description": "Hall"}),
            json!({"number": "101", "description": null}),
            json!({"number": "101", "displayName": "Front desk"}),
        ),
        (
            "/desks",
            json!({"displayName": "North", "description": "First floor"}),
            json!({"displayName": "South", "description": null}),
            json!({"displayName": "South", "users": []}),
        ),
        (
            "/contacts",
            json!({
                "displayName": "Taxi", "organization": "Taxi Ltd",
                "name": {"givenName": "Tom", "familyName": "Axi"},
                "phoneNumbers": [{"value": "+4930123", "type": "work"}],
            }),
            json!({"organization": null, "name": {"familyName": "Axis"}, "title": "Driver"}),
            json!({
                "displayName": "Taxi", "title": "Driver",
                "name": {"givenName": "Tom", "familyName": "Axis"},
                "phoneNumbers": [{"value": "+4930123", "type": "work"}],
            }),
        ),
        (
            "/devices",
            json!({"name": "00085d1", "scopes": ["people"], "attributes": ["displayName"]}),
            json!({"scopes": null, "attributes": [], "dial": "prefix-9", "views": []}),
            json!({
                "name": "00085d1", "scopes": [], "attributes": [], "dial": "prefix-9", "views": [],
            }),
        ),
        (
            "/service-accounts",
            json!({"name": "pbx", "scopes": ["all", "proxy"], "actsAs": "reporter"}),
            json!({"actsAs": "*", "views": ["asterisk"], "scopes": ["people"]}),
            json!({
                "name": "pbx", "scopes": ["people"], "attributes": [], "views": ["asterisk"],
                "actsAs": "*",
            }),
        ),
        (
            "/connections",
            json!({"name": "okta", "kind": "okta", "ceiling": "full"}),
            json!({"ceiling": null, "takesPasswords": true, "name": "idp"}),
            json!({
                "name": "idp", "kind": "okta", "takesPasswords": true, "requiresVersions": false,
                "credentials": 0,
            }),
        ),
    ]
}

fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

/// What is shown but for the identity and the times.
fn plain(mut shown: Json) -> Json {
    for name in ["id", "created", "modified", "clientId"] {
        shown.as_object_mut().unwrap().remove(name);
    }
    shown
}

#[tokio::test]
async fn each_area_makes_lists_shows_changes_and_deletes() {
    let server = Server::start().await;
    let all = server.all().await;
    for (area, new, change, expected) in areas() {
        let made = all.post(area, new.clone()).await;
        let location = made.headers["location"].to_str().unwrap().to_owned();
        let first = tag(&made);
        let id = made.expect(201)["id"].clone();
        assert!(location.ends_with(&format!("{area}/{}", id.as_str().unwrap())));
        for (name, value) in new.as_object().unwrap() {
            let shown = all.get(&location).await.expect(200);
            assert_eq!(&shown[name], value, "{area}");
        }
        let header = [("if-match", first.as_str())];
        let edit = || Some(change.clone());
        let edited = all.ask(Method::PATCH, &location, &header, edit()).await;
        assert_eq!(plain(edited.expect(200)), expected, "{area}");
        let stale = all.ask(Method::PATCH, &location, &header, edit()).await;
        stale.problem(412, "changed");
        let same = tag(&all.get(&location).await);
        let known = [("if-none-match", same.as_str())];
        all.ask(Method::GET, &location, &known, None)
            .await
            .expect(304);
        let listed = all.get(area).await.expect(200);
        let items = listed["items"].as_array().unwrap();
        assert!(items.iter().any(|item| item["id"] == id), "{listed:#}");
        all.ask(Method::DELETE, &location, &header, None)
            .await
            .problem(412, "changed");
        all.delete(&location).await.expect(204);
        all.get(&location).await.problem(404, "not-found");
        all.delete(&location).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_new_record_needs_its_name_which_no_other_has_and_which_cannot_be_taken_away() {
    let server = Server::start().await;
    let all = server.all().await;
    for (area, new, ..) in areas() {
        let (name, value) = match area {
            "/extensions" => ("number", "100"),
            "/desks" => ("displayName", "NORTH"),
            "/contacts" => ("displayName", "Taxi"),
            "/devices" => ("name", "00085D1"),
            "/service-accounts" => ("name", "PBX"),
            _ => ("name", "OKTA"),
        };
        let path = all.post(area, new).await.expect(201)["id"].clone();
        let path = format!("{area}/{}", path.as_str().unwrap());
        for body in [json!({}), json!({name: " "}), json!({name: null})] {
            let refused = all.post(area, body).await.expect(422);
            assert_eq!(refused["path"], name, "{area}");
        }
        for body in [json!({name: null}), json!({name: ""})] {
            all.patch(&path, body).await.expect(422);
        }
        let second = all.post(area, json!({name: value})).await;
        match area {
            // Two may be called alike.
            "/contacts" => drop(second.expect(201)),
            _ => drop(second.problem(409, "taken")),
        }
        all.post(area, json!({name: "x", "colour": "red"}))
            .await
            .problem(400, "invalid-body");
        // One of another kind is not there.
        let user = all.user(&format!("user of {}", &area[1..]), &[]).await;
        let elsewhere = user.replace("/users", area);
        all.get(&elsewhere).await.problem(404, "not-found");
        all.delete(&elsewhere).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_no_value() {
    let server = Server::start().await;
    let all = server.all().await;
    for (area, body) in [
        ("/devices", json!({"name": "x", "scopes": ["peple"]})),
        ("/devices", json!({"name": "x", "attributes": ["shoeSize"]})),
        ("/devices", json!({"name": "x", "dial": "loudly"})),
        ("/devices", json!({"name": "x", "views": ["none"]})),
        ("/service-accounts", json!({"name": "x", "actsAs": "king"})),
        (
            "/connections",
            json!({"name": "x", "kind": "carrier-pigeon"}),
        ),
        ("/connections", json!({"name": "x", "ceiling": "king"})),
    ] {
        all.post(area, body.clone())
            .await
            .problem(422, "invalid-value");
    }
    assert_eq!(all.get("/devices").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn lists_are_searched_and_come_in_pages_in_the_order_of_names() {
    let server = Server::start().await;
    let all = server.all().await;
    for number in ["103", "101", "202", "102"] {
        let body = json!({"number": number, "description": format!("room {number}")});
        all.post("/extensions", body).await.expect(201);
    }
    let mut seen = Vec::new();
    let mut next = Some("/extensions?search=room%2010&limit=2".to_owned());
    while let Some(path) = next {
        let page = all.get(&path).await.expect(200);
        assert_eq!(page["total"], 3);
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|it| it["number"].clone()));
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, ["101", "102", "103"]);
}

/// Asks to make, change and delete an extension; gives the statuses.
async fn look_after(client: &Client, path: &str) -> [u16; 3] {
    let number = json!({"number": "777"});
    let made = client.post("/extensions", number).await;
    let edited = client.patch(path, json!({"description": "x"})).await;
    let deleted = client.delete(path).await;
    [made.status, edited.status, deleted.status]
}

#[tokio::test]
async fn extensions_are_looked_after_by_those_whose_roles_have_the_permission() {
    let server = Server::start().await;
    let all = server.all().await;
    let scopes = ["directory:write"];
    for (acts_as, expected) in [
        (None, [403; 3]),
        (Some(ActsAs::Role("reporter")), [403; 3]),
        (Some(ActsAs::Role("pbx_user")), [403; 3]),
        (Some(ActsAs::Role("pbx_admin")), [201, 200, 204]),
        (Some(ActsAs::Role("owner")), [201, 200, 204]),
        (Some(ActsAs::Operator), [201, 200, 204]),
    ] {
        let client = server.client("acme", acts_as, &scopes).await;
        let one = all.post("/extensions", json!({"number": "500"})).await;
        let path = format!("/extensions/{}", one.expect(201)["id"].as_str().unwrap());
        assert_eq!(look_after(&client, &path).await, expected, "{acts_as:?}");
        for number in ["500", "777"] {
            let found = all.get(&format!("/extensions?search={number}")).await;
            for left in found.expect(200)["items"].as_array().unwrap() {
                let path = format!("/extensions/{}", left["id"].as_str().unwrap());
                all.delete(&path).await.expect(204);
            }
        }
    }
    let admin = ActsAs::Role("pbx_admin");
    let admin = server.client("acme", Some(admin), &scopes).await;
    // The role system has no desks, so that nobody but the operator looks after them.
    let refused = admin.post("/desks", json!({"displayName": "x"})).await;
    let refused = refused.expect(403);
    assert_eq!(refused["rule"], "provisioners_only");
    let reader = ActsAs::Role("reporter");
    let reader = server.client("acme", Some(reader), &scopes).await;
    let refused = reader.post("/extensions", json!({"number": "1"})).await;
    let refused = refused.expect(403);
    assert_eq!(refused["rule"], "needs");
    assert_eq!(refused["instead"], json!(["Owner", "PBX Admin"]));
}

#[tokio::test]
async fn desks_are_looked_after_as_the_role_system_says() {
    const PBX_STATS: &str = include_str!("../../../../config/catalogues/pbx-stats.toml");
    let server = Server::start().await;
    let declared = declaration("desks", PBX_STATS).unwrap();
    let gateway = &server.gateway.gateway;
    let name = "desks".parse().unwrap();
    gateway.declare(&name, declared).await.unwrap();
    let scopes = ["directory:write"];
    for (role, expected) in [
        ("viewer", [403, 403, 403]),
        ("manager", [201, 200, 403]),
        ("administrator", [201, 200, 204]),
    ] {
        let operator = server
            .client("desks", Some(ActsAs::Operator), &scopes)
            .await;
        let made = operator.post("/desks", json!({"displayName": role})).await;
        let path = format!("/desks/{}", made.expect(201)["id"].as_str().unwrap());
        let client = server
            .client("desks", Some(ActsAs::Role(role)), &scopes)
            .await;
        let new = json!({"displayName": format!("{role}'s")});
        let statuses = [
            client.post("/desks", new).await.status,
            client
                .patch(&path, json!({"description": "x"}))
                .await
                .status,
            client.delete(&path).await.status,
        ];
        assert_eq!(statuses, expected, "{role}");
    }
}

#[tokio::test]
async fn an_extension_is_taken_from_nobody_whom_one_may_not_edit() {
    let server = Server::start().await;
    let all = server.all().await;
    let new = json!({"userName": "olga", "roles": ["owner"], "extensions": ["500"]});
    all.post("/users", new).await.expect(201);
    let found = all.get("/extensions?search=500").await.expect(200);
    let extension = &found["items"][0];
    assert_eq!(extension["holder"]["name"], "olga");
    let path = format!("/extensions/{}", extension["id"].as_str().unwrap());
    let scopes = ["directory:write"];
    let admin = ActsAs::Role("pbx_admin");
    let admin = server.client("acme", Some(admin), &scopes).await;
    let refused = admin.delete(&path).await.expect(403);
    assert_eq!(
        (&refused["rule"], &refused["instead"]),
        (&json!("manages"), &json!(["Owner"]))
    );
    let owner = server
        .client("acme", Some(ActsAs::Role("owner")), &scopes)
        .await;
    owner.delete(&path).await.expect(204);
    let left = all.get("/users?search=olga").await.expect(200);
    assert!(left["items"][0].get("extensions").is_none());
}

#[tokio::test]
async fn accounts_are_for_the_operator_to_change_and_hidden_from_people() {
    let server = Server::start().await;
    let all = server.all().await;
    all.user("olga", &["owner"]).await;
    let olga = server.settled("olga").await;
    let scopes = ["accounts:write"];
    let owner = server
        .client("acme", Some(ActsAs::Role("owner")), &scopes)
        .await;
    let mut told = 0;
    for (area, new, change, _) in areas().into_iter().skip(3) {
        let made = all.post(area, new.clone()).await.expect(201);
        let path = format!("{area}/{}", made["id"].as_str().unwrap());
        for client in [&olga, &owner] {
            client.post(area, new.clone()).await.expect(403);
            client.patch(&path, change.clone()).await.expect(403);
            client.delete(&path).await.expect(403);
            told += 3;
        }
        owner.get(&path).await.expect(200);
        for path in [area, &path, &format!("{path}/credentials")] {
            let refused = olga.get(path).await.expect(403);
            assert_eq!(refused["rule"], "operator_only");
        }
    }
    all.user("ben", &[]).await;
    let operator = server.gateway.operator("acme").unwrap();
    let filter = AuditFilter {
        refused: true,
        ..AuditFilter::default()
    };
    let page = operator.audit(0, 100, &filter).await.unwrap();
    assert_eq!(page.lines.len(), told, "every refusal of a change is told");
}

#[tokio::test]
async fn a_sip_secret_is_shown_once_and_only_if_it_was_made() {
    let server = Server::start().await;
    let all = server.all().await;
    let made = all.post("/extensions", json!({"number": "100"})).await;
    let path = format!("/extensions/{}", made.expect(201)["id"].as_str().unwrap());
    let secret = format!("{path}/sip-secret");
    let made = all.put(&secret, json!({})).await.expect(200);
    assert_eq!(made["secret"].as_str().unwrap().len(), 24);
    let given = all.put(&secret, json!({"secret": "given-elsewhere"})).await;
    assert_eq!(given.expect(200), json!({}));
    all.put(&secret, json!({"secret": "short"}))
        .await
        .problem(422, "invalid-value");
    let shown = all.get(&path).await.expect(200).to_string();
    assert!(!shown.contains("secret"), "{shown}");
    all.delete(&secret).await.expect(204);
    all.delete(&secret).await.problem(404, "not-found");
}
