//! Roles: what there is, who has them, and defining one's own.

mod create;
mod delete;
mod edit;
mod get;
mod list;
mod members;
mod preview;
mod review;
mod templates;

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::access::{ApiScope, RoleDef};
use jackfield_gateway::roles::{RoleChange, RoleInfo, RoleOrigin};
use jackfield_model::Timestamp;

use crate::body;
use crate::call::Call;
use crate::endpoint::{Endpoints, Operation};
use crate::error::Error;
use crate::shape::page::{Page, PageQuery};
use crate::shape::role::{
    Changed, Defined, Holder, NewRole, Role, RoleChanged, Rules, Shifts, Template,
};

pub(super) fn endpoints() -> Endpoints {
    let (read, write) = (ApiScope::RolesRead, ApiScope::RolesWrite);
    Endpoints::default()
        .with(
            Operation::get(
                "/roles",
                "listRoles",
                "List the roles, the highest rank first.",
            )
            .scope(read)
            .query::<PageQuery>()
            .answers::<Page<Role>>(200),
            list::list,
        )
        .with(
            Operation::post("/roles", "createRole", "Make a custom role.")
                .scope(write)
                .body::<NewRole>()
                .answers::<RoleChanged>(201)
                .versioned(),
            create::create,
        )
        .with(
            Operation::get("/roles/{key}", "getRole", "Show a role.")
                .scope(read)
                .answers::<Role>(200)
                .versioned(),
            get::get,
        )
        .with(
            Operation::put(
                "/roles/{key}",
                "editRole",
                "Define a custom role anew, for everybody who holds it.",
            )
            .scope(write)
            .body::<RoleDef>()
            .answers::<RoleChanged>(200)
            .versioned(),
            edit::edit,
        )
        .with(
            Operation::delete(
                "/roles/{key}",
                "deleteRole",
                "Delete a custom role; its holders keep their other roles.",
            )
            .scope(write)
            .versioned(),
            delete::delete,
        )
        .with(
            Operation::get(
                "/roles/{key}/members",
                "listRoleMembers",
                "List the active holders of a role.",
            )
            .scope(read)
            .query::<PageQuery>()
            .answers::<Page<Holder>>(200),
            members::members,
        )
        .with(
            Operation::post(
                "/roles/{key}/review",
                "reviewRole",
                "Note that the holders of a role were looked at and are right.",
            )
            .scope(write)
            .answers::<Changed>(200),
            review::review,
        )
        .with(
            Operation::get(
                "/role-templates",
                "listRoleTemplates",
                "List the custom roles that people often make.",
            )
            .scope(read)
            .query::<PageQuery>()
            .answers::<Page<Template>>(200),
            templates::templates,
        )
        .with(
            Operation::post(
                "/role-preview",
                "previewRules",
                "Show what mapping rules would change, without changing anything.",
            )
            .scope(read)
            .body::<Rules>()
            .answers::<Shifts>(200),
            preview::preview,
        )
}

fn shown(role: RoleInfo) -> Role {
    Role {
        key: role.key.to_string(),
        title: role.def.title.to_string(),
        description: role.def.description.to_string(),
        rank: role.rank,
        defined: match role.origin {
            RoleOrigin::BuiltIn => Defined::BuiltIn,
            RoleOrigin::Declared => Defined::File,
            RoleOrigin::RunTime => Defined::RunTime,
        },
        special: role.is_special,
        holders: role.holders,
        reviewed: role.reviewed.map(Timestamp::to_rfc3339),
        permissions: role.permissions,
        definition: role.def,
    }
}

impl From<RoleChange> for Changed {
    fn from(change: RoleChange) -> Self {
        Self {
            changed: change.changed,
            warnings: change.warnings,
        }
    }
}

/// The answer to a change of a role: as it is now.
fn changed(
    call: &Call,
    status: StatusCode,
    key: &str,
    change: RoleChange,
) -> Result<Response, Error> {
    let role = call.session.role(key)?;
    let version = role.version;
    let location = format!("{}/roles/{key}", call.base);
    let location = (status == StatusCode::CREATED).then_some(location.as_str());
    let body = RoleChanged {
        role: shown(role),
        changed: change.changed,
        warnings: change.warnings,
    };
    body::resource(&call.headers, status, location, version, &body)
}
