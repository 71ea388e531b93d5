//! POST of mapping rules, to see what they would change.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::{Error as Refusal, roles};
use jackfield_model::{GroupMatch, MappingRule};

use crate::body::{self, Body};
use crate::call::Call;
use crate::error::Error;
use crate::shape::role::{Rule, Rules, Shift, Shifts};

pub(super) async fn preview(call: Call, Body(body): Body<Rules>) -> Result<Response, Error> {
    let rules: Result<Vec<MappingRule>, Error> = body.rules.into_iter().map(rule).collect();
    let shifts = call.session.preview_rules(rules?).await?.into_iter();
    let items = shifts.map(shift).collect();
    body::json(StatusCode::OK, &Shifts { items })
}

fn rule(rule: Rule) -> Result<MappingRule, Error> {
    let groups = match (&rule.group, &rule.group_id, &rule.group_pattern) {
        (Some(name), None, None) => GroupMatch::Name(name.into()),
        (None, Some(id), None) => GroupMatch::Id(id.into()),
        (None, None, Some(pattern)) => GroupMatch::Pattern(pattern.into()),
        _ => {
            let problem = "one of group, groupId and groupPattern was expected";
            return Err(Refusal::invalid_value("rules", problem).into());
        }
    };
    Ok(MappingRule {
        name: rule.name.into(),
        groups,
        connection: rule.connection.map(Into::into),
        roles: rule.roles.into_iter().map(Into::into).collect(),
        nested: rule.nested,
        precedence: rule.precedence,
    })
}

fn shift(shift: roles::Shift) -> Shift {
    Shift {
        id: shift.user.to_string(),
        user_name: shift.name,
        before: shift.before,
        after: shift.after,
        retained: shift.retained,
    }
}
