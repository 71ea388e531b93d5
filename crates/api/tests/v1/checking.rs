//! Questions about what users may do.

use jackfield_gateway::Error;
use jackfield_gateway::access::RoleKey;
use jackfield_model::{Origin, Principal};
use serde_json::{Value as Json, json};

use crate::server::{Client, Server};

#[tokio::test]
async fn each_question_has_its_answer_with_the_rule() {
    let server = Server::start().await;
    let all = server.all().await;
    let id = |path: String| path.rsplit('/').next().unwrap().to_owned();
    let olga = id(all.user("olga", &["owner"]).await);
    all.user("ada", &["pbx_admin"]).await;
    let uma = all.user("uma", &["pbx_user"]).await;
    all.patch(&uma, json!({"extensions": ["100"]}))
        .await
        .expect(200);
    let ian = all.user("ian", &["pbx_admin"]).await;
    all.post(&format!("{ian}/deactivate"), json!({}))
        .await
        .expect(200);
    let phone = server.client("acme", None, &["check"]).await;
    let may = |user: &str, permission: &str| json!({"user": user, "permission": permission});
    let about = |user: &str, permission: &str, target: &str| json!({"user": user, "permission": permission, "target": target});
    let deed = |user: &str, action: &str, target: &str| json!({"user": user, "action": action, "target": target});
    let make = |user: &str, role: &str| json!({"user": user, "action": "create", "role": role});
    let table = [
        (
            may("ada", "extensions:edit"),
            "granted",
            json!(["pbx_admin"]),
        ),
        (
            may("ADA", "extensions:edit"),
            "granted",
            json!(["pbx_admin"]),
        ),
        (may(&olga, "cloudonix:edit"), "granted", json!(["owner"])),
        (may("ada", "cloudonix:edit"), "needs", json!([])),
        (
            may("uma", "reports:view:own"),
            "granted",
            json!(["pbx_user"]),
        ),
        (
            may("100", "reports:view:own"),
            "granted",
            json!(["pbx_user"]),
        ),
        (may("uma", "reports:view"), "needs", json!([])),
        (
            about("uma", "reports:view", "uma"),
            "granted",
            json!(["pbx_user"]),
        ),
        (about("uma", "reports:view", "ada"), "needs", json!([])),
        (
            about("ada", "reports:view", "uma"),
            "granted",
            json!(["pbx_admin"]),
        ),
        (
            about("ada", "reports:view", "nobody"),
            "unknown_target",
            json!([]),
        ),
        (may("ian", "extensions:edit"), "inactive", json!([])),
        (may("nobody", "extensions:edit"), "unknown_user", json!([])),
        (
            may("ada", "extensions:fly"),
            "unknown_permission",
            json!([]),
        ),
        (may("ada", "x"), "unknown_permission", json!([])),
        (deed("ada", "edit", "uma"), "granted", json!(["pbx_admin"])),
        (deed("ada", "delete", "olga"), "manages", json!([])),
        (
            deed("olga", "delete", "olga"),
            "delete_own_account",
            json!([]),
        ),
        (deed("olga", "deactivate", "olga"), "keep_holder", json!([])),
        (deed("uma", "view", "ada"), "needs", json!([])),
        (make("ada", "reporter"), "granted", json!(["pbx_admin"])),
        (make("ada", "owner"), "manages", json!([])),
        (make("ada", "king"), "unknown_role", json!([])),
    ];
    check(&phone, &table).await;
}

#[tokio::test]
async fn each_question_about_a_role_has_its_answer_with_the_rule() {
    let server = Server::start().await;
    let all = server.all().await;
    for (name, role) in [("olga", "owner"), ("ada", "pbx_admin"), ("uma", "pbx_user")] {
        all.user(name, &[role]).await;
    }
    all.user("rae", &["reporter"]).await;
    let about_role = |user: &str, action: &str, role: &str, target: &str| json!({"user": user, "action": action, "role": role, "target": target});
    let give = |user: &str, role: &str, to: &str| about_role(user, "assign-role", role, to);
    let take = |user: &str, role: &str, from: &str| about_role(user, "unassign-role", role, from);
    let table = [
        (
            give("ada", "reporter", "uma"),
            "granted",
            json!(["pbx_admin"]),
        ),
        (
            give("olga", "pbx_admin", "uma"),
            "granted",
            json!(["owner"]),
        ),
        (give("ada", "pbx_admin", "uma"), "assigns", json!([])),
        (give("ada", "reporter", "olga"), "manages", json!([])),
        (
            give("olga", "reporter", "olga"),
            "change_own_role",
            json!([]),
        ),
        (
            give("olga", "pbx_admin", "rae"),
            "forbidden_transitions",
            json!([]),
        ),
        (give("ada", "king", "uma"), "unknown_role", json!([])),
        (
            give("ada", "reporter", "nobody"),
            "unknown_target",
            json!([]),
        ),
        (
            take("ada", "pbx_user", "uma"),
            "granted",
            json!(["pbx_admin"]),
        ),
        (take("ada", "reporter", "uma"), "not_granted", json!([])),
        (take("ada", "owner", "olga"), "manages", json!([])),
    ];
    check(&all, &table).await;
}

/// Asks each question alone and all at once: the answers are the same, and as they should be.
async fn check(client: &Client, table: &[(Json, &str, Json)]) {
    let questions: Vec<Json> = table
        .iter()
        .map(|(question, ..)| question.clone())
        .collect();
    let many = client
        .post("/check", json!({"questions": questions}))
        .await
        .expect(200);
    assert!(many["revision"].as_u64().unwrap() > 1);
    for ((question, rule, roles), of_many) in table.iter().zip(many["answers"].as_array().unwrap())
    {
        let one = client.post("/check", question.clone()).await.expect(200);
        assert_eq!(&one, of_many, "{question}");
        assert_eq!(one["rule"], *rule, "{question}: {one}");
        assert_eq!(&one["roles"], roles, "{question}");
        assert_eq!(one["allowed"], *rule == "granted", "{question}");
        assert!(one["reason"].as_str().unwrap().ends_with('.'));
    }
}

/// The questions about roles have the answers that the deeds then have.
#[tokio::test]
async fn what_check_says_of_roles_is_what_becomes_of_the_try() {
    let server = Server::start().await;
    let all = server.all().await;
    let people = ["owner", "pbx_admin", "pbx_user", "reporter"];
    for role in people {
        all.user(role, &[role]).await;
    }
    all.user("second", &["owner"]).await;
    let operator = server.gateway.operator("acme").unwrap();
    let gateway = &server.gateway.gateway;
    let tenant = gateway.tenant("acme").unwrap();
    let mut allowed = 0;
    for who in people {
        let person = Principal::Person(operator.user(who).unwrap());
        for whom in people {
            for role in people {
                let tries = gateway
                    .act_as(&tenant, person, Origin::local("api"))
                    .rehearse();
                let target = operator.user(whom).unwrap();
                let question = |action: &str| json!({"user": who, "action": action, "role": role, "target": whom});
                let action = if whom == role {
                    "unassign-role"
                } else {
                    "assign-role"
                };
                let done = match action {
                    "assign-role" => tries.assign_role(target, RoleKey::from(role)).await,
                    _ => tries.unassign_role(target, RoleKey::from(role)).await,
                };
                let said = all.post("/check", question(action)).await.expect(200);
                assert_eq!(said["allowed"], done.is_ok(), "{said:#} {done:?}");
                if let Err(Error::Forbidden(denial) | Error::Protected(denial)) = &done {
                    assert_eq!(said["rule"], denial.rule, "{said:#}");
                }
                allowed += usize::from(done.is_ok());
            }
        }
    }
    assert!((10..40).contains(&allowed), "{allowed}");
}

#[tokio::test]
async fn questions_that_say_too_little_or_too_much_are_refused() {
    let server = Server::start().await;
    let all = server.all().await;
    all.user("ada", &["pbx_admin"]).await;
    let many: Vec<Json> = vec![json!({"user": "ada", "permission": "x:y"}); 1_001];
    for (body, status, kind) in [
        (json!({"questions": many}), 413, "too-much"),
        (json!({}), 400, "invalid-body"),
        (json!({"user": "ada"}), 422, "invalid-value"),
        (
            json!({"user": "ada", "permission": "a:b", "action": "view"}),
            422,
            "invalid-value",
        ),
        (
            json!({"user": "ada", "action": "create"}),
            422,
            "invalid-value",
        ),
        (
            json!({"user": "ada", "action": "assign-role", "target": "ada"}),
            422,
            "invalid-value",
        ),
        (
            json!({"user": "ada", "action": "edit", "role": "x", "target": "ada"}),
            422,
            "invalid-value",
        ),
        (
            json!({"user": "ada", "permission": "a:b", "role": "x"}),
            422,
            "invalid-value",
        ),
        (json!({"user": "ada", "action": "fly"}), 400, "invalid-body"),
        (json!({"questions": [{"user": 1}]}), 400, "invalid-body"),
    ] {
        all.post("/check", body).await.problem(status, kind);
    }
    let none = all
        .post("/check", json!({"questions": []}))
        .await
        .expect(200);
    assert_eq!(none["answers"], json!([]));
}

#[tokio::test]
async fn people_ask_about_themselves_and_about_those_whom_they_may_view() {
    let server = Server::start().await;
    let all = server.all().await;
    for (name, role) in [("ada", "pbx_admin"), ("uma", "pbx_user")] {
        all.user(name, &[role]).await;
        server.settled(name).await;
    }
    let question = |user: &str| json!({"user": user, "permission": "extensions:edit"});
    let uma = server.person("uma");
    let own = uma.post("/check", question("uma")).await.expect(200);
    assert_eq!(own["allowed"], false);
    for other in ["ada", "nobody"] {
        uma.post("/check", question(other))
            .await
            .problem(403, "forbidden");
    }
    let ada = server.person("ada");
    ada.post("/check", question("uma")).await.expect(200);
}
