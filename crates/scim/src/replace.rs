//! PUT of a resource (RFC 7644 §3.5.1).

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Command, Precondition};
use jackfield_model::schema::{Schema, attr};
use jackfield_model::{AttrId, Id};
use serde_json::Value as Json;

use crate::body::Body;
use crate::call::Call;
use crate::decode::{self, Decoded};
use crate::dialect::Dialect;
use crate::error::Error;
use crate::repair::Repair;
use crate::resource::ResourceType;

pub(crate) async fn replace(ty: ResourceType, call: Call, body: Body) -> Result<Response, Error> {
    let id = call.id()?;
    let expect = call.expectation(id).await?;
    let command = command(&call.dialect, ty, id, &body.0, expect)?;
    let written = call.session.write(command).await?;
    let mut selection = call.selection(&[ty]);
    // deviates: RFC 7644 §3.5.1 answers with the whole resource. A client that wrote a hundred
    // thousand members need not read them again, unless it asks.
    if call.is_too_long(&selection, &written.reader, id) {
        selection = selection.without(attr::MEMBERS);
    }
    call.answer(StatusCode::OK, &written.reader, id, Some(selection))
}

/// What the body asks for.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn command(
    dialect: &Dialect,
    ty: ResourceType,
    id: Id,
    body: &Json,
    expect: Precondition,
) -> Result<Command, Error> {
    let decoded = decode::resource(dialect, ty, body)?;
    let keep = kept(dialect, ty, &decoded);
    Ok(Command::Replace {
        id,
        kind: ty.kind(),
        attributes: decoded.attributes,
        keep,
        expect,
    })
}

/// What stays as it is where the body says nothing of it. All else that a body leaves out is
/// cleared.
pub(crate) fn kept(dialect: &Dialect, ty: ResourceType, decoded: &Decoded) -> Vec<AttrId> {
    let is_named = |attr: &AttrId| decoded.named.contains(attr);
    // A client that does not know an extension cannot mean to clear it.
    let registry = dialect.registry();
    let mut keep: Vec<AttrId> = ty
        .extensions(registry)
        .filter(|schema| matches!(schema, Schema::PbxUser | Schema::Own(_)))
        .filter(|schema| !decoded.extensions.contains(schema))
        .flat_map(|schema| registry.attributes_of(schema))
        .map(|def| def.id)
        .collect();
    match ty {
        ResourceType::User => {
            // An omission must never let a disabled user in again.
            if decoded.attributes.flag(attr::ACTIVE).is_none() {
                keep.push(attr::ACTIVE);
            }
            if !is_named(&attr::PASSWORD) {
                keep.push(attr::PASSWORD);
            }
            let assigned = [attr::EXTENSIONS, attr::DESKS].into_iter();
            keep.extend(assigned.filter(|attr| !is_named(attr)));
        }
        // `[]` and `null` empty the group.
        ResourceType::Group => {
            let keeps = !is_named(&attr::MEMBERS) && dialect.takes(Repair::OmittedMembers);
            keep.extend(keeps.then_some(attr::MEMBERS));
        }
    }
    keep
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PBX: &str = "urn:ietf:params:scim:schemas:extension:pbx:2.0:User";

    fn keeps(ty: ResourceType, body: &Json, attr: AttrId) -> bool {
        let dialect = Dialect::default();
        kept(&dialect, ty, &decode::resource(&dialect, ty, body).unwrap()).contains(&attr)
    }

    #[test]
    fn an_omission_neither_enables_nor_unassigns_what_the_client_may_not_know() {
        for (body, attr, expected) in [
            (json!({}), attr::ACTIVE, true),
            (json!({"active": null}), attr::ACTIVE, true),
            (json!({"active": false}), attr::ACTIVE, false),
            (json!({}), attr::PASSWORD, true),
            (json!({"password": null}), attr::PASSWORD, false),
            (json!({}), attr::EMAIL_VERIFIED, true),
            (json!({"schemas": [PBX]}), attr::EMAIL_VERIFIED, false),
            (json!({PBX: {}}), attr::EMAIL_VERIFIED, false),
            (
                json!({format!("{PBX}:seat"): true}),
                attr::EMAIL_VERIFIED,
                true,
            ),
            (json!({"schemas": [PBX]}), attr::EXTENSIONS, true),
            (json!({PBX: {"extensions": []}}), attr::EXTENSIONS, false),
            (json!({}), attr::TITLE, false),
            (json!({}), attr::EXTERNAL_ID, false),
        ] {
            let mut named = body.clone();
            named["userName"] = json!("alice");
            assert_eq!(keeps(ResourceType::User, &named, attr), expected, "{body}");
        }
    }

    #[test]
    fn only_a_members_key_changes_a_groups_members() {
        for (body, expected) in [
            (json!({"displayName": "G"}), true),
            (json!({"displayName": "G", "members": []}), false),
            (json!({"displayName": "G", "members": null}), false),
            (
                json!({"displayName": "G", "members": [{"value": "a"}]}),
                false,
            ),
        ] {
            assert_eq!(
                keeps(ResourceType::Group, &body, attr::MEMBERS),
                expected,
                "{body}"
            );
        }
    }
}
