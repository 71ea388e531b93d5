#![allow(clippy::needless_pass_by_value, reason = "`json!` is written in place")]

use serde_json::json;

use super::*;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn resource(ty: ResourceType, body: &Json) -> Result<Decoded, Error> {
    super::resource(&Dialect::default(), ty, body)
}

fn user(body: Json) -> Result<Decoded, Error> {
    let mut body = body;
    body.as_object_mut()
        .unwrap()
        .entry("userName")
        .or_insert(json!("alice"));
    resource(ResourceType::User, &body)
}

fn bag(body: Json) -> Attributes {
    user(body).unwrap().attributes
}

fn name(given: &str) -> Attributes {
    Attributes::new().with(attr::NAME_GIVEN_NAME, given)
}

#[test]
fn names_are_known_in_any_case() {
    let body = json!({"USERNAME": "bob", "Name": {"GIVENNAME": "B"}});
    let expected = Attributes::new()
        .with(attr::USER_NAME, "bob")
        .with(attr::NAME, name("B"));
    assert_eq!(
        resource(ResourceType::User, &body).unwrap().attributes,
        expected
    );
}

#[test]
fn null_empty_and_absent_are_one_state_but_naming_is_remembered() {
    for empty in [json!(null), json!([]), json!("")] {
        let decoded = user(json!({"title": empty, "emails": empty, "active": empty})).unwrap();
        assert_eq!(
            decoded.attributes,
            Attributes::new().with(attr::USER_NAME, "alice")
        );
        for attr in [attr::TITLE, attr::EMAILS, attr::ACTIVE] {
            assert!(decoded.named.contains(&attr));
        }
        assert!(!decoded.named.contains(&attr::NAME));
    }
}

#[test]
fn elements_without_a_value_are_none() {
    let address = json!([{"type": "work", "formatted": null, "country": null}, {"type": null}]);
    let work = Attributes::new().with(attr::ADDRESSES_TYPE, "work");
    let bag = bag(json!({"addresses": address, "name": {"givenName": null}}));
    assert_eq!(bag.values(attr::ADDRESSES), [work.into()]);
    assert!(bag.values(attr::NAME).is_empty());
}

#[test]
fn extensions_come_as_objects_flat_or_nested_by_dots() {
    let manager = Attributes::new().with(attr::MANAGER_VALUE, "m");
    let expected = Attributes::new()
        .with(attr::USER_NAME, "alice")
        .with(attr::NAME, name("A"))
        .with(attr::DEPARTMENT, "D")
        .with(attr::MANAGER, manager);
    let flat = |name: &str| format!("{ENTERPRISE}:{name}");
    for body in [
        json!({"name": {"givenName": "A"}, ENTERPRISE: {"department": "D", "manager": {"value": "m"}}}),
        json!({"name.givenName": "A", flat("department"): "D", flat("manager"): "m"}),
        json!({"name": {"givenName": "A"}, flat("DEPARTMENT"): "D", flat("manager.value"): "m"}),
        json!({"name": {"givenName": "A"}, ENTERPRISE: {"department": "D", "manager": [{"value": "m"}]}}),
    ] {
        let decoded = user(body.clone()).unwrap();
        assert_eq!(decoded.attributes, expected, "{body}");
        assert!(decoded.extensions.contains(&Schema::Enterprise), "{body}");
    }
}

#[test]
fn what_clients_cannot_write_and_what_nobody_knows_is_ignored() {
    let bag = bag(json!({
        "id": "x", "meta": {"version": 7}, "groups": [{"value": "g"}], "shoeSize": 44,
        "urn:example:User": {"a": [[]]}, "schemas": "none",
        ENTERPRISE: {"manager": {"displayName": "M"}, "shoeSize": 44},
    }));
    assert_eq!(bag, Attributes::new().with(attr::USER_NAME, "alice"));
}

#[test]
fn values_of_other_types_are_read_where_they_can_only_mean_one_thing() {
    let bag = bag(json!({
        "active": "False",
        "title": ["Guide"],
        "emails": {"value": "a@example.com", "primary": "True"},
        "locale": {"value": "de-DE"},
        "x509Certificates": [{"value": "-_8"}],
        ENTERPRISE: {"employeeNumber": 701_984},
    }));
    let email = Attributes::new()
        .with(attr::EMAILS_VALUE, "a@example.com")
        .with(attr::EMAILS_PRIMARY, true);
    assert_eq!(bag.flag(attr::ACTIVE), Some(false));
    assert_eq!(bag.text(attr::TITLE), Some("Guide"));
    assert_eq!(bag.text(attr::LOCALE), Some("de-DE"));
    assert_eq!(bag.text(attr::EMPLOYEE_NUMBER), Some("701984"));
    assert_eq!(bag.values(attr::EMAILS), [email.into()]);
    let certificate = bag
        .first(attr::X509_CERTIFICATES)
        .and_then(Value::as_complex)
        .unwrap();
    let bytes = Value::Bytes([0xfb, 0xff].into());
    assert_eq!(
        certificate.first(attr::X509_CERTIFICATES_VALUE),
        Some(&bytes)
    );
}

#[test]
fn values_of_a_wrong_type_are_refused_with_their_path() {
    for (body, path) in [
        (json!({"active": "maybe"}), "active"),
        (json!({"title": ["a", "b"]}), "title"),
        (json!({"name": "Anna Berg"}), "name"),
        (json!({"name": 5}), "name"),
        (json!({"name.givenName": {}}), "name.givenName"),
        (
            json!({"emails": [{"value": "a"}, {"value": ["b", "c"]}]}),
            "emails[1].value",
        ),
        (json!({"emails": [true]}), "emails[0]"),
        (
            json!({"x509Certificates": [{"value": "?"}]}),
            "x509Certificates[0].value",
        ),
        (json!({"title": "a\u{0}b"}), "title"),
        (json!({ENTERPRISE: "x"}), ENTERPRISE),
        (json!({"userName": " "}), "userName"),
        (json!({"userName": null}), "userName"),
    ] {
        match user(body.clone()) {
            Err(Error::InvalidValue { path: named, .. }) => assert_eq!(named, path, "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn groups_need_a_name_and_members_need_only_their_id_or_uri() {
    let body = json!({
        "displayName": "G",
        "members": ["a", {"value": "a"}, {"value": "a"}, {"$ref": "Users/b"}, {"$ref": "Users/x", "value": "c"}],
    });
    let decoded = resource(ResourceType::Group, &body).unwrap();
    let members = decoded
        .attributes
        .values(attr::MEMBERS)
        .iter()
        .map(|member| {
            let member = member.as_complex().unwrap();
            assert_eq!(member.iter().count(), 1);
            member.text(attr::MEMBERS_VALUE).unwrap().to_owned()
        });
    assert_eq!(members.collect::<Vec<_>>(), ["a", "a", "b", "c"]);
    for body in [
        json!({}),
        json!({"displayName": ""}),
        json!({"displayName": "\t"}),
    ] {
        assert!(matches!(
            resource(ResourceType::Group, &body),
            Err(Error::InvalidValue { path, .. }) if path == "displayName"
        ));
    }
    assert!(matches!(
        resource(ResourceType::User, &json!([])),
        Err(Error::InvalidSyntax(_))
    ));
}
