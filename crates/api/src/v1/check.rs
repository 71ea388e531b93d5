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
use crate::shape::check::{Answer, Answers, Question, Questions};

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
    let deed = question.action.map(crate::shape::check::Action::deed);
    let asked = match (&question.permission, deed, &question.role) {
        (Some(permission), None, None) => Asked::Permission(permission),
        (None, Some(Deed::Create), Some(role)) => Asked::Create(role),
        (None, Some(Deed::Create), None) => return invalid("role", "create needs it"),
        (None, Some(deed), None) => Asked::Deed(deed),
        (_, _, Some(_)) => return invalid("role", "it goes with create alone"),
        (None, None, None) | (Some(_), Some(_), None) => {
            return invalid("permission", "either it or an action was expected");
        }
    };
    Ok(asking::Question {
        user: &question.user,
        asked,
        target: question.target.as_deref(),
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
