//! An independent reader of SCIM reads what we write, and writes it back equal.
//!
//! Its known limits: of locales, time zones and certificates it knows too few to read ours, and a
//! member must have its name.

use scim_proto::ScimEntry;
use scim_proto::group::Group;
use scim_proto::user::User;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::server::Server;

fn read_back<T: DeserializeOwned + Serialize>(resource: &Json) -> Json {
    let read: T = serde_json::from_value(resource.clone()).unwrap();
    serde_json::to_value(read).unwrap()
}

/// Its times keep no trailing zeros.
fn with_its_times(resource: &Json) -> Json {
    let mut resource = resource.clone();
    for name in ["created", "lastModified"] {
        let text = resource["meta"][name]
            .as_str()
            .unwrap()
            .trim_end_matches('Z');
        let text = text.trim_end_matches('0').trim_end_matches('.');
        resource["meta"][name] = json!(format!("{text}Z"));
    }
    resource
}

#[tokio::test]
async fn users_and_groups_read_back_equal() {
    let server = Server::start().await;
    let least = server
        .post("/Users", json!({"userName": "least"}))
        .await
        .expect(201);
    let full = json!({
        "userName": "full", "externalId": "x", "displayName": "F", "nickName": "f",
        "name": {"formatted": "F F", "familyName": "F", "givenName": "F", "middleName": "M",
                 "honorificPrefix": "Dr.", "honorificSuffix": "II"},
        "profileUrl": "https://example.com/f", "title": "T", "userType": "Employee", "locale": "en-US",
        "preferredLanguage": "de", "timezone": "America/Los_Angeles", "active": false,
        "emails": [{"value": "f@example.com", "type": "work", "primary": true, "display": "f"}],
        "phoneNumbers": [{"value": "+1", "type": "mobile"}],
        "ims": [{"value": "f", "type": "xmpp"}],
        "photos": [{"value": "https://example.com/f.png", "type": "photo"}],
        "addresses": [{"formatted": "a", "streetAddress": "s", "locality": "l", "region": "r",
                       "postalCode": "p", "country": "DE", "type": "work"}],
        "roles": [{"value": "tango"}],
    });
    let full = server.post("/Users", full).await.expect(201);
    let group = server.group("g", &[&least.id(), &full.id()]).await;
    let holder = server
        .get(&format!("/Users/{}", least.id()))
        .await
        .expect(200);
    for user in [&least.body, &full.body, &holder.body] {
        assert_eq!(read_back::<User>(user), with_its_times(user));
        assert_eq!(read_back::<ScimEntry>(user)["userName"], user["userName"]);
    }
    let path = format!(
        "/Groups/{group}?attributes=displayName,meta,members.value,members.$ref,members.display"
    );
    let group = server.get(&path).await.expect(200).body;
    assert_eq!(read_back::<Group>(&group), with_its_times(&group));
}
