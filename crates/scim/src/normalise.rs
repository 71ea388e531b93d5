//! What identity providers send that no RFC describes, and how each is read: one repair a
//! function, each with the payload it repairs.
//!
//! All of them act for every connection. None changes the meaning of a request that is right.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use jackfield_model::path::PatchKind;
use jackfield_model::schema::Schema;
use serde_json::{Map, Value as Json};

/// OneLogin and Google Workspace name the schemas of SCIM 1.1, or of drafts, beside ours or in
/// their place.
pub(crate) fn schema_aliases(schema: Schema) -> &'static [&'static str] {
    match schema {
        Schema::User | Schema::Group => &["urn:scim:schemas:core:2.0", "urn:scim:schemas:core:1.0"],
        Schema::Enterprise => &[
            "urn:scim:schemas:extension:enterprise:2.0:User",
            "urn:scim:schemas:extension:enterprise:2.0",
            "urn:scim:schemas:extension:enterprise:1.0",
        ],
        Schema::PbxUser | Schema::PbxGroup | Schema::Common | Schema::Internal => &[],
    }
}

/// Entra ID writes `"op": "Add"`.
pub(crate) fn operation(op: &str) -> Option<PatchKind> {
    [
        ("add", PatchKind::Add),
        ("remove", PatchKind::Remove),
        ("replace", PatchKind::Replace),
    ]
    .into_iter()
    .find(|(name, _)| name.eq_ignore_ascii_case(op))
    .map(|(_, kind)| kind)
}

/// Entra ID writes `"operations"`, and names of members in other cases too.
pub(crate) fn member<'j>(object: &'j Map<String, Json>, name: &str) -> Option<&'j Json> {
    let any_case = || {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
    };
    object
        .get(name)
        .or_else(|| any_case().map(|(_, value)| value))
}

/// Entra ID writes booleans as `"True"` and `"False"`.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
        .map(|(_, value)| value)
}

/// Some mappings write integers as text.
pub(crate) fn integer(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// Some mappings write numbers and booleans where text belongs, such as an employee number.
pub(crate) fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(value) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Older clients wrap the value of a single-valued attribute in an array.
pub(crate) fn unwrap_single(json: &Json) -> &Json {
    match json {
        Json::Array(values) => match values.as_slice() {
            [one] => one,
            _ => json,
        },
        _ => json,
    }
}

/// Some clients give `{"value": "x"}` where plain text belongs.
pub(crate) fn unwrap_value(json: &Json) -> &Json {
    json.as_object()
        .and_then(|object| member(object, "value"))
        .unwrap_or(json)
}

/// Entra ID gives a manager, and the Postman collection members, as a bare string; Entra ID's
/// `SingleAppRoleAssignment` and older clients give an object written out as text.
pub(crate) fn complex(json: &Json) -> Option<Map<String, Json>> {
    match json {
        Json::Object(object) => Some(object.clone()),
        Json::String(text) if text.trim_start().starts_with('{') => serde_json::from_str(text).ok(),
        Json::String(_) | Json::Number(_) => {
            Some(Map::from_iter([("value".to_owned(), json.clone())]))
        }
        Json::Null | Json::Bool(_) | Json::Array(_) => None,
    }
}

/// Keycloak names a member by `"$ref": "Users/id"` alone, relative or not.
pub(crate) fn id_in_uri(uri: &str) -> &str {
    uri.trim_end_matches('/').rsplit('/').next().unwrap_or(uri)
}

/// Entra ID unassigns an attribute by the empty text, which RFC 7643 §2.5 does for `null` and
/// `[]` only.
pub(crate) fn is_unassigned(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(values) => values.is_empty(),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => false,
    }
}

/// Octets in base64, padded or not, of either alphabet (RFC 7643 §2.3.6).
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
    STANDARD
        .decode(text)
        .or_else(|_| URL_SAFE.decode(text))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn operations_are_known_in_any_case() {
        for (op, expected) in [
            ("Add", Some(PatchKind::Add)),
            ("REMOVE", Some(PatchKind::Remove)),
            ("replace", Some(PatchKind::Replace)),
            ("delete", None),
        ] {
            assert_eq!(operation(op), expected, "{op}");
        }
    }

    #[test]
    fn members_of_objects_are_found_in_any_case_the_exact_one_first() {
        let body = json!({"operations": 1, "Operations": 2, "SCHEMAS": 3});
        let body = body.as_object().unwrap();
        assert_eq!(member(body, "Operations"), Some(&json!(2)));
        assert_eq!(member(body, "schemas"), Some(&json!(3)));
        assert_eq!(member(body, "value"), None);
    }

    #[test]
    fn texts_stand_for_booleans_and_integers() {
        assert_eq!(boolean("False"), Some(false));
        assert_eq!(boolean("TRUE"), Some(true));
        assert_eq!(boolean("yes"), None);
        assert_eq!(integer("42"), Some(42));
        assert_eq!(integer("4.2"), None);
    }

    #[test]
    fn numbers_stand_for_texts() {
        assert_eq!(text(&json!(701_984)), Some("701984".to_owned()));
        assert_eq!(text(&json!({})), None);
    }

    #[test]
    fn an_array_of_one_stands_for_the_one() {
        assert_eq!(unwrap_single(&json!(["Tour Guide"])), &json!("Tour Guide"));
        assert_eq!(unwrap_single(&json!(["a", "b"])), &json!(["a", "b"]));
    }

    #[test]
    fn an_object_with_a_value_stands_for_the_value() {
        assert_eq!(unwrap_value(&json!({"Value": "x"})), &json!("x"));
        assert_eq!(unwrap_value(&json!("x")), &json!("x"));
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
            assert_eq!(complex(&sent).map(Json::Object), expected, "{sent}");
        }
    }

    #[test]
    fn a_reference_names_its_resource_by_its_last_part() {
        for uri in [
            "Users/26118915",
            "https://example.com/v2/Users/26118915",
            "../Users/26118915/",
        ] {
            assert_eq!(id_in_uri(uri), "26118915");
        }
    }

    #[test]
    fn the_empty_text_unassigns() {
        for sent in [json!(null), json!(""), json!([])] {
            assert!(is_unassigned(&sent), "{sent}");
        }
        for sent in [json!(" "), json!(0), json!(false), json!({})] {
            assert!(!is_unassigned(&sent), "{sent}");
        }
    }

    #[test]
    fn base64_is_read_with_and_without_padding_in_both_alphabets() {
        for text in ["+/8=", "+/8", "-_8=", "-_8"] {
            assert_eq!(base64(text), Some(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(base64("?"), None);
    }
}
