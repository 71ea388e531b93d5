//! Filters, order, paging and choice of attributes.

use serde_json::{Value as Json, json};

use crate::server::{ENTERPRISE, Server, encoded};

async fn people() -> Server {
    let server = Server::start().await;
    for body in [
        json!({
            "userName": "alice", "displayName": "Alice", "externalId": "X1", "title": "Guide",
            "emails": [{"value": "alice@work.example", "type": "work"}, {"value": "al@home.example", "type": "home"}],
            ENTERPRISE: {"department": "Sales"},
        }),
        json!({
            "userName": "bob", "displayName": "bob", "externalId": "x1", "active": false,
            "emails": [{"value": "bob@work.example", "type": "work", "primary": true}],
        }),
        json!({"userName": "carol", "displayName": "Carol \"C\"", "title": "guide"}),
    ] {
        server.post("/Users", body).await.expect(201);
    }
    server.group("team", &[]).await;
    server
}

#[tokio::test]
async fn filters_find_whom_they_describe() {
    let server = people().await;
    let everybody = ["alice", "bob", "carol"];
    let department = format!("{ENTERPRISE}:department eq \"sales\"");
    for (filter, expected) in [
        ("userName eq \"ALICE\"", ["alice"].as_slice()),
        ("USERNAME Eq \"alice\"", &["alice"]),
        (
            "urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"bob\"",
            &["bob"],
        ),
        (&department, &["alice"]),
        ("externalId eq \"X1\"", &["alice"]),
        ("emails.value co \"@work\"", &["alice", "bob"]),
        ("emails eq \"bob@work.example\"", &["bob"]),
        ("emails[type eq \"work\" and value sw \"al\"]", &["alice"]),
        (
            "emails[type eq \"home\"].value eq \"alice@work.example\"",
            &[],
        ),
        (
            "emails[type eq \"work\"].value eq \"alice@work.example\"",
            &["alice"],
        ),
        (
            "emails.type eq \"home\" and emails.value eq \"alice@work.example\"",
            &["alice"],
        ),
        ("emails.value ne \"alice@work.example\"", &everybody),
        (
            "not (emails.value eq \"alice@work.example\")",
            &["bob", "carol"],
        ),
        ("title pr", &["alice", "carol"]),
        ("title eq null", &["bob"]),
        (
            "title eq \"guide\" and not (userName eq \"alice\")",
            &["carol"],
        ),
        (
            "userName eq \"alice\" or userName eq \"bob\" and active eq true",
            &["alice"],
        ),
        (
            "(userName eq \"alice\" or userName eq \"bob\") and active eq false",
            &["bob"],
        ),
        ("active eq \"False\"", &["bob"]),
        ("displayName ew \"\\\"c\\\"\"", &["carol"]),
        ("userName gt \"alice\" and userName le \"bob\"", &["bob"]),
        ("meta.created gt \"2020-01-01T00:00:00Z\"", &everybody),
        ("meta.lastModified lt \"2020-01-01T00:00:00+02:00\"", &[]),
        ("meta.resourceType eq \"User\"", &everybody),
        ("meta[resourceType eq \"User\"]", &everybody),
        ("meta[resourceType eq \"User\" and version eq \"W/0\"]", &[]),
        ("meta.location pr", &everybody),
        ("meta[location pr]", &everybody),
        ("meta.location eq null", &[]),
        ("manager.$ref pr", &[]),
        (
            "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
            &["alice"],
        ),
        ("id eq \"no-id\"", &[]),
    ] {
        let found = server.find("/Users", filter).await.expect(200);
        let mut names = found.listed("userName");
        names.sort_unstable();
        assert_eq!(names, expected, "{filter}");
        assert_eq!(found.body["totalResults"], expected.len(), "{filter}");
    }
}

#[tokio::test]
async fn what_only_answers_have_is_found_as_they_show_it() {
    let server = Server::start().await;
    let id = server.user("dora").await;
    server.group("team", &[&id]).await;
    let body = json!({"userName": "erin", ENTERPRISE: {"manager": {"value": id}}});
    server.post("/Users", body).await.expect(201);
    let dora = server.get(&format!("/Users/{id}")).await.expect(200);
    let version = dora.body["meta"]["version"].as_str().unwrap();
    let location = dora.body["meta"]["location"].as_str().unwrap();
    let elsewhere = format!("https://evil.example/Groups/{id}");
    let is_version = json!(version);
    for (endpoint, filter, expected) in [
        (
            "/Users",
            format!("meta.version eq {is_version} and id eq \"{id}\""),
            1,
        ),
        (
            "/Users",
            format!("meta[version ne {is_version}] and id eq \"{id}\""),
            0,
        ),
        ("/Users", format!("meta.location eq \"{location}\""), 1),
        ("/Users", format!("meta.location ne \"{location}\""), 1),
        ("/Users", format!("meta.location eq \"{elsewhere}\""), 0),
        ("/Users", format!("manager.$ref eq \"{location}\""), 1),
        ("/Users", format!("manager.$ref eq \"{elsewhere}\""), 0),
        ("/Users", "manager.$ref pr".to_owned(), 1),
        ("/Users", "manager[$ref pr]".to_owned(), 1),
        ("/Users", "groups.$ref pr".to_owned(), 2),
        ("/Users", "groups[$ref pr]".to_owned(), 2),
        (
            "/Groups",
            "displayName eq \"team\" and members.$ref pr".to_owned(),
            1,
        ),
        (
            "/Groups",
            "displayName eq \"team\" and members[$ref pr]".to_owned(),
            1,
        ),
        (
            "/Groups",
            "displayName eq \"team\" and members.$ref eq null".to_owned(),
            0,
        ),
    ] {
        let found = server.find(endpoint, &filter).await.expect(200);
        assert_eq!(found.body["totalResults"], expected, "{filter}");
    }
}

#[tokio::test]
async fn what_is_not_understood_is_never_answered_with_an_empty_list() {
    let server = people().await;
    for filter in [
        "shoeSize eq 44",
        "userName is \"alice\"",
        "userName eq alice",
        "userName eq \"alice\" and",
        "active gt true",
        "emails[value eq \"x\"",
        "password eq \"x\"",
        &"(".repeat(10_000),
    ] {
        server
            .find("/Users", filter)
            .await
            .refused(400, Some("invalidFilter"));
    }
    server
        .get("/Users?sortBy=shoeSize")
        .await
        .refused(400, Some("invalidPath"));
    server
        .get("/Users?sortBy=title&sortOrder=up")
        .await
        .refused(400, Some("invalidValue"));
    server
        .get("/Users?count=many")
        .await
        .refused(400, Some("invalidValue"));
    server
        .get("/Users?aadOptscim062020&x=%FF")
        .await
        .expect(200);
}

#[tokio::test]
async fn pages_are_cut_as_rfc_7644_says() {
    let server = people().await;
    for (query, start, names) in [
        ("", 1, ["alice", "bob", "carol"].as_slice()),
        ("?count=2", 1, &["alice", "bob"]),
        ("?startIndex=3&count=2", 3, &["carol"]),
        ("?startIndex=0&count=1", 1, &["alice"]),
        ("?startIndex=-5&count=1", 1, &["alice"]),
        ("?startIndex=9", 9, &[]),
        (
            "?startIndex=9223372036854775807&count=9223372036854775807",
            i64::MAX,
            &[],
        ),
        ("?count=0", 1, &[]),
        ("?count=-1", 1, &[]),
    ] {
        let page = server.get(&format!("/Users{query}")).await.expect(200);
        assert_eq!(page.listed("userName"), names, "{query}");
        assert_eq!(page.body["totalResults"], 3, "{query}");
        assert_eq!(page.body["itemsPerPage"], names.len(), "{query}");
        assert_eq!(page.body["startIndex"], start, "{query}");
    }
}

#[tokio::test]
async fn order_is_by_value_and_those_without_one_come_last() {
    let server = people().await;
    for (query, names) in [
        ("sortBy=displayName", ["alice", "bob", "carol"]),
        (
            "sortBy=displayName&sortOrder=Descending",
            ["carol", "bob", "alice"],
        ),
        ("sortBy=emails", ["alice", "bob", "carol"]),
        (
            "sortBy=emails.value&sortOrder=descending",
            ["carol", "bob", "alice"],
        ),
        ("sortBy=title", ["alice", "carol", "bob"]),
        (
            "sortBy=meta.created&sortOrder=descending",
            ["carol", "bob", "alice"],
        ),
    ] {
        let sorted = server.get(&format!("/Users?{query}")).await.expect(200);
        assert_eq!(sorted.listed("userName"), names, "{query}");
    }
}

#[tokio::test]
async fn answers_have_the_attributes_that_were_asked_for() {
    let server = people().await;
    let keys = |resource: &Json| -> Vec<String> {
        resource.as_object().unwrap().keys().cloned().collect()
    };
    for (query, expected) in [
        (
            "attributes=userName",
            ["id", "schemas", "userName"].as_slice(),
        ),
        (
            "attributes=USERNAME,emails.value",
            &["emails", "id", "schemas", "userName"],
        ),
        ("attributes=id", &["id", "schemas"]),
        ("attributes=shoeSize,password", &["id", "schemas"]),
        (
            &format!("attributes={ENTERPRISE}:department"),
            &["id", "schemas", ENTERPRISE],
        ),
        (
            &format!("attributes={ENTERPRISE}"),
            &["id", "schemas", ENTERPRISE],
        ),
        (
            "attributes=title,userName&excludedAttributes=title",
            &["id", "schemas", "userName"],
        ),
        (
            &format!(
                "excludedAttributes=emails,id,meta,groups,roles,active,name,displayName,externalId,{ENTERPRISE}"
            ),
            &["id", "schemas", "title", "userName"],
        ),
    ] {
        let list = server
            .get(&format!("/Users?{query}"))
            .await
            .expect(200)
            .body;
        assert_eq!(keys(&list["Resources"][0]), expected, "{query}");
    }
    let part = server.get("/Users?attributes=emails.type").await.body;
    assert_eq!(part["Resources"][0]["emails"][0], json!({"type": "work"}));
    let made = server
        .post("/Users?attributes=userName", json!({"userName": "dan"}))
        .await
        .expect(201);
    assert_eq!(keys(&made.body), ["id", "schemas", "userName"]);
}

#[tokio::test]
async fn a_search_by_post_asks_as_a_query_does() {
    let server = people().await;
    let request = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "title pr", "sortBy": "userName", "sortOrder": "descending",
        "startIndex": 1, "count": 1, "attributes": ["userName"],
    });
    let found = server.post("/Users/.search", request).await.expect(200);
    assert_eq!(found.listed("userName"), ["carol"]);
    assert_eq!(
        (&found.body["totalResults"], &found.body["itemsPerPage"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(found.body["Resources"][0].get("title"), None);
    for body in [json!([]), json!({"schemas": ["urn:x"]})] {
        server
            .post("/.search", body)
            .await
            .refused(400, Some("invalidSyntax"));
    }
    server
        .post("/.search", json!({"filter": 7}))
        .await
        .refused(400, Some("invalidValue"));
}

#[tokio::test]
async fn the_root_searches_all_types() {
    let server = people().await;
    let filter = "userName eq \"alice\" or displayName eq \"team\"";
    let body = json!({"filter": filter});
    let encoded = encoded(filter);
    let answers = [
        server.post("/.search", body).await,
        server.get(&format!("?filter={encoded}")).await,
        server.get(&format!("/?filter={encoded}")).await,
    ];
    for found in answers {
        let found = found.expect(200).body;
        let types: Vec<&Json> = found["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| &r["meta"]["resourceType"])
            .collect();
        assert_eq!(types, ["User", "Group"]);
    }
    let absent = server
        .post("/.search", json!({"filter": "shoeSize pr"}))
        .await
        .expect(200)
        .body;
    assert_eq!(absent["totalResults"], 0);
}

#[tokio::test]
async fn an_empty_list_of_attributes_says_nothing() {
    let server = people().await;
    let id = server.find("/Users", "userName eq \"alice\"").await.body["Resources"][0].clone();
    let path = format!("/Users/{}", id["id"].as_str().unwrap());
    let whole = server.get(&path).await.expect(200).body;
    for list in [
        "attributes=",
        "attributes=%20",
        "attributes=&excludedAttributes=",
    ] {
        let one = server.get(&format!("{path}?{list}")).await;
        assert_eq!(one.expect(200).body, whole, "{list}");
        let listed = server
            .get(&format!("/Users?filter=userName+eq+%22alice%22&{list}"))
            .await;
        assert_eq!(
            listed.expect(200).body["Resources"],
            json!([whole]),
            "{list}"
        );
    }
}
