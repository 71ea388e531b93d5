//! What clients discover (RFC 7644 §4): features, resource types and schemas, all made from the
//! registry and the options, so that they say what the server does.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::Error as Refusal;
use jackfield_gateway::access::Denial;
use jackfield_model::schema::{Schema, Type};
use jackfield_model::{AttrDef, Registry};
use serde_json::{Value as Json, json};

use crate::Options;
use crate::answer;
use crate::call::Visit;
use crate::error::Error;
use crate::message;
use crate::name::{self, Name};
use crate::offered::{self, Column, Offered};
use crate::resource::ResourceType;
use crate::search;
use crate::select;

const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// GET `/ServiceProviderConfig`.
pub(crate) fn service_provider_config(visit: &Visit) -> Result<Response, Error> {
    check_no_filter(visit)?;
    let mut features = features(visit.scim.options(), &visit.base);
    if let (Some(offered), Some(features)) =
        (offered::features(&visit.dialect), features.as_object_mut())
    {
        features.insert("RolesAndEntitlements".to_owned(), offered);
    }
    Ok(answer::json(StatusCode::OK, &features))
}

/// GET `/ResourceTypes`.
pub(crate) fn resource_types(visit: &Visit) -> Result<Response, Error> {
    check_no_filter(visit)?;
    Ok(all(&all_resource_types(visit)))
}

/// GET `/ResourceTypes/{id}`.
pub(crate) fn resource_type(visit: &Visit) -> Result<Response, Error> {
    named(all_resource_types(visit), &visit.id)
}

/// GET `/Schemas`.
pub(crate) fn schemas(visit: &Visit) -> Result<Response, Error> {
    check_no_filter(visit)?;
    Ok(all(&all_schemas(visit)))
}

/// GET `/Schemas/{urn}`; a schema's other names lead to it, too.
pub(crate) fn schema(visit: &Visit) -> Result<Response, Error> {
    let urn = match name::resolve(&visit.dialect, &ResourceType::ALL, &visit.id) {
        Ok(Name::Schema(schema)) => {
            let urn = visit.dialect.registry().urn(schema);
            urn.unwrap_or_default().to_owned()
        }
        _ => visit.id.clone(),
    };
    named(all_schemas(visit), &urn)
}

fn all_schemas(visit: &Visit) -> Vec<Json> {
    let registry = visit.dialect.registry();
    let published = registry.published();
    let records = published.filter_map(|schema| schema_json(registry, schema, &visit.base));
    let offered = Offered::told(&visit.dialect).iter();
    let offered = offered.map(|offered| offered_schema_json(*offered, visit));
    records.chain(offered).collect()
}

fn all_resource_types(visit: &Visit) -> Vec<Json> {
    let registry = visit.dialect.registry();
    let records = ResourceType::ALL.map(|ty| resource_type_json(registry, ty, &visit.base));
    let offered = Offered::told(&visit.dialect).iter();
    let offered = offered.map(|offered| offered_type_json(*offered, visit));
    records.into_iter().chain(offered).collect()
}

/// The one with this id, in any case (RFC 7643 §7).
fn named(resources: Vec<Json>, id: &str) -> Result<Response, Error> {
    let is_named = |resource: &Json| {
        let own = resource.get("id").and_then(Json::as_str);
        own.is_some_and(|own| own.eq_ignore_ascii_case(id))
    };
    let resource = resources.into_iter().find(is_named);
    let resource = resource.ok_or_else(|| Refusal::not_found(id))?;
    Ok(answer::json(StatusCode::OK, &resource))
}

/// RFC 7644 §4: these are always given whole.
fn check_no_filter(visit: &Visit) -> Result<(), Error> {
    if visit.has_filter {
        let why = "discovery endpoints take no filter";
        return Err(Refusal::Forbidden(Denial::by("no_filter", why)).into());
    }
    Ok(())
}

fn all(resources: &[Json]) -> Response {
    let body = json!({
        "schemas": [message::LIST_RESPONSE],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    answer::json(StatusCode::OK, &body)
}

/// RFC 7643 §5 and RFC 9865 §4.
fn features(options: &Options, base: &str) -> Json {
    json!({
        "schemas": [SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": true},
        "bulk": {
            "supported": true,
            "maxOperations": options.max_bulk_operations,
            "maxPayloadSize": options.max_body_bytes,
        },
        "filter": {"supported": true, "maxResults": options.max_results},
        "changePassword": {"supported": true},
        "sort": {"supported": true},
        "etag": {"supported": true},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "A token of the tenant's provisioning connection, or one that /oauth2/token \
                            issued, as a bearer token.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }, {
            "type": "httpbasic",
            "name": "HTTP Basic",
            "description": "The client id and a client secret of the tenant's provisioning connection.",
            "specUri": "https://www.rfc-editor.org/info/rfc7617",
            "primary": false,
        }],
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": options.default_page.min(options.max_results),
            "maxPageSize": options.max_results,
            "cursorTimeout": search::LIFETIME.as_secs(),
        },
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

/// RFC 7643 §6.
fn resource_type_json(registry: &Registry, ty: ResourceType, base: &str) -> Json {
    let extensions: Vec<Json> = ty
        .extensions(registry)
        .map(|schema| json!({"schema": registry.urn(schema), "required": false}))
        .collect();
    json!({
        "schemas": [RESOURCE_TYPE],
        "id": ty.name(),
        "name": ty.name(),
        "description": ty.description(),
        "endpoint": format!("/{}", ty.endpoint()),
        "schema": ty.base().urn(),
        "schemaExtensions": extensions,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{base}/ResourceTypes/{}", ty.name()),
        },
    })
}

fn offered_type_json(offered: Offered, visit: &Visit) -> Json {
    let name = offered.name();
    json!({
        "schemas": [RESOURCE_TYPE],
        "id": name,
        "name": name,
        "description": offered.description(),
        "endpoint": format!("/{}", offered.endpoint()),
        "schema": offered.schema(&visit.dialect),
        "schemaExtensions": [],
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{}/ResourceTypes/{name}", visit.base),
        },
    })
}

fn offered_schema_json(offered: Offered, visit: &Visit) -> Json {
    let urn = offered.schema(&visit.dialect);
    let attribute = |column: &Column| {
        let mut body = json!({
            "name": column.name,
            "type": column.ty,
            "multiValued": column.multi_valued,
            "description": column.about,
            "required": column.required,
            "mutability": "readOnly",
            "returned": "default",
            "uniqueness": "none",
        });
        if let (Type::String, Some(object)) = (column.ty, body.as_object_mut()) {
            object.insert("caseExact".to_owned(), false.into());
        }
        body
    };
    let columns = offered::columns(&visit.dialect);
    json!({
        "schemas": [SCHEMA],
        "id": urn,
        "name": offered.name(),
        "description": offered.description(),
        "attributes": columns.iter().map(attribute).collect::<Vec<_>>(),
        "meta": {"resourceType": "Schema", "location": format!("{}/Schemas/{urn}", visit.base)},
    })
}

/// RFC 7643 §7; `None` for a schema that is not published.
fn schema_json(registry: &Registry, schema: Schema, base: &str) -> Option<Json> {
    let urn = registry.urn(schema)?;
    let (name, description) = match schema {
        Schema::User => ("User", "A person with an account on the phone system."),
        Schema::Enterprise => ("EnterpriseUser", "What an organization knows of a person."),
        Schema::PbxUser => ("PbxUser", "What a phone system knows of a person."),
        Schema::Group => ("Group", "A group of people."),
        Schema::PbxGroup => ("PbxGroup", "What a phone system knows of a group."),
        Schema::Own(_) => {
            let own = registry.own_schema(schema)?;
            (own.name.as_str(), own.description.as_str())
        }
        Schema::Common | Schema::Internal => return None,
    };
    let owner = ResourceType::ALL.into_iter().find(|ty| ty.base() == schema);
    let attributes: Vec<Json> = registry
        .attributes_of(schema)
        .map(|def| {
            // An attribute of ours is required where its schema is the resource's own.
            let is_required = match def.own {
                Some(_) => def.required,
                None => owner.is_some_and(|ty| ty.requires(def)),
            };
            attribute_json(registry, def, is_required)
        })
        .collect();
    Some(json!({
        "schemas": [SCHEMA],
        "id": urn,
        "name": name,
        "description": description,
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": format!("{base}/Schemas/{urn}")},
    }))
}

fn attribute_json(registry: &Registry, def: &AttrDef, is_required: bool) -> Json {
    let mut body = json!({
        "name": def.name,
        "type": def.ty,
        "multiValued": def.multi_valued,
        "description": def.description,
        "required": is_required,
        "mutability": def.mutability,
        "returned": select::returned(def),
    });
    let Some(object) = body.as_object_mut() else {
        return body;
    };
    let mut put = |name: &str, json: Json| drop(object.insert(name.to_owned(), json));
    if def.ty == Type::Complex {
        let subs = registry
            .children(def.id)
            .iter()
            .filter_map(|sub| registry.get(*sub));
        put(
            "subAttributes",
            subs.map(|sub| attribute_json(registry, sub, sub.required))
                .collect(),
        );
    } else {
        // RFC 7643 erratum 6004: a complex attribute has no uniqueness of its own.
        put("uniqueness", json!(def.uniqueness));
    }
    if matches!(def.ty, Type::String | Type::Reference | Type::Binary) {
        put("caseExact", def.case_exact.into());
    }
    if !def.canonical.is_empty() {
        put("canonicalValues", json!(def.canonical));
    }
    if !def.references.is_empty() {
        put("referenceTypes", json!(def.references));
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use jackfield_model::schema::attr;

    fn described(attr: jackfield_model::AttrId) -> Json {
        let registry = Registry::core();
        attribute_json(registry, registry.get(attr).unwrap(), false)
    }

    #[test]
    fn characteristics_are_those_of_the_registry() {
        let email = described(attr::EMAILS);
        assert_eq!(email["type"], "complex");
        assert_eq!(email["multiValued"], true);
        assert_eq!(email.get("uniqueness"), None);
        let kinds = &email["subAttributes"][2];
        assert_eq!(kinds["canonicalValues"], json!(["work", "home", "other"]));
        let password = described(attr::PASSWORD);
        assert_eq!(
            (&password["mutability"], &password["returned"]),
            (&json!("writeOnly"), &json!("never"))
        );
        assert_eq!(
            described(attr::MEMBERS_REF)["referenceTypes"],
            json!(["User", "Group"])
        );
        assert_eq!(described(attr::MEMBERS_DISPLAY)["returned"], "request");
        assert_eq!(described(attr::USER_NAME)["uniqueness"], "server");
    }

    #[test]
    fn groups_need_a_name_and_users_need_none() {
        for (schema, expected) in [(Schema::User, false), (Schema::Group, true)] {
            let body = schema_json(Registry::core(), schema, "").unwrap();
            let all = body["attributes"].as_array().unwrap();
            let name = all.iter().find(|def| def["name"] == "displayName").unwrap();
            assert_eq!(name["required"], expected);
        }
    }

    #[test]
    fn entitlements_and_roles_suggest_no_types() {
        for attr in [attr::ROLES_TYPE, attr::ENTITLEMENTS_TYPE] {
            assert_eq!(described(attr).get("canonicalValues"), None);
        }
    }
}
