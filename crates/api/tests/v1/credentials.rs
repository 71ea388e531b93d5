//! What accounts and connections log in by.

use jackfield_gateway::Bind;
use jackfield_model::Origin;
use serde_json::{Value as Json, json};

use crate::server::{Client, Server};

/// A new record of the area; its path.
async fn made(client: &Client, area: &str, name: &str) -> String {
    let made = client.post(area, json!({"name": name})).await.expect(201);
    format!("{area}/{}", made["id"].as_str().unwrap())
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap()
}

#[tokio::test]
async fn a_secret_is_shown_once_lets_in_and_ends_when_it_is_revoked() {
    let server = Server::start().await;
    let all = server.all().await;
    let connection = made(&all, "/connections", "okta").await;
    let account = made(&all, "/service-accounts", "pbx").await;
    let device = made(&all, "/devices", "phone").await;
    let gateway = &server.gateway.gateway;
    let tenant = gateway.tenant("acme").unwrap();
    for (holder, new) in [
        (&connection, json!({"kind": "token", "scopes": ["users"]})),
        (
            &account,
            json!({"kind": "token", "scopes": ["users:read"], "label": "desk"}),
        ),
        (
            &account,
            json!({"kind": "secret", "networks": ["192.0.2.0/24", "2001:db8::1"]}),
        ),
        (
            &device,
            json!({"kind": "secret", "expires": "2099-01-01T00:00:00Z"}),
        ),
    ] {
        let credentials = format!("{holder}/credentials");
        let made = all.post(&credentials, new.clone()).await.expect(201);
        for (name, value) in new.as_object().unwrap() {
            let shown = match name.as_str() {
                "networks" => &json!(["192.0.2.0/24", "2001:db8::1/128"]),
                "expires" => &json!("2099-01-01T00:00:00.000Z"),
                _ => value,
            };
            let has = |own: &Json| own == shown || holder == &connection;
            assert!(has(&made[name]), "{made:#}");
        }
        let secret = text(&made["secret"]).to_owned();
        let listed = all.get(&credentials).await.expect(200);
        assert!(!listed.to_string().contains(&secret), "{listed:#}");
        let lets_in = || async {
            let origin = Origin {
                protocol: "ldap".into(),
                address: Some("192.0.2.7".parse().unwrap()),
            };
            match (holder, text(&new["kind"])) {
                (holder, _) if holder == &connection => gateway
                    .authenticate_bearer("acme", &secret, origin)
                    .await
                    .is_ok(),
                (_, "token") => {
                    let token = Some(format!("Bearer {secret}"));
                    server.with("acme", token).get("/users").await.status == 200
                }
                (holder, _) => {
                    let name = if holder == &device { "phone" } else { "pbx" };
                    let bind = Bind {
                        name,
                        password: secret.as_bytes(),
                        listener_tenant: Some(&tenant),
                        served: &[],
                        secure: true,
                        origin,
                    };
                    gateway.bind(bind).await.is_ok()
                }
            }
        };
        assert!(lets_in().await, "{new}");
        let one = format!("{credentials}/{}", text(&made["id"]));
        // Another's credentials are not this one's to end.
        let other = made_elsewhere(&one, [&connection, &account, &device]);
        all.delete(&other).await.problem(404, "not-found");
        assert!(lets_in().await, "{new}");
        all.delete(&one).await.expect(204);
        assert!(!lets_in().await, "{new}");
        all.delete(&one).await.problem(404, "not-found");
    }
}

/// The same credential behind another holder.
fn made_elsewhere(one: &str, holders: [&String; 3]) -> String {
    let id = one.rsplit('/').next().unwrap();
    let other = holders.into_iter().find(|it| !one.starts_with(*it));
    format!("{}/credentials/{id}", other.unwrap())
}

#[tokio::test]
async fn what_does_not_fit_the_holder_is_refused() {
    let server = Server::start().await;
    let all = server.all().await;
    let connection = made(&all, "/connections", "okta").await;
    let account = made(&all, "/service-accounts", "pbx").await;
    let device = made(&all, "/devices", "phone").await;
    for (holder, new, path) in [
        (
            &device,
            json!({"kind": "token", "scopes": ["check"]}),
            "kind",
        ),
        (&device, json!({"kind": "trust"}), "kind"),
        (
            &device,
            json!({"kind": "secret", "scopes": ["check"]}),
            "scopes",
        ),
        (&account, json!({"kind": "trust"}), "kind"),
        (&account, json!({"kind": "token"}), "scope"),
        (
            &account,
            json!({"kind": "token", "scopes": ["users"]}),
            "scope",
        ),
        (
            &account,
            json!({"kind": "secret", "ceiling": "owner"}),
            "ceiling",
        ),
        (
            &connection,
            json!({"kind": "token", "scopes": ["users:read"]}),
            "scope",
        ),
        (
            &connection,
            json!({"kind": "token", "ceiling": "king"}),
            "ceiling",
        ),
        (
            &connection,
            json!({"kind": "token", "networks": ["here"]}),
            "networks",
        ),
        (
            &connection,
            json!({"kind": "token", "expires": "soon"}),
            "expires",
        ),
        (
            &connection,
            json!({"kind": "token", "expires": "2020-01-01T00:00:00Z"}),
            "expires",
        ),
        (
            &account,
            json!({"kind": "token", "scopes": ["check"], "expires": "2020-01-01T00:00:00Z"}),
            "expires",
        ),
        (
            &device,
            json!({"kind": "secret", "expires": "2020-01-01T00:00:00Z"}),
            "expires",
        ),
        (&connection, json!({"kind": "token", "trust": {}}), "trust"),
        (&connection, json!({"kind": "trust"}), "trust"),
        (&connection, json!({"kind": "trust", "trust": {}}), "trust"),
        (
            &connection,
            json!({"kind": "trust", "trust": {"jwksUrl": "ftp://keys.example"}}),
            "keys",
        ),
    ] {
        let credentials = format!("{holder}/credentials");
        let refused = all.post(&credentials, new.clone()).await.expect(422);
        assert_eq!(refused["path"], path, "{new}");
        assert_eq!(all.get(&credentials).await.expect(200)["total"], 0);
    }
}

#[tokio::test]
async fn a_connection_has_secrets_for_the_token_endpoint_and_trust_in_assertions() {
    let server = Server::start().await;
    let all = server.all().await;
    let connection = made(&all, "/connections", "entra").await;
    let credentials = format!("{connection}/credentials");
    let secret = all.post(&credentials, json!({"kind": "secret"})).await;
    assert!(text(&secret.expect(201)["secret"]).len() > 20);
    let trust = json!({"kind": "trust", "trust": {
        "issuer": "https://login.example", "jwksUrl": "https://login.example/keys",
    }});
    let trust = all.post(&credentials, trust).await.expect(201);
    assert_eq!(trust["kind"], "trust");
    assert!(trust.get("secret").is_none());
    let shown = all.get(&connection).await.expect(200);
    assert_eq!(shown["credentials"], 2);
    let id = connection.rsplit('/').next().unwrap();
    assert_eq!(shown["clientId"], format!("acme.{id}"));
}
