//! POST of a custom role, of a template or as it is said.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::Error as Refusal;
use jackfield_gateway::access::{RoleDef, RoleKey};

use super::changed;
use crate::body::Body;
use crate::call::Call;
use crate::error::Error;
use crate::shape::role::NewRole;

pub(super) async fn create(call: Call, Body(body): Body<NewRole>) -> Result<Response, Error> {
    let def = match (body.definition, &body.template) {
        (Some(def), None) => def,
        (None, Some(template)) => of_template(&call, template)?,
        _ => {
            let problem = "either it or a template was expected";
            return Err(Refusal::invalid_value("definition", problem).into());
        }
    };
    let key = RoleKey::from(body.key.as_str());
    let change = call.session.create_role(key, def).await?;
    changed(&call, StatusCode::CREATED, &body.key, change)
}

fn of_template(call: &Call, wanted: &str) -> Result<RoleDef, Error> {
    let mut all = call.session.role_templates()?.into_iter();
    let found = all.find(|(key, _)| key.as_str() == wanted);
    let problem = || Refusal::invalid_value("template", format!("there is no {wanted:?}"));
    Ok(found.map(|(_, def)| def).ok_or_else(problem)?)
}
