//! Okta's specification test: its twelve requests.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use jackfield_gateway::administer::NewConnection;
use serde_json::{Value as Json, json};

use crate::server::Server;

fn new_user(name: &str) -> Json {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": true, "value": name, "type": "work"}],
        "displayName": "Test User",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    })
}

fn check_complete(user: &Json) {
    for text in [
        &user["id"],
        &user["name"]["familyName"],
        &user["name"]["givenName"],
        &user["userName"],
        &user["emails"][0]["value"],
    ] {
        assert!(text.is_string(), "{user}");
    }
    assert!(user["active"].is_boolean(), "{user}");
}

#[tokio::test]
async fn the_twelve_requests_are_answered_as_okta_expects() {
    let server = Server::start().await;
    // Okta's connection takes no passwords: those that it sends are random.
    let okta = NewConnection {
        name: "idp",
        kind: Some("okta"),
        takes_passwords: Some(false),
        ..NewConnection::default()
    };
    let operator = server.gateway.operator("acme").unwrap();
    operator.ensure_connection(okta).await.unwrap();
    let mut seeded = new_user("seeded@example.com");
    seeded["externalId"] = json!("00u0000000000seeded");
    server.post("/Users", seeded).await.expect(201);

    // 1 and 2: a list of one complete user, and that user.
    let list = server
        .get("/Users?count=1&startIndex=1")
        .await
        .expect(200)
        .body;
    assert_eq!(
        list["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"])
    );
    for number in ["itemsPerPage", "startIndex", "totalResults"] {
        assert!(list[number].is_u64(), "{list}");
    }
    check_complete(&list["Resources"][0]);
    let id = list["Resources"][0]["id"].as_str().unwrap();
    check_complete(&server.get(&format!("/Users/{id}")).await.expect(200).body);

    // 3 and 5: nobody of that name or address.
    for filter in [
        "userName eq \"abcdefgh@atko.com\"",
        "emails.value eq \"nobody@atko.com\"",
    ] {
        let none = server.find("/Users", filter).await.expect(200).body;
        assert_eq!(
            (&none["totalResults"], &none["Resources"]),
            (&json!(0), &json!([]))
        );
    }

    // 4 and 12: an id that is unknown, and one that is no id.
    for id in ["0193a1b2-0000-7000-8000-000000000001", "00919288221112222"] {
        server.get(&format!("/Users/{id}")).await.refused(404, None);
    }

    // 6, 7 and 8: made, read, and refused the second time.
    let name = "Runscope300@atko.com";
    let made = server.post("/Users", new_user(name)).await.expect(201);
    check_complete(&made.body);
    assert_eq!(made.body["active"], true);
    assert_eq!(made.body["userName"], name);
    assert_eq!(
        made.body["schemas"],
        json!(["urn:ietf:params:scim:schemas:core:2.0:User"])
    );
    assert_eq!(
        made.header("location"),
        made.body["meta"]["location"].as_str().unwrap()
    );
    let read = server
        .get(&format!("/Users/{}", made.id()))
        .await
        .expect(200);
    assert_eq!(read.body, made.body);
    server
        .post("/Users", new_user(name))
        .await
        .refused(409, Some("uniqueness"));

    // 9: found in capitals.
    let filter = format!("userName eq \"{}\"", name.to_ascii_uppercase());
    assert_eq!(
        server
            .find("/Users", &filter)
            .await
            .expect(200)
            .listed("id"),
        [made.id()]
    );

    // 10: groups.
    server.get("/Groups").await.expect(200);

    // 11: a wrong token.
    let request = Request::get("/scim/acme/v2/Users").header(AUTHORIZATION, "Bearer wrong");
    let refused = server
        .raw(request.body(Body::empty()).unwrap())
        .await
        .refused(401, None);
    assert!(refused.header("www-authenticate").starts_with("Bearer"));
}
