//! PATCH of attributes (RFC 7644 §3.5.2), row by row.

use jackfield_directory::Refusal;
use jackfield_model::path::PatchKind::{self, Add, Remove, Replace};
use jackfield_model::{Attributes, Id, Kind, Principal, Registry, Value};

use crate::world::{OPBX, World, named, op, patch};

/// A record, an operation with its values, and the record afterwards, as the store writes bags.
struct Row(
    &'static str,
    &'static str,
    PatchKind,
    &'static str,
    &'static str,
    &'static str,
);

const ONE: &str = r#"{"emails": {"value": "a@x", "type": "work", "primary": true}}"#;
const TWO: &str = r#"{"emails": [{"value": "a@x", "type": "work", "primary": true},
                                 {"value": "b@x", "type": "home"}]}"#;
const NAME: &str = r#"{"name": {"givenName": "Anna", "familyName": "Berg"}}"#;

#[rustfmt::skip]
const ROWS: [Row; 49] = [
    // §3.5.2.1 Add
    Row("an absent attribute is added", "{}", Add, "title", r#"["x"]"#, r#"{"title": "x"}"#),
    Row("a single value is replaced", r#"{"title": "x"}"#, Add, "title", r#"["y"]"#, r#"{"title": "y"}"#),
    Row("a value is added to several", ONE, Add, "emails", r#"[{"value": "b@x", "type": "home"}]"#, TWO),
    Row("several are added at once", "{}", Add, "emails",
        r#"[{"value": "a@x", "type": "work", "primary": true}, {"value": "b@x", "type": "home"}]"#, TWO),
    Row("a value that is there changes nothing", TWO, Add, "emails", r#"[{"value": "b@x", "type": "home"}]"#, TWO),
    Row("a new primary one demotes the others", ONE, Add, "emails", r#"[{"value": "b@x", "primary": true}]"#,
        r#"{"emails": [{"value": "a@x", "type": "work", "primary": false}, {"value": "b@x", "primary": true}]}"#),
    Row("of several new primary ones the last stays so", "{}", Add, "emails",
        r#"[{"value": "a", "primary": true}, {"value": "b", "primary": true}]"#,
        r#"{"emails": [{"value": "a", "primary": false}, {"value": "b", "primary": true}]}"#),
    Row("sub-attributes are added to a complex value", NAME, Add, "name", r#"[{"middleName": "M", "givenName": "A"}]"#,
        r#"{"name": {"givenName": "A", "familyName": "Berg", "middleName": "M"}}"#),
    Row("a sub-attribute is added", NAME, Add, "name.middleName", r#"["M"]"#,
        r#"{"name": {"givenName": "Anna", "familyName": "Berg", "middleName": "M"}}"#),
    Row("a sub-attribute makes the complex value", "{}", Add, "name.givenName", r#"["A"]"#, r#"{"name": {"givenName": "A"}}"#),
    Row("a sub-attribute of chosen elements", TWO, Add, "emails[type eq \"home\"].display", r#"["B"]"#,
        r#"{"emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "b@x", "type": "home", "display": "B"}]}"#),
    Row("sub-attributes of chosen elements", TWO, Add, "emails[type eq \"home\"]", r#"[{"display": "B"}]"#,
        r#"{"emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "b@x", "type": "home", "display": "B"}]}"#),
    Row("nothing added changes nothing", r#"{"title": "x"}"#, Add, "title", "[]", r#"{"title": "x"}"#),
    Row("no elements added change nothing", ONE, Add, "emails", "[]", ONE),
    Row("a boolean", "{}", Add, "active", "[false]", r#"{"active": false}"#),
    // §3.5.2.2 Remove
    Row("a single value is removed", r#"{"title": "x"}"#, Remove, "title", "[]", "{}"),
    Row("what is not there is no error", "{}", Remove, "title", "[]", "{}"),
    Row("all values are removed", TWO, Remove, "emails", "[]", "{}"),
    Row("chosen elements are removed", TWO, Remove, "emails[type eq \"home\"]", "[]", ONE),
    Row("the last chosen element leaves none", ONE, Remove, "emails[type eq \"work\"]", "[]", "{}"),
    Row("a filter that matches nothing removes nothing", ONE, Remove, "emails[type eq \"fax\"]", "[]", ONE),
    Row("a sub-attribute of chosen elements is removed", ONE, Remove, "emails[type eq \"work\"].type", "[]",
        r#"{"emails": {"value": "a@x", "primary": true}}"#),
    Row("an element that becomes empty goes", r#"{"emails": [{"value": "a"}, {"type": "work"}]}"#, Remove,
        "emails[type eq \"work\"].type", "[]", r#"{"emails": {"value": "a"}}"#),
    Row("a sub-attribute of a complex value is removed", NAME, Remove, "name.familyName", "[]", r#"{"name": {"givenName": "Anna"}}"#),
    Row("the last sub-attribute takes the complex value along", r#"{"name": {"givenName": "A"}}"#, Remove, "name.givenName", "[]", "{}"),
    Row("named values are removed, the others stay", TWO, Remove, "emails", r#"[{"value": "B@X"}]"#, ONE),
    Row("a sub-attribute of every element is removed", TWO, Remove, "emails.type", "[]",
        r#"{"emails": [{"value": "a@x", "primary": true}, {"value": "b@x"}]}"#),
    // §3.5.2.3 Replace
    Row("a single value is put in place", r#"{"title": "x"}"#, Replace, "title", r#"["y"]"#, r#"{"title": "y"}"#),
    Row("an absent attribute is added, too", "{}", Replace, "title", r#"["y"]"#, r#"{"title": "y"}"#),
    Row("null takes the value away", r#"{"title": "x"}"#, Replace, "title", "[]", "{}"),
    Row("all values are replaced", TWO, Replace, "emails", r#"[{"value": "c@x"}]"#, r#"{"emails": {"value": "c@x"}}"#),
    Row("all values are replaced by none", TWO, Replace, "emails", "[]", "{}"),
    Row("sub-attributes that are not named stay", NAME, Replace, "name", r#"[{"givenName": "A"}]"#,
        r#"{"name": {"givenName": "A", "familyName": "Berg"}}"#),
    Row("a sub-attribute is put in place", NAME, Replace, "name.givenName", r#"["A"]"#,
        r#"{"name": {"givenName": "A", "familyName": "Berg"}}"#),
    Row("chosen elements are replaced whole", TWO, Replace, "emails[type eq \"home\"]", r#"[{"value": "c@x"}]"#,
        r#"{"emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "c@x"}]}"#),
    Row("a sub-attribute of chosen elements is put in place", TWO, Replace, "emails[type eq \"home\"].value", r#"["c@x"]"#,
        r#"{"emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "c@x", "type": "home"}]}"#),
    Row("a chosen element becomes the primary one", TWO, Replace, "emails[type eq \"home\"].primary", "[true]",
        r#"{"emails": [{"value": "a@x", "type": "work", "primary": false}, {"value": "b@x", "type": "home", "primary": true}]}"#),
    Row("a replaced element becomes the primary one", TWO, Replace, "emails[type eq \"home\"]", r#"[{"value": "c@x", "primary": true}]"#,
        r#"{"emails": [{"value": "a@x", "type": "work", "primary": false}, {"value": "c@x", "primary": true}]}"#),
    Row("elements are chosen by several", TWO, Replace, "emails[type eq \"home\" and value like \"b*\"].display", r#"["B"]"#,
        r#"{"emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "b@x", "type": "home", "display": "B"}]}"#),
    Row("elements are chosen ignoring case", ONE, Replace, "emails[type eq \"WORK\"].value", r#"["c@x"]"#,
        r#"{"emails": {"value": "c@x", "type": "work", "primary": true}}"#),
    Row("elements are chosen by what they have not", TWO, Remove, "emails[not primary eq true]", "[]", ONE),
    Row("a sub-attribute of every element is put in place", TWO, Replace, "emails.type", r#"["other"]"#,
        r#"{"emails": [{"value": "a@x", "type": "other", "primary": true}, {"value": "b@x", "type": "other"}]}"#),
    Row("the primary element is chosen", TWO, Replace, "emails[primary eq true].value", r#"["c@x"]"#,
        r#"{"emails": [{"value": "c@x", "type": "work", "primary": true}, {"value": "b@x", "type": "home"}]}"#),
    // RFC 7643 §2.4: no element twice.
    Row("elements that become the same are one", TWO, Replace, "emails[value like \"*@x\"]", r#"[{"value": "c@x"}]"#,
        r#"{"emails": {"value": "c@x"}}"#),
    Row("so are those that come to be of one value and type",
        r#"{"emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "work", "display": "B"}]}"#,
        Replace, "emails.value", r#"["C@x"]"#, r#"{"emails": {"value": "C@x", "type": "work", "display": "B"}}"#),
    Row("an element of a value and type that are there is that one", ONE, Add, "emails",
        r#"[{"value": "A@X", "type": "WORK", "display": "A"}]"#,
        r#"{"emails": {"value": "A@X", "type": "WORK", "display": "A", "primary": true}}"#),
    Row("it can become the primary one", TWO, Add, "emails", r#"[{"value": "b@x", "type": "home", "primary": true}]"#,
        r#"{"emails": [{"value": "a@x", "type": "work", "primary": false}, {"value": "b@x", "type": "home", "primary": true}]}"#),
    Row("one value of two types is two elements", ONE, Add, "emails", r#"[{"value": "a@x", "type": "home"}]"#,
        r#"{"emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "a@x", "type": "home"}]}"#),
    Row("what has no type is compared whole", ONE, Add, "emails", r#"[{"value": "a@x"}, {"value": "a@x"}]"#,
        r#"{"emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "a@x"}]}"#),
];

#[test]
fn each_row_of_the_rfc() {
    for Row(what, before, kind, path, values, after) in ROWS {
        let (mut world, user) = with(before);
        let op = op(kind, path, &parse(path, values));
        let done = world.run(Principal::Operator, patch(user, Kind::User, vec![op]));
        done.unwrap_or_else(|refusal| panic!("{what}: {refusal}"));
        assert_eq!(stored(&world, user), bag(after), "{what}");
    }
}

#[test]
fn a_filter_that_chooses_nothing_has_no_target() {
    for (kind, path, values) in [
        (Replace, "emails[type eq \"fax\"].value", r#"["x"]"#),
        (Replace, "emails[type eq \"fax\"]", r#"[{"value": "x"}]"#),
        (Add, "emails[type eq \"fax\"].value", r#"["x"]"#),
        (Add, "emails[type eq \"fax\"]", r#"[{"value": "x"}]"#),
    ] {
        let (mut world, user) = with(TWO);
        let op = op(kind, path, &parse(path, values));
        let refused = world.run(Principal::Operator, patch(user, Kind::User, vec![op]));
        assert!(
            matches!(refused, Err(Refusal::NoTarget { .. })),
            "{path}: {refused:?}"
        );
        assert_eq!(stored(&world, user), bag(TWO), "all or nothing");
    }
}

#[test]
fn an_element_that_is_missing_is_made_of_what_the_filter_describes() {
    let path = "emails[type eq \"work\"]";
    for (sub, missing, values, after) in [
        (
            ".value",
            r#"{"emails": {"type": "Work"}}"#,
            r#"["x"]"#,
            r#"{"emails": {"value": "x", "type": "Work"}}"#,
        ),
        (
            ".primary",
            r#"{"emails": {"value": "A  B@x", "type": "Work"}}"#,
            "[true]",
            r#"{"emails": {"value": "A  B@x", "type": "Work", "primary": true}}"#,
        ),
        (
            "",
            r#"{"emails": {"type": "Work"}}"#,
            r#"[{"value": "x"}]"#,
            r#"{"emails": {"value": "x", "type": "Work"}}"#,
        ),
    ] {
        let (mut world, user) = with("{}");
        let path = format!("{path}{sub}");
        let mut op = op(Replace, &path, &parse(&path, values));
        let element = bag(missing).take(op.path.attr);
        op.missing = element.first().and_then(Value::as_complex).cloned();
        world.must(Principal::Operator, patch(user, Kind::User, vec![op]));
        assert_eq!(stored(&world, user), bag(after), "{path}");
    }
}

#[test]
fn operations_are_done_in_order_and_all_or_none() {
    let (mut world, user) = with(ONE);
    let home = parse("emails", r#"[{"value": "b@x", "type": "home"}]"#);
    let ops = vec![
        op(Add, "emails", &home),
        op(Remove, "emails[type eq \"work\"]", &[]),
        op(Replace, "emails[type eq \"home\"].value", &["c@x".into()]),
    ];
    world.must(Principal::Operator, patch(user, Kind::User, ops));
    assert_eq!(
        stored(&world, user),
        bag(r#"{"emails": {"value": "c@x", "type": "home"}}"#)
    );
    let revision = world.now.revision();
    let ops = vec![
        op(Replace, "title", &["x".into()]),
        op(Replace, "emails[type eq \"fax\"].value", &["x".into()]),
    ];
    let refused = world.run(Principal::Operator, patch(user, Kind::User, ops));
    assert!(refused.is_err());
    assert_eq!(world.now.revision(), revision);
    assert!(
        stored(&world, user)
            .values(jackfield_model::schema::attr::TITLE)
            .is_empty()
    );
}

fn with(attributes: &str) -> (World, Id) {
    let mut world = World::new(OPBX);
    let mut all = named("anna");
    for (attr, values) in bag(attributes).iter() {
        all.set(attr, values.to_vec());
    }
    let user = world.create(Principal::Operator, Kind::User, all);
    (world, user)
}

fn stored(world: &World, user: Id) -> Attributes {
    let mut attributes = world.record(user).attributes.clone();
    attributes.take(jackfield_model::schema::attr::USER_NAME);
    attributes
}

fn bag(text: &str) -> Attributes {
    serde_json::from_str(text).expect("a bag")
}

/// The values of an operation, as the store would write them under its path.
fn parse(path: &str, values: &str) -> Vec<Value> {
    let path = op(Add, path, &[]).path;
    let name = |attr| {
        Registry::core()
            .get(attr)
            .expect("an attribute")
            .name
            .clone()
    };
    let (text, parent) = match path.sub {
        None => (format!("{{\"{}\": {values}}}", name(path.attr)), None),
        Some(sub) => (
            format!(
                "{{\"{}\": {{\"{}\": {values}}}}}",
                name(path.attr),
                name(sub)
            ),
            Some(sub),
        ),
    };
    let mut bag = bag(&text);
    let values = bag.take(path.attr);
    match parent {
        None => values,
        Some(sub) => {
            let element = values.first().and_then(Value::as_complex);
            element.map(|e| e.values(sub).to_vec()).unwrap_or_default()
        }
    }
}
