//! What is seen of what is secret: passwords, filters in logs.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::server::Server;

/// What is written to a log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn filters_and_passwords_are_not_logged() {
    let server = Server::start().await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    tracing::info!("this is logged");
    for filter in [
        "userName eq \"a-private-name\"",
        "a-private-name",
        "password eq \"a-private-name\"",
    ] {
        server.find("/Users", filter).await;
    }
    server
        .post(
            "/Users",
            json!({"userName": "x", "password": "A-private-name-1"}),
        )
        .await
        .expect(201);
    server
        .post("/Users", json!({"userName": ["a-private-name", 1]}))
        .await
        .expect(400);
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("this is logged") && !text.contains("-private-name"),
        "{text}"
    );
}

#[tokio::test]
async fn a_password_is_never_seen_again() {
    let server = Server::start().await;
    let sent = json!({"userName": "alice", "password": "Tr0ub4dor&3-secret"});
    let made = server
        .post("/Users?attributes=password,userName", sent)
        .await
        .expect(201);
    let path = format!("/Users/{}", made.id());
    let change = json!([{"op": "replace", "path": "password", "value": "N3w-secret-word!"}]);
    for answer in [
        made,
        server.get(&path).await.expect(200),
        server
            .get(&format!("{path}?attributes=password"))
            .await
            .expect(200),
        server.get("/Users?attributes=password").await.expect(200),
        server.patch(&path, change).await.expect(200),
        server
            .find("/Users", "password eq \"Tr0ub4dor&3-secret\"")
            .await
            .refused(400, Some("invalidFilter")),
        server
            .find("/Users", "password pr")
            .await
            .refused(400, Some("invalidFilter")),
        server
            .get("/Users?sortBy=password")
            .await
            .refused(400, Some("invalidPath")),
    ] {
        assert!(!answer.text.contains("secret"), "{}", answer.text);
        assert_eq!(answer.body.get("password"), None);
    }
}
