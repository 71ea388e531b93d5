//! Attributes of a tenant's own: from an edit of its file to both protocols.

use std::fs;

use jackfield_tests::scim::{self, Client};
use jackfield_tests::tools::Tools;
use jackfield_tests::{Home, Server, wait};
use serde_json::json;

const HR: &str = "urn:acme:params:scim:schemas:hr:2.0:User";

const SCHEMA: &str = r#"
[schema.hr]
urn = "urn:acme:params:scim:schemas:hr:2.0:User"
extends = "user"

[schema.hr.attribute.badgeNumber]
unique = true
ldap = "acmeBadgeNumber"
read = "administrators"

[schema.hr.attribute.floor]
type = "integer"
index = "exact"
ldap = "acmeFloor"
read = "phone-book"
"#;

const MORE: &str = r#"
[schema.hr.attribute.zodiac]
ldap = "acmeZodiac"
"#;

/// Adds to the tenant's file, and has the server read it.
fn add(server: &Server, text: &str) {
    let file = server.home().tenant_file();
    let before = fs::read_to_string(&file).unwrap();
    fs::write(file, before + text).unwrap();
    server.signal("HUP").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_the_file_adds_attributes_to_both_protocols_at_once() {
    let server = Home::new().unwrap().serve().unwrap();
    let access = server.bootstrap().unwrap();
    let (client, tools) = (Client::new(&access.scim), Tools::new(&access.ldap));
    let schema = format!("/Schemas/{HR}");
    assert_eq!(client.get(&schema).await.unwrap().status, 404);

    add(&server, SCHEMA);
    let published = || {
        tools.search_at(
            "cn=subschema",
            &["-s", "base", "(objectClass=*)", "attributeTypes"],
        )
    };
    wait::until(|| {
        let text = published().unwrap().stdout;
        text.contains("'acmeFloor'").then_some(())
    })
    .expect("the attributes are in the subschema");
    client.get(&schema).await.unwrap().expect(200);

    let mut ids = Vec::new();
    for (name, badge, floor) in [("ada", "B-1", 3), ("bea", "B-2", 12)] {
        let mut body = scim::user(name, name, "Doe");
        body[HR] = json!({"badgeNumber": badge, "floor": floor});
        let made = client.post("/Users", &body).await.unwrap().expect(201);
        assert_eq!(made[HR], body[HR]);
        ids.push(scim::id(&made));
    }
    let mut twin = scim::user("twin", "Twin", "Doe");
    twin[HR] = json!({"badgeNumber": "b-1"});
    let refused = client.post("/Users", &twin).await.unwrap();
    assert_eq!(refused.expect_error(409).as_deref(), Some("uniqueness"));

    let found = client
        .find("/Users", &format!("{HR}:floor gt 9"))
        .await
        .unwrap();
    let found = found.expect(200);
    assert_eq!(
        (&found["totalResults"], &found["Resources"][0]["userName"]),
        (&json!(1), &json!("bea"))
    );
    let operation = json!([{"op": "replace", "path": format!("{HR}:floor"), "value": 20}]);
    let path = format!("/Users/{}", ids[0]);
    let patched = client.patch(&path, operation).await.unwrap().expect(200);
    assert_eq!(patched[HR], json!({"badgeNumber": "B-1", "floor": 20}));
    let sorted = format!("/Users?sortBy={HR}:floor&filter={HR}:floor%20pr");
    let sorted = client.get(&sorted).await.unwrap().expect(200);
    let names: Vec<_> = (0..2)
        .map(|at| sorted["Resources"][at]["userName"].as_str())
        .collect();
    assert_eq!(names, [Some("bea"), Some("ada")]);

    let found = tools
        .search(&["(acmeBadgeNumber=b-1)", "acmeBadgeNumber", "acmeFloor"])
        .unwrap()
        .expect(0);
    assert_eq!(
        (found.values("acmeBadgeNumber"), found.values("acmeFloor")),
        (vec!["B-1"], vec!["20"])
    );
    let found = tools
        .search(&["(&(acmeFloor>=1)(acmeFloor<=12))", "uid"])
        .unwrap()
        .expect(0);
    assert_eq!(found.values("uid"), ["bea"]);
    let dn = format!("uid=bea,ou=people,{}", access.ldap.base);
    assert_eq!(tools.compare(&dn, "acmeBadgeNumber:B-2").unwrap().code, 6);

    add(&server, MORE);
    wait::until(|| {
        published()
            .unwrap()
            .stdout
            .contains("'acmeZodiac'")
            .then_some(())
    })
    .expect("one more");
    let operation = json!([{"op": "add", "path": format!("{HR}:zodiac"), "value": "Leo"}]);
    client.patch(&path, operation).await.unwrap().expect(200);
    let found = tools
        .search(&["(acmeZodiac=LEO)", "uid"])
        .unwrap()
        .expect(0);
    assert_eq!(found.values("uid"), ["ada"]);
}
