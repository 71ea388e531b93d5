//! Users.

mod activate;
mod create;
mod delete;
mod edit;
mod get;
mod list;
mod password;
mod project;
mod roles;
mod said;

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::Reader;
use jackfield_gateway::access::ApiScope;
use jackfield_model::{Id, Kind};

use super::credentials::{self, holder};
use super::records::one;
use crate::body;
use crate::call::Call;
use crate::endpoint::{Endpoints, Operation};
use crate::error::Error;
use crate::shape::page::{Page, PageQuery};
use crate::shape::role::Changed;
use crate::shape::user::{
    HeldPermission, PasswordBody, PasswordSet, Reason, User, UserBody, UserQuery,
};

pub(super) fn endpoints() -> Endpoints {
    let (read, write) = (ApiScope::UsersRead, ApiScope::UsersWrite);
    Endpoints::default()
        .with(
            Operation::get(
                "/users",
                "listUsers",
                "List users, in the order of their names.",
            )
            .scope(read)
            .query::<UserQuery>()
            .answers::<Page<User>>(200),
            list::list,
        )
        .with(
            Operation::post("/users", "createUser", "Make a user.")
                .scope(write)
                .body::<UserBody>()
                .answers::<User>(201)
                .versioned(),
            create::create,
        )
        .with(
            Operation::get("/users/{id}", "getUser", "Show a user.")
                .scope(read)
                .answers::<User>(200)
                .versioned(),
            get::get,
        )
        .with(
            Operation::patch("/users/{id}", "editUser", "Change a user.")
                .scope(write)
                .merge_patch::<UserBody>()
                .answers::<User>(200)
                .versioned(),
            edit::edit,
        )
        .with(
            Operation::delete("/users/{id}", "deleteUser", "Delete a user, for ever.")
                .scope(write)
                .versioned(),
            delete::delete,
        )
        .with(
            Operation::post(
                "/users/{id}/activate",
                "activateUser",
                "Let a user in again.",
            )
            .scope(write)
            .answers::<User>(200)
            .versioned(),
            activate::activate,
        )
        .with(
            Operation::post(
                "/users/{id}/deactivate",
                "deactivateUser",
                "Let a user in no longer, and keep everything.",
            )
            .scope(write)
            .answers::<User>(200)
            .versioned(),
            activate::deactivate,
        )
        .with(
            Operation::put(
                "/users/{id}/password",
                "resetPassword",
                "Set a new password.",
            )
            .scope(write)
            .body::<PasswordBody>()
            .answers::<PasswordSet>(200),
            password::reset,
        )
        .and(role_endpoints())
        .and(credentials::endpoints(holder!(
            Kind::User,
            [read, write],
            "users",
            "User"
        )))
}

fn role_endpoints() -> Endpoints {
    Endpoints::default()
        .with(
            Operation::get(
                "/users/{id}/roles",
                "listUserRoles",
                "Show each reason for which a user has a role.",
            )
            .scope(ApiScope::UsersRead)
            .query::<PageQuery>()
            .answers::<Page<Reason>>(200),
            roles::why,
        )
        .with(
            Operation::put(
                "/users/{id}/roles/{key}",
                "assignRole",
                "Give a user a role, in place of another where a user holds one.",
            )
            .scope(ApiScope::RolesWrite)
            .answers::<Changed>(200),
            roles::assign,
        )
        .with(
            Operation::delete(
                "/users/{id}/roles/{key}",
                "unassignRole",
                "Take a role from a user.",
            )
            .scope(ApiScope::RolesWrite)
            .answers::<Changed>(200),
            roles::unassign,
        )
        .with(
            Operation::get(
                "/users/{id}/permissions",
                "listUserPermissions",
                "List what a user may do in the phone system.",
            )
            .scope(ApiScope::UsersRead)
            .query::<PageQuery>()
            .answers::<Page<HeldPermission>>(200),
            roles::permissions,
        )
}

/// An answer with a user.
fn answer(call: &Call, reader: &Reader, id: Id, status: StatusCode) -> Result<Response, Error> {
    let user = one(reader, Kind::User, id)?;
    let location = format!("{}/users/{id}", call.base);
    let location = (status == StatusCode::CREATED).then_some(location.as_str());
    let version = user.record().version;
    let shown = project::user(reader, user);
    body::resource(&call.headers, status, location, version, &shown)
}
