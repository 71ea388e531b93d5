//! Roles: what there is, and defining one's own.

use axum::http::Method;
use jackfield_gateway::Command;
use jackfield_gateway::api_token::ActsAs;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Kind};
use serde_json::json;

use crate::server::{ALL, Server};

#[tokio::test]
async fn every_role_is_listed_with_what_it_permits() {
    let server = Server::start().await;
    let all = server.all().await;
    all.user("anna", &["owner"]).await;
    let page = all.get("/roles").await.expect(200);
    let items = page["items"].as_array().unwrap();
    let keys: Vec<&str> = items
        .iter()
        .map(|role| role["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["owner", "pbx_admin", "pbx_user", "reporter"]);
    assert_eq!(items[0]["defined"], "built-in");
    assert_eq!(items[0]["holders"], 1);
    let permissions = items[2]["permissions"].as_array().unwrap();
    assert!(permissions.contains(&json!("reports:view:own")));
    let members = all.get("/roles/owner/members").await.expect(200);
    assert_eq!(members["items"][0]["userName"], "anna");
    all.get("/roles/king").await.problem(404, "not-found");
    all.get("/roles/king/members")
        .await
        .problem(404, "not-found");
    let built_in = json!({"title": "King"});
    all.put("/roles/owner", built_in)
        .await
        .problem(403, "forbidden");
    let reviewed = all.post("/roles/owner/review", json!({})).await.expect(200);
    assert_eq!(reviewed["changed"], true);
    assert!(all.get("/roles/owner").await.expect(200)["reviewed"].is_string());
}

#[tokio::test]
async fn a_custom_role_is_made_changed_and_deleted() {
    let server = Server::start().await;
    let all = server.client("harbor", Some(ActsAs::Operator), &ALL).await;
    let templates = all.get("/role-templates").await.expect(200);
    let template = templates["items"][0]["key"].as_str().unwrap().to_owned();
    let body = json!({"key": "copy", "template": template});
    let made = all.post("/roles", body).await.expect(201);
    assert_eq!(
        made["role"]["definition"],
        templates["items"][0]["definition"]
    );
    assert_eq!(made["role"]["defined"], "run-time");

    let night = json!({"title": "Night", "permissions": ["fax:view"]});
    let body = json!({"key": "night", "definition": night});
    let answer = all.post("/roles", body.clone()).await;
    assert_eq!(answer.headers["location"], "/api/v1/harbor/roles/night");
    assert!(answer.headers.contains_key("etag"));
    answer.expect(201);
    all.post("/roles", body).await.problem(409, "taken");
    let user = all
        .post("/users", json!({"userName": "nina", "roles": ["night"]}))
        .await;
    let nina = format!("/users/{}", user.expect(201)["id"].as_str().unwrap());
    let permissions = format!("{nina}/permissions?limit=500");
    let held = all.get(&permissions).await.expect(200);
    let fax = |role: &str| json!({"permission": format!("fax:{role}"), "roles": ["night"]});
    assert!(held["items"].as_array().unwrap().contains(&fax("view")));

    let edited = json!({"title": "Night", "permissions": ["fax:view", "fax:edit"]});
    let stale = [("if-match", "W/\"1-0\"")];
    let answer = all
        .ask(Method::PUT, "/roles/night", &stale, Some(edited.clone()))
        .await;
    answer.problem(412, "changed");
    // Its members belong to it, as to every group: who gets it changes its version.
    let current = all.get("/roles/night").await;
    let fresh = [("if-match", current.headers["etag"].to_str().unwrap())];
    let answer = all
        .ask(Method::PUT, "/roles/night", &fresh, Some(edited))
        .await;
    assert_eq!(answer.expect(200)["changed"], true);
    let held = all.get(&permissions).await.expect(200);
    assert!(held["items"].as_array().unwrap().contains(&fax("edit")));
    let blank = all
        .put("/roles/night", json!({"title": "Night"}))
        .await
        .expect(200);
    assert_eq!(blank["warnings"].as_array().unwrap().len(), 1);

    all.delete("/roles/night").await.expect(204);
    all.get("/roles/night").await.problem(404, "not-found");
    let shown = all.get(&nina).await.expect(200);
    assert_eq!(shown["roles"][0]["baseline"], true);
}

#[tokio::test]
async fn a_role_that_is_none_says_where_it_is_wrong() {
    let server = Server::start().await;
    let all = server.client("harbor", Some(ActsAs::Operator), &ALL).await;
    for (body, status, kind) in [
        (json!({"key": "x"}), 422, "invalid-value"),
        (json!({"key": "x", "template": "x"}), 422, "invalid-value"),
        (
            json!({"key": "X", "definition": {"title": "X"}}),
            422,
            "invalid-value",
        ),
        (
            json!({"key": "x", "definition": {"title": "X", "permissions": ["a:b"]}}),
            422,
            "invalid-value",
        ),
        (
            json!({"key": "x", "definition": {"title": "X", "colour": 1}}),
            400,
            "invalid-body",
        ),
        (json!({"definition": {"title": "X"}}), 400, "invalid-body"),
    ] {
        let answer = all.post("/roles", body.clone()).await;
        let detail = answer.problem(status, kind);
        assert!(!detail.is_empty());
    }
}

#[tokio::test]
async fn a_preview_says_who_would_gain_and_lose_what_and_changes_nothing() {
    let server = Server::start().await;
    let all = server.all().await;
    let uma = all.user("uma", &[]).await;
    let id = uma.rsplit('/').next().unwrap();
    let operator = server.gateway.operator("acme").unwrap();
    let group = Attributes::new().with(attr::DISPLAY_NAME, "Telecom");
    let member = Attributes::new().with(attr::MEMBERS_VALUE, id);
    let attributes = group.with(attr::MEMBERS, member);
    let kind = Kind::Group;
    operator
        .write(Command::Create { kind, attributes })
        .await
        .unwrap();
    let rule = json!({"name": "telecom", "group": "telecom", "roles": ["pbx_admin"]});
    let body = json!({"rules": [rule]});
    let shifts = all.post("/role-preview", body).await.expect(200);
    assert_eq!(
        shifts["items"],
        json!([{
            "id": id, "userName": "uma", "before": ["PBX User"], "after": ["PBX Admin"],
            "retained": false,
        }])
    );
    let now = all.get(&uma).await.expect(200);
    assert_eq!(now["roles"][0]["key"], "pbx_user");
    for rule in [
        json!({"name": "x", "group": "telecom", "roles": ["king"]}),
        json!({"name": "x", "roles": ["owner"]}),
        json!({"name": "x", "group": "a", "groupId": "b", "roles": ["owner"]}),
    ] {
        let body = json!({"rules": [rule]});
        all.post("/role-preview", body)
            .await
            .problem(422, "invalid-value");
    }
    let reader = server.client("acme", None, &["users:read"]).await;
    reader
        .post("/role-preview", json!({"rules": []}))
        .await
        .problem(403, "forbidden");
}
