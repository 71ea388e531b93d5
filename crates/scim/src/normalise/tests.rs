#![allow(clippy::needless_pass_by_value, reason = "`json!` is written in place")]

use jackfield_gateway::Error;
use jackfield_model::{ConnectionKind, Filter};
use serde_json::json;

use super::*;
use crate::dialect::Notes;
use crate::resource::ResourceType::{Group, User};
use crate::{decode, filter, operations, replace};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Something that a client sends.
#[derive(Clone, Debug)]
enum Sent {
    /// The body of a POST or PUT.
    Body(ResourceType, Json),
    /// The body of a PATCH.
    Patch(ResourceType, Json),
    /// A filter over users.
    Filter(&'static str),
    /// A whole number in a search.
    Number(&'static str),
}

/// What it comes to, without how it was written.
fn read(dialect: &Dialect, sent: &Sent) -> Result<String, Error> {
    match sent {
        Sent::Body(ty, body) => {
            let decoded = decode::resource(dialect, *ty, body)?;
            let kept = replace::kept(dialect, *ty, &decoded);
            Ok(format!("{:?} but {kept:?}", decoded.attributes))
        }
        Sent::Patch(ty, body) => {
            let mut operations = operations::decode(dialect, *ty, body)?;
            for operation in &mut operations {
                operation.path.text.clear();
            }
            Ok(format!("{operations:?}"))
        }
        Sent::Filter(text) => {
            let filter: Filter = filter::parse(dialect, &[User], text)?;
            Ok(format!("{filter:?}"))
        }
        Sent::Number(text) => match integer(dialect, text) {
            Some(number) => Ok(number.to_string()),
            None => Err(Error::invalid_value("count", "no number")),
        },
    }
}

fn user(mut members: Json) -> Sent {
    members["schemas"] = json!([CORE]);
    members["userName"] = json!("alice");
    Sent::Body(User, members)
}

fn patch(ty: ResourceType, operation: Json) -> Sent {
    Sent::Patch(ty, json!({"schemas": [PATCH], "Operations": [operation]}))
}

/// Each repair with something that it repairs, as it is sent, and what it means, said as the RFCs
/// have it.
#[allow(clippy::too_many_lines, reason = "a table")]
fn repairs() -> Vec<(Repair, Sent, Sent)> {
    let manager = format!("{ENTERPRISE}:manager");
    let title = |title: Json| user(json!({"title": title}));
    let guide = || title(json!("Tour Guide"));
    let replace_title = json!({"op": "replace", "path": "title", "value": "T"});
    let primaries = |second: bool| {
        let home = json!({"value": "b@x", "type": "home", "primary": second});
        user(json!({"emails": [{"value": "a@x", "type": "work", "primary": true}, home]}))
    };
    vec![
        (
            Repair::AnyCaseOperation,
            patch(
                User,
                json!({"op": "Replace", "path": "title", "value": "T"}),
            ),
            patch(User, replace_title.clone()),
        ),
        (
            Repair::AnyCaseKey,
            Sent::Patch(
                User,
                json!({"schemas": [PATCH], "operations": [replace_title]}),
            ),
            patch(User, replace_title.clone()),
        ),
        (
            Repair::MissingSchemas,
            Sent::Patch(User, json!({"Operations": [replace_title]})),
            patch(User, replace_title.clone()),
        ),
        (
            Repair::SchemaAlias,
            Sent::Body(
                User,
                json!({"schemas": [CORE, "urn:scim:schemas:core:1.0"], "userName": "alice"}),
            ),
            user(json!({})),
        ),
        (
            Repair::TextForBoolean,
            patch(
                User,
                json!({"op": "replace", "path": "active", "value": "False"}),
            ),
            patch(
                User,
                json!({"op": "replace", "path": "active", "value": false}),
            ),
        ),
        (
            Repair::TextForNumber,
            Sent::Number(" 42"),
            Sent::Number(" 42"),
        ),
        (
            Repair::NumberForText,
            user(json!({ENTERPRISE: {"employeeNumber": 701_984}})),
            user(json!({ENTERPRISE: {"employeeNumber": "701984"}})),
        ),
        (Repair::ArrayForOne, title(json!(["Tour Guide"])), guide()),
        (
            Repair::ObjectForText,
            title(json!({"value": "Tour Guide"})),
            guide(),
        ),
        (
            Repair::TextForElement,
            patch(
                User,
                json!({"op": "add", "path": manager, "value": "26118915"}),
            ),
            patch(
                User,
                json!({"op": "add", "path": manager, "value": {"value": "26118915"}}),
            ),
        ),
        (
            Repair::TextForObject,
            user(json!({"roles": ["{\"value\": \"admin\", \"display\": \"Admin\"}"]})),
            user(json!({"roles": [{"value": "admin", "display": "Admin"}]})),
        ),
        (
            Repair::TextForObject,
            user(json!({"roles": [
                {"value": "{\"id\": \"18d1\", \"value\": \"admin\", \"displayName\": \"Admin\"}"}
            ]})),
            user(json!({"roles": [{"value": "admin", "display": "Admin"}]})),
        ),
        (
            Repair::TextForObject,
            patch(
                Group,
                json!({"op": "replace", "value": "{\"displayName\": \"EPD\"}"}),
            ),
            patch(
                Group,
                json!({"op": "replace", "value": {"displayName": "EPD"}}),
            ),
        ),
        (
            Repair::EmptyText,
            patch(User, json!({"op": "replace", "path": "title", "value": ""})),
            patch(
                User,
                json!({"op": "replace", "path": "title", "value": null}),
            ),
        ),
        (Repair::SeveralPrimaries, primaries(true), primaries(false)),
        (
            Repair::UnknownAttribute,
            user(json!({"shoeSize": 46})),
            user(json!({})),
        ),
        (
            Repair::ReadOnlyInPatch,
            patch(
                Group,
                json!({"op": "replace", "value": {"id": "0193a1b2", "displayName": "G"}}),
            ),
            patch(
                Group,
                json!({"op": "replace", "value": {"displayName": "G"}}),
            ),
        ),
        (
            Repair::EmptyOperations,
            Sent::Patch(User, json!({"schemas": [PATCH], "Operations": []})),
            patch(User, json!({"op": "replace", "value": {}})),
        ),
        (
            Repair::DottedKey,
            patch(
                User,
                json!({"op": "replace", "value": {"name.givenName": "B"}}),
            ),
            patch(
                User,
                json!({"op": "replace", "path": "name.givenName", "value": "B"}),
            ),
        ),
        (
            Repair::ReferencedMember,
            patch(
                Group,
                json!({"op": "add", "path": "members", "value": [{"$ref": "Users/26118915"}]}),
            ),
            patch(
                Group,
                json!({"op": "add", "path": "members", "value": [{"value": "26118915"}]}),
            ),
        ),
        (
            Repair::ElementComparison,
            Sent::Filter("emails[type eq \"work\"].value eq \"x\""),
            Sent::Filter("emails[type eq \"work\" and value eq \"x\"]"),
        ),
        (
            Repair::WholeComparison,
            Sent::Filter("manager eq \"26118915\""),
            Sent::Filter("manager.value eq \"26118915\""),
        ),
        (
            Repair::BareExtensionName,
            user(json!({"employeeNumber": "701984"})),
            user(json!({ENTERPRISE: {"employeeNumber": "701984"}})),
        ),
    ]
}

#[test]
fn each_repair_reads_what_is_sent_as_what_is_meant_and_says_so() {
    for (repair, sent, meant) in repairs() {
        let (notes, strict) = (
            Notes::default(),
            Dialect::new(ConnectionKind::Strict, Notes::default()),
        );
        let tolerant = Dialect::new(ConnectionKind::Generic, notes.clone());
        let repaired = read(&tolerant, &sent).unwrap_or_else(|error| panic!("{sent:?}: {error}"));
        assert_eq!(notes.repaired().repairs, [repair.name()], "{sent:?}");
        assert_ne!(read(&strict, &sent), Ok(repaired.clone()), "{sent:?}");
        if repair != Repair::TextForNumber {
            let right = read(&Dialect::default(), &meant);
            assert_eq!(Ok(repaired), right, "{sent:?}");
        }
    }
}

/// What has another way to be shown: in the tests that are named.
const ELSEWHERE: [Repair; 5] = [
    // `members_go_by_a_list_only_where_that_is_known`
    Repair::ListedRemoval,
    // `replace::tests::only_a_members_key_changes_a_groups_members`
    Repair::OmittedMembers,
    // `text_needs_no_quotation_marks_only_where_that_is_known`
    Repair::UnquotedText,
    // `tests/scim/kinds.rs`
    Repair::MissingElement,
    Repair::PlainJson,
];

#[test]
fn every_repair_is_shown() {
    let shown = |repair: &Repair| {
        ELSEWHERE.contains(repair) || repairs().iter().any(|(shown, ..)| shown == repair)
    };
    assert!(Repair::ALL.iter().all(shown));
}

#[test]
fn members_go_by_a_list_only_where_that_is_known() {
    let sent = patch(
        Group,
        json!({"op": "remove", "path": "members", "value": [{"value": "26118915"}]}),
    );
    for (kind, expected) in [
        (ConnectionKind::Entra, true),
        (ConnectionKind::Generic, true),
        (ConnectionKind::Okta, false),
        (ConnectionKind::Strict, false),
    ] {
        let dialect = Dialect::new(kind, Notes::default());
        assert_eq!(read(&dialect, &sent).is_ok(), expected, "{kind}");
    }
}

#[test]
fn text_needs_no_quotation_marks_only_where_that_is_known() {
    for (sent, meant) in [
        ("userName eq anna@x", "userName eq \"anna@x\""),
        ("userName eq 1001", "userName eq \"1001\""),
        ("(userName eq 007)", "userName eq \"007\""),
    ] {
        let notes = Notes::default();
        let authentik = Dialect::new(ConnectionKind::Authentik, notes.clone());
        let read_as = read(&authentik, &Sent::Filter(sent)).unwrap();
        assert_eq!(notes.repaired().repairs, ["unquoted-text"], "{sent}");
        assert_eq!(Ok(read_as), read(&dialect(), &Sent::Filter(meant)));
        for kind in [ConnectionKind::Generic, ConnectionKind::Strict] {
            let refused = read(&Dialect::new(kind, Notes::default()), &Sent::Filter(sent));
            assert!(matches!(refused, Err(Error::InvalidFilter(_))), "{sent}");
        }
    }
    let authentik = Dialect::new(ConnectionKind::Authentik, Notes::default());
    for still_refused in ["userName eq anna bee", "active eq anna", "userName eq"] {
        assert!(read(&authentik, &Sent::Filter(still_refused)).is_err());
    }
}

fn dialect() -> Dialect {
    Dialect::default()
}

#[test]
fn operations_are_known_in_any_case() {
    for (op, expected) in [
        ("Add", Some(PatchKind::Add)),
        ("REMOVE", Some(PatchKind::Remove)),
        ("replace", Some(PatchKind::Replace)),
        ("delete", None),
    ] {
        assert_eq!(operation(&dialect(), op), expected, "{op}");
    }
}

#[test]
fn members_of_objects_are_found_in_any_case_the_exact_one_first() {
    let body = json!({"operations": 1, "Operations": 2, "SCHEMAS": 3});
    let body = body.as_object().unwrap();
    assert_eq!(member(&dialect(), body, "Operations"), Some(&json!(2)));
    assert_eq!(member(&dialect(), body, "schemas"), Some(&json!(3)));
    assert_eq!(member(&dialect(), body, "value"), None);
}

#[test]
fn texts_stand_for_booleans_and_integers() {
    assert_eq!(boolean(&dialect(), "False"), Some(false));
    assert_eq!(boolean(&dialect(), "TRUE"), Some(true));
    assert_eq!(boolean(&dialect(), "yes"), None);
    assert_eq!(integer(&dialect(), "42"), Some(42));
    assert_eq!(integer(&dialect(), "4.2"), None);
}

#[test]
fn numbers_stand_for_texts() {
    assert_eq!(text(&dialect(), &json!(701_984)), Some("701984".into()));
    assert_eq!(text(&dialect(), &json!({})), None);
}

#[test]
fn an_array_of_one_stands_for_the_one() {
    assert_eq!(
        unwrap_single(&dialect(), &json!(["Tour Guide"])),
        &json!("Tour Guide")
    );
    assert_eq!(
        unwrap_single(&dialect(), &json!(["a", "b"])),
        &json!(["a", "b"])
    );
}

#[test]
fn an_object_with_a_value_stands_for_the_value() {
    assert_eq!(
        unwrap_value(&dialect(), &json!({"Value": "x"})),
        &json!("x")
    );
    assert_eq!(unwrap_value(&dialect(), &json!("x")), &json!("x"));
}

#[test]
fn a_bare_text_or_an_object_written_out_stands_for_an_element() {
    for (sent, expected) in [
        (json!("26118915"), Some(json!({"value": "26118915"}))),
        (
            json!("{\"id\":\"a\",\"value\":\"admin\"}"),
            Some(json!({"id": "a", "value": "admin"})),
        ),
        (json!({"value": "a"}), Some(json!({"value": "a"}))),
        (json!("{not json"), None),
        (json!(true), None),
    ] {
        assert_eq!(
            complex(&dialect(), &sent).map(|object| Json::Object(object.into_owned())),
            expected,
            "{sent}"
        );
    }
}

#[test]
fn a_reference_names_its_resource_by_its_last_part() {
    for uri in [
        "Users/26118915",
        "https://example.com/v2/Users/26118915",
        "../Users/26118915/",
    ] {
        assert_eq!(id_in_uri(&dialect(), uri), Some("26118915"));
    }
}

#[test]
fn the_empty_text_unassigns() {
    for sent in [json!(null), json!(""), json!([])] {
        assert!(is_unassigned(&dialect(), &sent), "{sent}");
    }
    for sent in [json!(" "), json!(0), json!(false), json!({})] {
        assert!(!is_unassigned(&dialect(), &sent), "{sent}");
    }
}

#[test]
fn base64_is_read_with_and_without_padding_in_both_alphabets() {
    for text in ["+/8=", "+/8", "-_8=", "-_8"] {
        assert_eq!(base64(text), Some(vec![0xfb, 0xff]), "{text}");
    }
    assert_eq!(base64("?"), None);
}
