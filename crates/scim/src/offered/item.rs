//! What is offered, one by one, and which attributes it has.

use jackfield_gateway::Reader;
use jackfield_gateway::access::roles::Role;
use jackfield_model::schema::Type;
use serde_json::{Map, Value as Json, json};

/// An attribute, which only the server writes.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) ty: Type,
    pub(crate) multi_valued: bool,
    pub(crate) required: bool,
    pub(crate) about: &'static str,
}

const fn text(name: &'static str, about: &'static str) -> Column {
    Column {
        name,
        ty: Type::String,
        multi_valued: false,
        required: false,
        about,
    }
}

/// Those of draft-ietf-scim-roles-entitlements.
pub(super) static DRAFT: [Column; 9] = [
    Column {
        required: true,
        ..text("value", "What stands for it at a user.")
    },
    text("display", "Its name, for display."),
    text("type", "What kind it is."),
    Column {
        ty: Type::Boolean,
        required: true,
        ..text("supported", "Whether it is in use.")
    },
    Column {
        ty: Type::Boolean,
        ..text(
            "limitedAssignmentsPermitted",
            "Whether only so many users can have it.",
        )
    },
    Column {
        ty: Type::Integer,
        ..text("totalAssignmentsPermitted", "How many users can have it.")
    },
    Column {
        ty: Type::Integer,
        ..text("totalAssignmentsUsed", "How many users have it.")
    },
    Column {
        multi_valued: true,
        ..text(
            "containedBy",
            "Those that permit whatever it does, and more.",
        )
    },
    Column {
        multi_valued: true,
        ..text("contains", "Those of which it permits whatever they do.")
    },
];

/// Those of Okta's governance.
pub(super) static OKTA: [Column; 3] = [
    Column {
        required: true,
        ..text("displayName", "Its name, for display.")
    },
    text("description", "What it is for."),
    text("type", "What kind it is."),
];

/// How long Okta takes a description to be, in characters.
const DESCRIPTION: usize = 1_000;

/// Every role, with the attributes of all schemas, in the order of the keys.
pub(super) fn roles(reader: &Reader) -> Vec<Map<String, Json>> {
    let all: Vec<(&Role, usize)> = reader.roles().collect();
    let seats = reader.settings().seats;
    let item = |(role, holders): &(&Role, usize)| {
        let key = role.key().as_str();
        let includes = |outer: &Role, inner: &Role| {
            outer.key() != inner.key()
                && inner
                    .permissions()
                    .iter()
                    .all(|p| outer.permissions().contains(p))
                && outer.permissions().len() > inner.permissions().len()
        };
        let keys = |holds: &dyn Fn(&Role) -> bool| -> Vec<&str> {
            let others = all.iter().filter(|(other, _)| holds(other));
            others.map(|(other, _)| other.key().as_str()).collect()
        };
        let kind = if role.is_custom() {
            "custom"
        } else {
            "built-in"
        };
        let limit = seats.filter(|_| reader.takes_seat(role));
        let mut item = offer(key, role.title(), &role.def().description, kind);
        let mut put = |name: &str, json: Json| drop(item.insert(name.to_owned(), json));
        put("limitedAssignmentsPermitted", limit.is_some().into());
        if let Some(limit) = limit {
            put("totalAssignmentsPermitted", limit.into());
        }
        put("totalAssignmentsUsed", (*holders).into());
        for (name, keys) in [
            ("containedBy", keys(&|other| includes(other, role))),
            ("contains", keys(&|other| includes(role, other))),
        ] {
            if !keys.is_empty() {
                put(name, keys.into());
            }
        }
        item
    };
    all.iter().map(item).collect()
}

/// Every permission, in their order.
pub(super) fn entitlements(reader: &Reader) -> Vec<Map<String, Json>> {
    let item = |permission: &str| {
        let display = permission.replace(':', " ");
        let about = format!("The permission {permission}, which comes with roles.");
        offer(permission, &display, &about, "permission")
    };
    reader.permissions().map(item).collect()
}

fn offer(value: &str, display: &str, about: &str, kind: &str) -> Map<String, Json> {
    let mut item = Map::new();
    let mut put = |name: &str, json: Json| drop(item.insert(name.to_owned(), json));
    put("id", value.into());
    put("value", value.into());
    put("display", display.into());
    put("displayName", display.into());
    put("type", kind.into());
    put("supported", json!(true));
    if !about.is_empty() {
        let about: String = about.chars().take(DESCRIPTION).collect();
        put("description", about.into());
    }
    item
}
