use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

/// What must not come through, wherever it stands.
const MARKER: &str = "Zx9-h0rse.battery";

const URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

fn kept(body: &str) -> (String, bool) {
    Redacted::new("Bearer jft_presented")
        .body(body.as_bytes())
        .unwrap()
}

#[test]
fn what_is_no_secret_stays_as_it_came() {
    for body in [
        r#"{"userName":"alice","name":{"givenName":"A"},"active":"False","userName":"bob"}"#,
        r#"{"Operations":[{"op":"Add","path":"emails[type eq \"work\"].value","value":"a@b"}]}"#,
        r#"{"title":"Password Officer","displayName":"Secret Agents of the Token Ring"}"#,
        r#"{"value":"{\"id\":\"1\",\"value\":\"admin\"}","n":[1,2.5,null]}"#,
        r#"{"filter":"userName eq \"alice\"","attributes":["password","userName"]}"#,
        "[]",
    ] {
        assert_eq!(kept(body), (body.to_owned(), false));
    }
    for target in [
        "/scim/acme/v2/Users?filter=userName%20eq%20%22alice%22&count=1",
        "/scim/acme/v2/Users?attributes=password,userName&x",
        "/scim/acme/v2/Users",
        "/scim/acme/v2/Users?",
        "/scim/acme/v2/Users?filter=%zz%4",
    ] {
        assert_eq!(Redacted::new("").target(target), target);
    }
}

#[test]
fn what_is_a_secret_is_named_and_nothing_else_of_it_stays() {
    for (body, expected) in [
        (
            json!({"password": MARKER, "userName": "a"}),
            r#"{"password":"[removed]","userName":"a"}"#,
        ),
        (
            json!({"op": "replace", "path": "password", "value": {"x": [MARKER]}}),
            r#"{"op":"replace","path":"password","value":"[removed]"}"#,
        ),
        (
            json!({"value": MARKER, "path": format!("{URN}:PassWord")}),
            r#"{"path":"urn:ietf:params:scim:schemas:core:2.0:User:PassWord","value":"[removed]"}"#,
        ),
        (json!({"password": null}), r#"{"password":null}"#),
        (
            json!([{"title": MARKER, "nickName": "x"}, {"password": MARKER}]),
            r#"[{"nickName":"x","title":"[removed]"},{"password":"[removed]"}]"#,
        ),
    ] {
        assert_eq!(kept(&body.to_string()).0, expected);
    }
}

#[test]
fn what_was_taken_out_is_not_repeated_by_a_message() {
    let mut redacted = Redacted::new("Bearer jft_abc");
    let target = redacted.target("/scim/acme/v2/Users?filter=password+eq+hunter2");
    assert_eq!(target, "/scim/acme/v2/Users?filter=[removed]");
    let told = |text: &str| redacted.text(text.to_owned());
    assert_eq!(told("hunter2 is no value"), REMOVED);
    assert_eq!(told("jft_abc"), REMOVED);
    assert_eq!(
        told("password: it is too short"),
        "password: it is too short"
    );
}

#[test]
fn who_sends_too_many_secrets_is_not_read() {
    let many: Vec<Json> = (0..=MOST_KNOWN).map(|n| json!({"password": n})).collect();
    let mut redacted = Redacted::new("");
    assert!(
        redacted
            .body(Json::from(many).to_string().as_bytes())
            .is_some()
    );
    assert_eq!(redacted.text("anything".to_owned()), REMOVED);
}

/// The names under which secrets stand.
fn name() -> impl Strategy<Value = String> {
    let secret = prop::sample::select(vec![
        "password",
        "PASSWORD",
        "Password",
        "newPassword",
        "client_secret",
        "token",
        "access_token",
        "Authorization",
        "credentials",
        "client_assertion",
    ]);
    let before = prop::sample::select(vec![
        "",
        "urn:ietf:params:scim:schemas:core:2.0:User:",
        "urn:ietf:params:scim:schemas:extension:pbx:2.0:User:",
        "name.",
        "emails[type eq \"work\"].",
    ]);
    (before, secret).prop_map(|(before, secret)| format!("{before}{secret}"))
}

/// A secret, in any form in which JSON can carry one.
fn secret() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(json!(MARKER)),
        Just(json!(format!("  {MARKER} "))),
        Just(json!([MARKER])),
        Just(json!({"value": MARKER})),
        Just(json!([{"value": {"x": MARKER}}, null])),
        Just(json!(json!({"value": MARKER}).to_string())),
        Just(json!({MARKER: true})),
    ]
}

/// Something with a secret in it.
fn holder() -> impl Strategy<Value = Json> {
    let member = (name(), secret()).prop_map(|(name, secret)| json!({name: secret, "b": 1}));
    let operation = (
        name(),
        secret(),
        prop::sample::select(vec!["value", "Value", "VALUE"]),
    )
        .prop_map(|(path, secret, value)| json!({"op": "replace", "Path": path, value: secret}));
    let filter = name().prop_map(|name| json!({"filter": format!("{name} eq \"{MARKER}\"")}));
    let path = name()
        .prop_map(|name| json!({"path": format!("{name}[value eq \"{MARKER}\"]"), "op": "remove"}));
    let key = name().prop_map(|name| json!({format!("{name}[value eq \"{MARKER}\"]"): 1}));
    let token = prop::sample::select(&TOKEN_PREFIXES);
    let token = token.prop_map(|prefix| json!({"externalId": format!("x {prefix}{MARKER}")}));
    let presented = Just(json!({"nickName": "my presented-token"}));
    prop_oneof![member, operation, filter, path, key, token, presented]
}

/// The same, deep in the bodies that there are.
fn body() -> impl Strategy<Value = Json> {
    holder().prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|inner| json!({"Operations": [{"op": "add"}, inner]})),
            inner
                .clone()
                .prop_map(|inner| json!({"op": "add", "value": inner})),
            inner
                .clone()
                .prop_map(|inner| json!({URN: inner, "userName": "a"})),
            inner
                .clone()
                .prop_map(|data| json!({"method": "POST", "path": "/Users", "data": data})),
            inner.prop_map(|inner| json!({"value": inner.to_string()})),
        ]
    })
}

fn is_clean(text: &str) -> bool {
    !text.contains(MARKER) && !text.contains("presented-token")
}

proptest! {
    #[test]
    fn no_secret_comes_through_wherever_it_stands(body in body(), doubled: bool, escaped: bool) {
        let mut text = body.to_string();
        if doubled {
            // The last of two members of one name is what a parser sees.
            text = format!("{{\"x\":{text},\"x\":1}}");
        }
        if escaped {
            text = text.replace("assw", "\\u0061ssw");
        }
        let mut redacted = Redacted::new("Bearer presented-token");
        // An escape of an escape may have made it no JSON, and then nothing is kept.
        if let Some((kept, is_redacted)) = redacted.body(text.as_bytes()) {
            prop_assert!(is_clean(&kept), "{kept}");
            prop_assert!(is_redacted);
        }
    }

    #[test]
    fn no_secret_of_a_query_comes_through(name in name(), kind in 0..5_usize, all: bool) {
        let encode = |text: &str| -> String {
            text.bytes().map(|octet| match octet {
                b'a'..=b'z' if !all => char::from(octet).to_string(),
                _ => format!("%{octet:02X}"),
            }).collect()
        };
        let query = match kind {
            0 => format!("{}={}", encode(&name), encode(MARKER)),
            1 => format!("filter={}", encode(&format!("{name} eq \"{MARKER}\""))),
            2 => format!("count=1&filter={}", encode(&format!("{name} eq {MARKER}"))),
            3 => format!("attributes={}", encode(&format!("{name}[value eq \"{MARKER}\"]"))),
            _ => format!("x=1&{}", encode("presented-token")),
        };
        let mut redacted = Redacted::new("Bearer presented-token");
        let kept = redacted.target(&format!("/scim/acme/v2/Users?{query}"));
        prop_assert!(is_clean(&decoded(&kept)), "{kept}");
        let message = redacted.text(format!("{MARKER} is no value"));
        prop_assert!(is_clean(&message) || kind == 4);
    }
}
