//! Groups of many members: what is read and answered costs no more than what changes.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use http_body_util::BodyExt as _;
use jackfield_gateway::{Command, Precondition};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, Value};
use serde_json::{Value as Json, json};

use crate::server::{BASE, Server};

const MANY: usize = 1_200;

/// A group of many members; gives its id and theirs.
async fn crowd(server: &Server) -> (String, Vec<String>) {
    let session = server.session();
    let users = (0..MANY).map(|n| Command::Create {
        kind: Kind::User,
        attributes: Attributes::new().with(attr::USER_NAME, format!("u{n:04}").as_str()),
    });
    let made = session.write_all(users.collect(), 1).await.unwrap();
    let ids: Vec<Id> = made
        .into_iter()
        .map(|made| made.unwrap().id.unwrap())
        .collect();
    let group = server.group("crowd", &[]).await;
    let member = |id: &Id| -> Value {
        let id = id.to_string();
        Attributes::new()
            .with(attr::MEMBERS_VALUE, id.as_str())
            .into()
    };
    let path = Path::of(attr::MEMBERS, None);
    let add = PatchOp::new(PatchKind::Add, path, ids.iter().map(member).collect());
    let patch = Command::Patch {
        id: Id::parse(&group).unwrap(),
        kind: Kind::Group,
        ops: vec![add],
        expect: Precondition::None,
    };
    session.write(patch).await.unwrap();
    (group, ids.iter().map(Id::to_string).collect())
}

fn members(group: &Json) -> Vec<&str> {
    let members = group["members"].as_array().unwrap();
    members
        .iter()
        .map(|member| member["value"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_large_group_is_written_in_pieces_and_is_whole() {
    let server = Server::start().await;
    let (group, ids) = crowd(&server).await;
    let path = format!("/Groups/{group}");
    let request = Request::get(format!("/scim/acme/v2{path}"))
        .header(AUTHORIZATION, format!("Bearer {}", server.token))
        .header("host", "pbx.example.com")
        .body(Body::empty())
        .unwrap();
    let mut body = server.respond(request).await.into_body();
    let mut pieces = Vec::new();
    while let Some(piece) = body.frame().await {
        pieces.push(piece.unwrap().into_data().unwrap());
    }
    assert!(pieces.len() > 3, "{} pieces", pieces.len());
    assert!(pieces.iter().all(|piece| piece.len() < 80 << 10));
    let whole: Json = serde_json::from_slice(&pieces.concat()).unwrap();
    assert_eq!(members(&whole), ids);
    assert_eq!(
        whole["members"][0]["$ref"],
        format!("{}/Users/{}", BASE.replace("https", "http"), ids[0])
    );
    assert_eq!(whole["members"][0]["type"], "User");

    let listed = server
        .get("/Groups?filter=displayName%20eq%20%22crowd%22")
        .await
        .expect(200);
    assert_eq!(members(&listed.body["Resources"][0]), ids);
    let shown = server
        .get(&format!("{path}?attributes=members.value"))
        .await
        .expect(200);
    assert_eq!(shown.body["members"][7], json!({"value": ids[7]}));
    let display = server
        .get(&format!("{path}?attributes=members.display"))
        .await
        .expect(200);
    assert_eq!(display.body["members"].as_array().unwrap().len(), MANY);
}

#[tokio::test]
async fn what_leaves_members_out_has_none() {
    let server = Server::start().await;
    let (group, _) = crowd(&server).await;
    for query in ["excludedAttributes=members", "attributes=displayName"] {
        for path in [
            format!("/Groups/{group}?{query}"),
            format!("/Groups?{query}"),
        ] {
            let answer = server.get(&path).await.expect(200);
            assert!(
                !answer.text.contains("members") && answer.text.contains("crowd"),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn writes_to_a_large_group_are_answered_without_its_members() {
    let server = Server::start().await;
    let (group, ids) = crowd(&server).await;
    let path = format!("/Groups/{group}");
    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", ids[0])}]);
    let answer = server.patch(&path, remove).await.expect(204);
    assert!(answer.text.is_empty());
    assert_eq!(
        answer.header("etag"),
        server.get(&path).await.header("etag")
    );
    assert_eq!(answer.header("location"), format!("{BASE}{path}"));

    let rename = json!([{"op": "replace", "path": "displayName", "value": "host"}]);
    let answer = server
        .patch(&format!("{path}?attributes=displayName"), rename)
        .await
        .expect(200);
    assert_eq!(answer.body["displayName"], "host");

    let kept = server
        .put(&path, json!({"displayName": "band"}))
        .await
        .expect(200);
    assert_eq!(
        (&kept.body["displayName"], kept.body.get("members")),
        (&json!("band"), None)
    );
    let asked = server
        .put(
            &format!("{path}?attributes=members"),
            json!({"displayName": "band"}),
        )
        .await;
    assert_eq!(members(&asked.expect(200).body), ids[1..]);
}

#[tokio::test]
async fn one_member_of_a_large_group_is_looked_up() {
    let server = Server::start().await;
    let (group, ids) = crowd(&server).await;
    let other = server.user("other").await;
    for (filter, member, expected) in [
        ("id eq \"G\" and members eq \"M\"", &ids[5], 1),
        ("id eq \"G\" and members[value eq \"M\"]", &ids[5], 1),
        ("id eq \"G\" and members.value eq \"M\"", &ids[5], 1),
        (
            "id eq \"G\" and members[value eq \"M\" and type eq \"User\"]",
            &ids[5],
            1,
        ),
        (
            "id eq \"G\" and members[value eq \"M\" and type eq \"Group\"]",
            &ids[5],
            0,
        ),
        (
            "members[value eq \"M\"] and displayName eq \"crowd\"",
            &ids[5],
            1,
        ),
        ("members eq \"M\" and displayName eq \"crowd\"", &other, 0),
        ("id eq \"G\" and members[value eq \"M\"]", &other, 0),
        (
            "id eq \"G\" and members[value eq \"M\" and type eq \"User\"]",
            &other,
            0,
        ),
    ] {
        let filter = filter
            .replace('G', &group)
            .replace(&format!("eq \"{group}roup\""), "eq \"Group\"")
            .replace('M', member);
        let answer = server.find("/Groups", &filter).await.expect(200);
        assert_eq!(answer.body["totalResults"], expected, "{filter}");
    }
}
