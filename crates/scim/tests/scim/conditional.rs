//! ETags and conditional requests.

use std::collections::HashSet;
use std::sync::Arc;

use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use jackfield_gateway::administer::NewConnection;
use serde_json::json;
use tokio::task::JoinSet;

use crate::server::{Answer, PATCH_OP, Server};

#[tokio::test]
async fn a_write_for_another_version_is_refused() {
    let server = Server::start().await;
    let path = format!("/Users/{}", server.user("alice").await);
    let old = server.get(&path).await.header("etag").to_owned();
    let title = |text: &str| Some(json!({"userName": "alice", "title": text}));
    let new = server
        .send_with("PUT", &path, title("A"), &[(IF_MATCH, &old)])
        .await
        .expect(200);
    assert_ne!(new.header("etag"), old);
    assert_eq!(new.body["meta"]["version"], new.header("etag"));

    let patch = json!({"Operations": [{"op": "replace", "path": "title", "value": "B"}]});
    for (method, body) in [
        ("PUT", title("B")),
        ("PATCH", Some(patch)),
        ("DELETE", None),
    ] {
        for tag in [old.as_str(), "W/\"other\""] {
            let refused = server
                .send_with(method, &path, body.clone(), &[(IF_MATCH, tag)])
                .await;
            refused.refused(412, None);
        }
    }
    let current = format!("{old}, {}", new.header("etag"));
    server
        .send_with("PUT", &path, title("C"), &[(IF_MATCH, &current)])
        .await
        .expect(200);
    server
        .send_with("DELETE", &path, None, &[(IF_MATCH, "*")])
        .await
        .expect(204);
    server
        .send_with("DELETE", &path, None, &[(IF_MATCH, "*")])
        .await
        .refused(404, None);
}

#[tokio::test]
async fn a_version_that_the_client_has_is_not_sent_again() {
    let server = Server::start().await;
    let path = format!("/Users/{}", server.user("alice").await);
    let tag = server.get(&path).await.header("etag").to_owned();
    let same = server
        .send_with("GET", &path, None, &[(IF_NONE_MATCH, &tag)])
        .await
        .expect(304);
    assert_eq!(
        (same.text.as_str(), same.header("etag")),
        ("", tag.as_str())
    );
    server
        .send_with("GET", &path, None, &[(IF_NONE_MATCH, "W/\"0\"")])
        .await
        .expect(200);
}

/// DESIGN: a 304 says that nothing of the answer has changed.
#[tokio::test]
async fn what_changes_without_the_version_is_always_sent() {
    let server = Server::start().await;
    let alice = server.user("alice").await;
    let group = server
        .post(
            "/Groups",
            json!({"displayName": "Staff", "members": [{"value": alice}]}),
        )
        .await
        .expect(201);
    let roles = server
        .get("/Groups?filter=displayName%20eq%20%22PBX%20User%22")
        .await
        .expect(200);
    let role = roles.body["Resources"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for (path, status) in [
        (format!("/Groups/{}", group.id()), 304),
        (format!("/Groups/{}?attributes=members", group.id()), 304),
        (
            format!("/Groups/{}?attributes=members.display", group.id()),
            200,
        ),
        (format!("/Groups/{role}"), 200),
        (format!("/Groups/{role}?excludedAttributes=members"), 304),
        (format!("/Users/{alice}"), 304),
        (format!("/Users/{alice}?attributes=entitlements"), 200),
    ] {
        let tag = server
            .get(&path)
            .await
            .expect(200)
            .header("etag")
            .to_owned();
        let again = server
            .send_with("GET", &path, None, &[(IF_NONE_MATCH, &tag)])
            .await;
        assert_eq!(again.status, status, "{path}");
    }
}

#[tokio::test]
async fn each_condition_is_obeyed_by_each_method() {
    let server = Server::start().await;
    let path = format!("/Users/{}", server.user("alice").await);
    let put = || Some(json!({"userName": "alice"}));
    let patch = json!({"Operations": [{"op": "replace", "path": "title", "value": "B"}]});
    let current = server.get(&path).await.header("etag").to_owned();
    for tag in [current.as_str(), "*"] {
        for (method, body) in [
            ("PUT", put()),
            ("PATCH", Some(patch.clone())),
            ("DELETE", None),
        ] {
            let headers = [(IF_NONE_MATCH, tag)];
            let refused = server.send_with(method, &path, body, &headers).await;
            refused.refused(412, None);
        }
    }
    for (tag, status) in [("W/\"0\"", 412), (&current, 200), ("*", 200)] {
        for method in ["GET", "HEAD"] {
            let headers = [(IF_MATCH, tag)];
            server
                .send_with(method, &path, None, &headers)
                .await
                .expect(status);
        }
    }
    let both = [(IF_MATCH, current.as_str()), (IF_NONE_MATCH, "W/\"0\"")];
    server
        .send_with("PUT", &path, put(), &both)
        .await
        .expect(200);
    let gone = "/Users/00000000-0000-0000-0000-000000000000";
    server
        .send_with("PUT", gone, put(), &[(IF_NONE_MATCH, "*")])
        .await
        .refused(404, None);
}

#[tokio::test]
async fn joining_a_group_is_news_but_no_change_of_the_user() {
    let server = Server::start().await;
    let alice = server.user("alice").await;
    let path = format!("/Users/{alice}");
    let before = server.get(&path).await.expect(200);
    let tag = before.header("etag").to_owned();
    server.group("g", &[&alice]).await;
    let after = server
        .send_with("GET", &path, None, &[(IF_NONE_MATCH, &tag)])
        .await
        .expect(200);
    assert_eq!(
        after.body["meta"]["lastModified"],
        before.body["meta"]["lastModified"]
    );
    assert_ne!(after.header("etag"), tag);
    let body = Some(json!({"userName": "alice", "title": "T"}));
    server
        .send_with("PUT", &path, body, &[(IF_MATCH, &tag)])
        .await
        .expect(200);
}

#[tokio::test]
async fn a_connection_that_must_say_which_version_it_changes_is_held_to_it() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    let path = format!("/Users/{id}");
    let require = |requires_versions| NewConnection {
        name: "idp",
        requires_versions: Some(requires_versions),
        ..NewConnection::default()
    };
    let operator = server.session();
    operator.ensure_connection(require(true)).await.unwrap();
    let operations = json!([{"op": "replace", "path": "title", "value": "T"}]);
    let patch = json!({"schemas": [PATCH_OP], "Operations": operations});
    let put = json!({"userName": "ada"});
    for (method, body) in [
        ("PATCH", Some(&patch)),
        ("PUT", Some(&put)),
        ("DELETE", None),
    ] {
        server
            .send(method, &path, body.cloned())
            .await
            .refused(428, None);
    }
    let bulk = |version: Option<&str>| {
        let operation = json!({"method": "PATCH", "path": path, "data": patch, "version": version});
        let urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
        json!({"schemas": [urn], "Operations": [operation]})
    };
    let status = |answer: Answer| answer.body["Operations"][0]["status"].clone();
    let refused = server.post("/Bulk", bulk(None)).await.expect(200);
    assert_eq!(status(refused), "428");
    // What is made, and what is read, has no version before.
    server.user("bob").await;
    let version = server
        .get(&path)
        .await
        .expect(200)
        .header("etag")
        .to_owned();
    let done = server.post("/Bulk", bulk(Some(&version))).await.expect(200);
    assert_eq!(status(done), "200");
    let any = server.post("/Bulk", bulk(Some("*"))).await.expect(200);
    assert_eq!(status(any), "200");
    let version = server.get(&path).await.header("etag").to_owned();
    for tag in [version.as_str(), "*"] {
        let headers = [(IF_MATCH, tag)];
        server
            .send_with("PUT", &path, Some(put.clone()), &headers)
            .await
            .expect(200);
    }
    operator.ensure_connection(require(false)).await.unwrap();
    server.delete(&path).await.expect(204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_writes_at_once_for_one_version_one_is_done() {
    let server = Arc::new(Server::start().await);
    let path = format!("/Users/{}", server.user("ada").await);
    let at_once = async |version: Option<String>| {
        let mut writers = JoinSet::new();
        for number in 0..8 {
            let (server, path, version) = (Arc::clone(&server), path.clone(), version.clone());
            writers.spawn(async move {
                let body = json!({"userName": "ada", "title": format!("T{number}")});
                let headers = version.as_deref().map(|version| (IF_MATCH, version));
                let answer = server.send_with("PUT", &path, Some(body), headers.as_slice());
                (number, answer.await)
            });
        }
        writers.join_all().await
    };
    let version = server.get(&path).await.header("etag").to_owned();
    let answers = at_once(Some(version)).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .partition(|(_, answer)| answer.status == 200);
    assert_eq!(done.len(), 1);
    for (_, answer) in refused {
        answer.refused(412, None);
    }
    assert_eq!(server.get(&path).await.text, done[0].1.text);

    // Without a version each is done, and the last one stays.
    let mut versions = HashSet::new();
    let answers = at_once(None).await;
    for (number, answer) in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body["title"], format!("T{number}"));
        versions.insert(answer.header("etag").to_owned());
    }
    assert_eq!(versions.len(), 8);
    let now = server.get(&path).await.text;
    assert!(answers.iter().any(|(_, answer)| answer.text == now));
}
