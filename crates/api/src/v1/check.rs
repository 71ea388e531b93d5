//! POST of questions: whether users may do something.

use axum::http::StatusCode;
use axum::response::Response;
use jackfield_gateway::Error as Refusal;
use jackfield_gateway::access::{ApiScope, Deed};
use jackfield_gateway::check::{self as asking, Asked};

use crate::body::{self, Body};
use crate::call::Call;
use crate::endpoint::{Endpoints, Operation};
use crate::error::Error;
use crate::shape::check::{Action, Answer, Answers, Question, Questions};

/// Questions in one request at the most.
const MOST: usize = 1_000;

pub(super) fn endpoints() -> Endpoints {
    Endpoints::default().with(
        Operation::post("/check", "check", "Ask whether users may do something.")
            .scope(ApiScope::Check)
            .body::<Questions>()
            .answers::<Answers>(200),
        check,
    )
}

async fn check(call: Call, Body(body): Body<Questions>) -> Result<Response, Error> {
    let (questions, is_one) = match body {
        Questions::One(question) => (vec![question], true),
        Questions::Many(batch) => (batch.questions, false),
    };
    if questions.len() > MOST {
        return Err(Refusal::TooMuch {
            what: "the number of questions",
            limit: MOST as u64,
        }
        .into());
    }
    let asked: Result<Vec<_>, Error> = questions.iter().map(asked).collect();
    let (revision, answers) = call.session.check(&asked?)?;
    let mut answers = answers.into_iter().map(answer);
    let body = match (is_one, answers.next()) {
        (true, Some(answer)) => Answers::One(answer),
        (_, first) => Answers::Many {
            revision: revision.0,
            answers: first.into_iter().chain(answers).collect(),
        },
    };
    body::json(StatusCode::OK, &body)
}

fn asked(question: &Question) -> Result<asking::Question<'_>, Error> {
    let invalid = |path, problem| Err(Refusal::invalid_value(path, problem).into());
    let role = question.role.as_deref();
    let asked = match (&question.permission, question.action) {
        (Some(permission), None) if role.is_none() => Asked::Permission(permission),
        (None, Some(action)) => match (of(action), role) {
            (Wanted::Deed(deed), None) => Asked::Deed(deed),
            (Wanted::Deed(_), Some(_)) => return invalid("role", "it does not go with the action"),
            (Wanted::OfRole(asked), Some(role)) => asked(role),
            (Wanted::OfRole(_), None) => return invalid("role", "the action needs it"),
        },
        (Some(_), None) => return invalid("role", "it goes with an action"),
        (None, None) | (Some(_), Some(_)) => {
            return invalid("permission", "either it or an action was expected");
        }
    };
    Ok(asking::Question {
        user: &question.user,
        asked,
        target: question.target.as_deref(),
    })
}

/// What is asked by an action: something to a user, or about a role.
enum Wanted {
    Deed(Deed),
    OfRole(fn(&str) -> Asked<'_>),
}

fn of(action: Action) -> Wanted {
    Wanted::Deed(match action {
        Action::View => Deed::View,
        Action::Edit => Deed::Edit,
        Action::Activate => Deed::Activate,
        Action::Deactivate => Deed::Deactivate,
        Action::Delete => Deed::Delete,
        Action::ResetPassword => Deed::ResetPassword,
        Action::Create => return Wanted::OfRole(|role| Asked::Create(role)),
        Action::AssignRole => return Wanted::OfRole(|role| Asked::Assign(role)),
        Action::UnassignRole => return Wanted::OfRole(|role| Asked::Unassign(role)),
    })
}

fn answer(answer: asking::Answer) -> Answer {
    Answer {
        allowed: answer.allowed,
        user: answer.user.map(|id| id.to_string()),
        rule: answer.rule,
        reason: answer.reason,
        roles: answer.roles.iter().map(ToString::to_string).collect(),
    }
}
