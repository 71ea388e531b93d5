#![allow(clippy::needless_pass_by_value, reason = "`json!` is written in place")]

use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Filter, MatchingRule};
use serde_json::json;

use super::*;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PBX: &str = "urn:ietf:params:scim:schemas:extension:pbx:2.0:User";

fn decode(ty: ResourceType, body: &Json) -> Result<Vec<PatchOp>, Error> {
    super::decode(&Dialect::default(), ty, body)
}

fn user(operation: Json) -> Result<Vec<PatchOp>, Error> {
    decode(ResourceType::User, &json!({"Operations": [operation]}))
}

fn group(operation: Json) -> Result<Vec<PatchOp>, Error> {
    decode(ResourceType::Group, &json!({"Operations": [operation]}))
}

/// What an operation does, to what, with what.
type Brief = (PatchKind, AttrId, Option<AttrId>, Vec<Value>);

fn brief(operations: Result<Vec<PatchOp>, Error>) -> Vec<Brief> {
    let operations = operations.unwrap();
    operations
        .into_iter()
        .map(|op| (op.kind, op.path.attr, op.path.sub, op.values))
        .collect()
}

fn text(value: &str) -> Vec<Value> {
    vec![value.into()]
}

fn members(ids: &[&str]) -> Vec<Value> {
    ids.iter()
        .map(|id| Attributes::new().with(attr::MEMBERS_VALUE, *id).into())
        .collect()
}

#[test]
fn an_operation_on_one_attribute_is_that_operation() {
    use PatchKind::{Add, Remove, Replace};
    for (operation, expected) in [
        (
            json!({"op": "replace", "path": "title", "value": "T"}),
            (Replace, attr::TITLE, None, text("T")),
        ),
        (
            json!({"op": "Add", "path": "name.familyName", "value": "F"}),
            (Add, attr::NAME, Some(attr::NAME_FAMILY_NAME), text("F")),
        ),
        (
            json!({"OP": "Replace", "Path": "active", "Value": "False"}),
            (Replace, attr::ACTIVE, None, vec![false.into()]),
        ),
        (
            json!({"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": "m"}),
            (
                Add,
                attr::MANAGER,
                None,
                vec![Attributes::new().with(attr::MANAGER_VALUE, "m").into()],
            ),
        ),
        (
            json!({"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": [{"value": "m"}]}),
            (
                Add,
                attr::MANAGER,
                None,
                vec![Attributes::new().with(attr::MANAGER_VALUE, "m").into()],
            ),
        ),
        (
            json!({"op": "remove", "path": "emails"}),
            (Remove, attr::EMAILS, None, vec![]),
        ),
    ] {
        assert_eq!(brief(user(operation.clone())), [expected], "{operation}");
    }
}

#[test]
fn an_operation_without_a_path_is_one_for_each_attribute() {
    let work = format!("{ENTERPRISE}:employeeNumber");
    let operations = user(json!({"op": "replace", "value": {
        "id": "x", "meta": {}, "schemas": [], "groups": [], "shoeSize": 44,
        "urn:example:User:tag": "t",
        "name.givenName": "G",
        work: "7",
        "emails[type eq \"work\"].value": "a@example.com",
        ENTERPRISE: {"department": "D", "shoeSize": 44},
        "title": null,
    }}));
    let by_name = |operations: &[Brief], attr: AttrId| {
        operations.iter().find(|op| op.1 == attr).cloned().unwrap()
    };
    let all = brief(operations);
    assert_eq!(all.len(), 5);
    for expected in [
        (
            PatchKind::Replace,
            attr::NAME,
            Some(attr::NAME_GIVEN_NAME),
            text("G"),
        ),
        (PatchKind::Replace, attr::EMPLOYEE_NUMBER, None, text("7")),
        (
            PatchKind::Replace,
            attr::EMAILS,
            Some(attr::EMAILS_VALUE),
            text("a@example.com"),
        ),
        (PatchKind::Replace, attr::DEPARTMENT, None, text("D")),
        (PatchKind::Remove, attr::TITLE, None, vec![]),
    ] {
        assert_eq!(by_name(&all, expected.1), expected);
    }
}

#[test]
fn only_writes_to_chosen_elements_create_what_they_describe() {
    let path = "emails[type eq \"Work\"].value";
    for (operation, expected) in [
        (json!({"op": "replace", "path": path, "value": "x"}), true),
        (json!({"op": "add", "path": path, "value": "x"}), true),
        (json!({"op": "remove", "path": path}), false),
        (json!({"op": "replace", "path": path, "value": ""}), false),
        (
            json!({"op": "replace", "path": "emails.value", "value": "x"}),
            false,
        ),
    ] {
        let [op] = <[PatchOp; 1]>::try_from(user(operation.clone()).unwrap()).unwrap();
        let missing = expected.then(|| Attributes::new().with(attr::EMAILS_TYPE, "Work"));
        assert_eq!(op.missing, missing, "{operation}");
        let work = Filter::equal(
            attr::EMAILS_TYPE,
            MatchingRule::CaseIgnore,
            Key::Text("work".into()),
        );
        assert_eq!(
            op.path.filter.is_some_and(|filter| filter == work),
            operation["path"] == path
        );
    }
}

#[test]
fn replacing_by_nothing_unassigns_and_adding_nothing_does_nothing() {
    for nothing in [json!(null), json!(""), json!([])] {
        let path = format!("{ENTERPRISE}:manager");
        let replaced = user(json!({"op": "Replace", "path": path, "value": nothing}));
        assert_eq!(
            brief(replaced),
            [(PatchKind::Remove, attr::MANAGER, None, vec![])]
        );
        let added = user(json!({"op": "add", "path": "title", "value": nothing}));
        assert_eq!(brief(added), []);
        let emptied = group(json!({"op": "replace", "path": "members", "value": nothing}));
        assert_eq!(
            brief(emptied),
            [(PatchKind::Remove, attr::MEMBERS, None, vec![])]
        );
    }
    let parts = user(
        json!({"op": "replace", "path": "name", "value": {"givenName": "G", "familyName": null}}),
    );
    let given = Attributes::new().with(attr::NAME_GIVEN_NAME, "G").into();
    let expected = [
        (
            PatchKind::Remove,
            attr::NAME,
            Some(attr::NAME_FAMILY_NAME),
            vec![],
        ),
        (PatchKind::Replace, attr::NAME, None, vec![given]),
    ];
    assert_eq!(brief(parts), expected);
}

#[test]
fn a_remove_with_values_takes_those_and_never_all() {
    for (value, expected) in [
        (
            json!([{"value": "a"}, {"value": "b"}]),
            Some(members(&["a", "b"])),
        ),
        (json!({"value": "a"}), Some(members(&["a"]))),
        (json!("a"), Some(members(&["a"]))),
        (json!(null), Some(vec![])),
        (json!([]), None),
    ] {
        let removed = brief(group(
            json!({"op": "Remove", "path": "members", "value": value}),
        ));
        let expected: Vec<Brief> = expected
            .map(|values| (PatchKind::Remove, attr::MEMBERS, None, values))
            .into_iter()
            .collect();
        assert_eq!(removed, expected, "{value}");
    }
    for nameless in [json!([{"value": null}]), json!([null]), json!({})] {
        let operation = json!({"op": "Remove", "path": "members", "value": nameless});
        let refused = group(operation);
        assert!(
            matches!(refused, Err(Error::InvalidValue { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn a_whole_extension_is_written_and_removed_by_its_urn() {
    let written = user(json!({"op": "add", "path": ENTERPRISE, "value": {"department": "D"}}));
    assert_eq!(
        brief(written),
        [(PatchKind::Add, attr::DEPARTMENT, None, text("D"))]
    );
    for operation in [
        json!({"op": "remove", "path": PBX}),
        json!({"op": "replace", "path": PBX, "value": null}),
        json!({"op": "replace", "value": {PBX: null}}),
    ] {
        let removed: Vec<AttrId> = brief(user(operation)).iter().map(|op| op.1).collect();
        assert!(removed.contains(&attr::EXTENSIONS) && removed.contains(&attr::EMAIL_VERIFIED));
        assert!(!removed.contains(&attr::LAST_LOGIN));
    }
}

#[test]
fn no_operations_change_nothing() {
    for body in [
        json!({"schemas": [message::PATCH_OP], "Operations": []}),
        json!({"operations": []}),
        json!({"Operations": [{"op": "add", "path": "urn:example:User:tag", "value": "t"}]}),
        json!({"Operations": [{"op": "add", "path": "schemas", "value": ["urn:example:User"]}]}),
    ] {
        assert_eq!(decode(ResourceType::User, &body), Ok(vec![]), "{body}");
    }
}

#[test]
fn each_mistake_has_its_own_error() {
    let kind = |error: Error| match error {
        Error::InvalidSyntax(_) => "syntax",
        Error::InvalidPath { .. } => "path",
        Error::InvalidValue { .. } => "value",
        Error::Mutability { .. } => "mutability",
        Error::NoTarget { .. } => "target",
        other => panic!("{other:?}"),
    };
    for (operation, expected) in [
        (json!("remove"), "syntax"),
        (json!({"path": "title", "value": "T"}), "syntax"),
        (
            json!({"op": "move", "path": "title", "value": "T"}),
            "syntax",
        ),
        (json!({"op": "add", "path": 7, "value": "T"}), "syntax"),
        (
            json!({"op": "add", "path": "shoeSize", "value": 44}),
            "path",
        ),
        (
            json!({"op": "add", "path": "emails[", "value": "T"}),
            "path",
        ),
        (json!({"op": "add", "value": {"emails[": "T"}}), "path"),
        (json!({"op": "add", "path": "title"}), "value"),
        (json!({"op": "add"}), "value"),
        (json!({"op": "add", "value": "T"}), "value"),
        (
            json!({"op": "add", "path": "title", "value": {"a": 1}}),
            "value",
        ),
        (
            json!({"op": "add", "path": ENTERPRISE, "value": 7}),
            "value",
        ),
        (
            json!({"op": "replace", "path": "userName", "value": ""}),
            "value",
        ),
        (json!({"op": "remove", "path": "userName"}), "mutability"),
        (
            json!({"op": "replace", "path": "id", "value": "x"}),
            "mutability",
        ),
        (
            json!({"op": "add", "path": "groups", "value": [{"value": "x"}]}),
            "mutability",
        ),
        (
            json!({"op": "remove", "path": "meta.version"}),
            "mutability",
        ),
        (
            json!({"op": "remove", "path": "urn:ietf:params:scim:schemas:core:2.0:User"}),
            "mutability",
        ),
        (json!({"op": "remove"}), "target"),
        (json!({"op": "remove", "value": {"title": "T"}}), "target"),
    ] {
        let refused = user(operation.clone()).unwrap_err();
        assert_eq!(kind(refused), expected, "{operation}");
    }
    let part =
        group(json!({"op": "replace", "path": "members[value eq \"a\"].value", "value": "b"}));
    assert_eq!(kind(part.unwrap_err()), "mutability");
    for body in [
        json!([]),
        json!({}),
        json!({"schemas": ["urn:x"], "Operations": []}),
        json!({"Operations": {}}),
    ] {
        assert_eq!(
            kind(decode(ResourceType::User, &body).unwrap_err()),
            "syntax",
            "{body}"
        );
    }
}

#[test]
fn active_is_never_unassigned() {
    for operation in [
        json!({"op": "remove", "path": "active"}),
        json!({"op": "replace", "path": "active", "value": ""}),
        json!({"op": "replace", "value": {"active": null}}),
    ] {
        assert_eq!(brief(user(operation.clone())), [], "{operation}");
    }
}

#[test]
fn a_filter_of_equalities_describes_an_element_as_it_was_written() {
    let element = || Attributes::new().with(attr::EMAILS_VALUE, "Anna.Lee@Example.com");
    for (filter, described) in [
        (r#"value eq "Anna.Lee@Example.com""#, Some(element())),
        (
            r#"type eq "Work" and value eq "Anna.Lee@Example.com""#,
            Some(element().with(attr::EMAILS_TYPE, "Work")),
        ),
        (
            r#"(value eq "Anna.Lee@Example.com" and display eq "Köln  Süd") and primary eq true"#,
            Some(
                element()
                    .with(attr::EMAILS_DISPLAY, "Köln  Süd")
                    .with(attr::EMAILS_PRIMARY, true),
            ),
        ),
        (r#"type ne "work""#, None),
        (r#"type eq "work" or type eq "home""#, None),
        (r#"not (type eq "work")"#, None),
        (r#"value eq "a@x" and type pr"#, None),
        ("value eq null", None),
    ] {
        let path = format!("emails[{filter}].type");
        let operation = json!({"op": "replace", "path": path, "value": "other"});
        let [op] = <[PatchOp; 1]>::try_from(user(operation).unwrap()).unwrap();
        assert_eq!(op.missing, described, "{filter}");
    }
}
