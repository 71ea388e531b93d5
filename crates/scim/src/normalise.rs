//! What identity providers send that no RFC describes, and how each is read: one repair a
//! function, each asked for by its name and noted when it acts. Which kinds of connection have
//! which stands in `repair`; what each repairs, as it was sent, stands in the tests.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use jackfield_model::path::PatchKind;
use jackfield_model::schema::Schema;
use jackfield_model::{AttrDef, AttrId};
use serde_json::{Map, Value as Json};

use crate::dialect::Dialect;
use crate::repair::Repair;
use crate::resource::ResourceType;

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
        Schema::PbxUser | Schema::PbxGroup | Schema::Common | Schema::Internal | Schema::Own(_) => {
            &[]
        }
    }
}

/// Entra ID writes `"op": "Add"`.
pub(crate) fn operation(dialect: &Dialect, op: &str) -> Option<PatchKind> {
    let kinds = [
        ("add", PatchKind::Add),
        ("remove", PatchKind::Remove),
        ("replace", PatchKind::Replace),
    ];
    let (name, kind) = kinds
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(op))?;
    (name == op || dialect.takes(Repair::AnyCaseOperation)).then_some(kind)
}

/// A member of a message. Entra ID writes `"operations"`, and names of members in other cases too.
pub(crate) fn member<'j>(
    dialect: &Dialect,
    object: &'j Map<String, Json>,
    name: &str,
) -> Option<&'j Json> {
    object
        .get(name)
        .or_else(|| in_any_case(object, name).filter(|_| dialect.takes(Repair::AnyCaseKey)))
}

/// A member whose name is known in any case; the exact one first.
pub(crate) fn named<'j>(object: &'j Map<String, Json>, name: &str) -> Option<&'j Json> {
    object.get(name).or_else(|| in_any_case(object, name))
}

/// A member of a resource, whose names are known in any case (RFC 7643 §2.1).
pub(crate) fn in_any_case<'j>(object: &'j Map<String, Json>, name: &str) -> Option<&'j Json> {
    object
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// Whether a name can be the key of an object: that of a resource of this type, or that of an
/// extension, in which its attributes stand. Entra ID writes paths and URNs into keys; some leave
/// out the object around the attributes of an extension.
pub(crate) fn is_key(
    dialect: &Dialect,
    ty: Option<ResourceType>,
    attr: AttrId,
    sub: Option<AttrId>,
    key: &str,
) -> bool {
    if sub.is_some() || key.contains([':', '[']) {
        return dialect.takes(Repair::DottedKey);
    }
    let def = dialect.registry().get(attr);
    let is_out_of_place = |(def, ty): (&AttrDef, ResourceType)| {
        let has_place = |schema: &Schema| [Schema::Common, ty.base()].contains(schema);
        !def.schemas.iter().any(has_place)
    };
    !def.zip(ty).is_some_and(is_out_of_place) || dialect.takes(Repair::BareExtensionName)
}

/// Entra ID writes booleans as `"True"` and `"False"`.
pub(crate) fn boolean(dialect: &Dialect, text: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
        .map(|(_, value)| value)
        .filter(|_| dialect.takes(Repair::TextForBoolean))
}

/// Some mappings write integers as text.
pub(crate) fn integer(dialect: &Dialect, text: &str) -> Option<i64> {
    let number = text.trim().parse().ok();
    number.filter(|_| dialect.takes(Repair::TextForNumber))
}

/// Some mappings write numbers and booleans where text belongs, such as an employee number.
pub(crate) fn text<'j>(dialect: &Dialect, json: &'j Json) -> Option<Cow<'j, str>> {
    let text = match json {
        Json::String(text) => return Some(text.as_str().into()),
        Json::Number(number) => number.to_string(),
        Json::Bool(value) => value.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => return None,
    };
    dialect.takes(Repair::NumberForText).then(|| text.into())
}

/// Older clients wrap the value of a single-valued attribute in an array.
pub(crate) fn unwrap_single<'j>(dialect: &Dialect, json: &'j Json) -> &'j Json {
    match json.as_array().map(Vec::as_slice) {
        Some([one]) if dialect.takes(Repair::ArrayForOne) => one,
        _ => json,
    }
}

/// Some clients give `{"value": "x"}` where plain text belongs.
pub(crate) fn unwrap_value<'j>(dialect: &Dialect, json: &'j Json) -> &'j Json {
    json.as_object()
        .and_then(|object| in_any_case(object, "value"))
        .filter(|_| dialect.takes(Repair::ObjectForText))
        .unwrap_or(json)
}

/// Entra ID gives a manager, and the Postman collection members, as a bare string; Entra ID's
/// `SingleAppRoleAssignment` and older clients give an object written out as text.
pub(crate) fn complex<'j>(dialect: &Dialect, json: &'j Json) -> Option<Cow<'j, Map<String, Json>>> {
    match json {
        Json::Object(object) => Some(unwrap_object(dialect, object)),
        Json::String(text) if text.trim_start().starts_with('{') => written_out(dialect, json),
        Json::String(_) | Json::Number(_) => dialect
            .takes(Repair::TextForElement)
            .then(|| Cow::Owned(Map::from_iter([("value".to_owned(), json.clone())]))),
        Json::Null | Json::Bool(_) | Json::Array(_) => None,
    }
}

/// An object, or one that is written out as text, as older clients of Keycloak do.
pub(crate) fn written_out<'j>(
    dialect: &Dialect,
    json: &'j Json,
) -> Option<Cow<'j, Map<String, Json>>> {
    match json {
        Json::Object(object) => Some(Cow::Borrowed(object)),
        Json::String(text) => serde_json::from_str(text)
            .ok()
            .filter(|_| dialect.takes(Repair::TextForObject))
            .map(Cow::Owned),
        _ => None,
    }
}

/// Entra ID's `AssertiveAppRoleAssignmentsComplex` writes a role out inside its own `value`.
fn unwrap_object<'j>(
    dialect: &Dialect,
    object: &'j Map<String, Json>,
) -> Cow<'j, Map<String, Json>> {
    let text = object.get("value").and_then(Json::as_str);
    let inner: Option<Map<String, Json>> = text
        .filter(|text| text.starts_with('{'))
        .and_then(|text| serde_json::from_str(text).ok());
    let value = inner.as_ref().and_then(|inner| inner.get("value"));
    let Some(value) = value.filter(|_| dialect.takes(Repair::TextForObject)) else {
        return Cow::Borrowed(object);
    };
    let mut unwrapped = object.clone();
    unwrapped.insert("value".to_owned(), value.clone());
    let display = inner.as_ref().and_then(|inner| inner.get("displayName"));
    if let Some(display) = display {
        unwrapped
            .entry("display")
            .or_insert_with(|| display.clone());
    }
    Cow::Owned(unwrapped)
}

/// Keycloak names a member by `"$ref": "Users/id"` alone, relative or not.
pub(crate) fn id_in_uri<'u>(dialect: &Dialect, uri: &'u str) -> Option<&'u str> {
    let last = uri.trim_end_matches('/').rsplit('/').next();
    last.filter(|_| dialect.takes(Repair::ReferencedMember))
}

/// Entra ID unassigns an attribute by the empty text, which RFC 7643 §2.5 does for `null` and
/// `[]` only.
pub(crate) fn is_unassigned(dialect: &Dialect, json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::String(text) => text.is_empty() && dialect.takes(Repair::EmptyText),
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
mod tests;
