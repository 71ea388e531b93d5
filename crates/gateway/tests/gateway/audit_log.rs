//! The audit log as people read it, and the report on access.

use std::sync::Arc;

use jackfield_gateway::audit::{AuditFilter, AuditLine, DELETED_USER};
use jackfield_gateway::report::FindingKind;
use jackfield_gateway::testing::declaration;
use jackfield_gateway::{Error, Session};
use jackfield_model::schema::attr;
use jackfield_model::{Clock as _, Kind, Principal, Revision};
use jackfield_store::audit::Verified;

use crate::faulty::Faulty;
use crate::harness::{
    Hands, Ids, absent, act_as, attentive, delete, gateway, make, operator, refused, set, start,
    until, user,
};

const OPBX: &str = include_str!("../../../../config/catalogues/opbx.toml");
const DAY: i64 = 86_400;

async fn read(session: &Session, filter: &AuditFilter) -> Vec<AuditLine> {
    session
        .audit(0, 1_000, filter)
        .await
        .expect("the log")
        .lines
}

fn filter(edit: impl FnOnce(&mut AuditFilter)) -> AuditFilter {
    let mut filter = AuditFilter::default();
    edit(&mut filter);
    filter
}

#[tokio::test]
async fn each_change_and_each_refusal_says_who_through_what_whom_when_and_at_which_revision() {
    let test = start().await;
    let session = operator(&test.gateway);
    let owner = make(&session, user("olga", &["owner"])).await;
    let anna = make(&session, user("anna", &["reporter"])).await;
    let person = act_as(&test.gateway, Principal::Person(owner));
    person
        .assign_role(anna, "pbx_user".into())
        .await
        .expect("done");
    refused(person.write(delete(owner, Kind::User)).await);

    let roles = read(&session, &filter(|f| f.action = Some("user.roles".into()))).await;
    let last = roles.last().expect("an entry");
    assert_eq!(
        (last.actor, last.actor_name.as_str()),
        (Principal::Person(owner), "olga")
    );
    assert_eq!(
        (last.target, last.target_name.as_str()),
        (Some(anna), "anna")
    );
    assert_eq!(last.protocol, "scim");
    assert_eq!(last.changes[0].before.as_deref(), Some("Reporter"));
    assert_eq!(last.changes[0].after.as_deref(), Some("PBX User"));
    assert!(last.revision.is_some_and(|revision| revision > Revision(1)));

    let refusals = crate::harness::until(|| async {
        let all = read(&session, &filter(|f| f.refused = true)).await;
        (!all.is_empty()).then_some(all)
    })
    .await;
    let [refusal] = refusals.as_slice() else {
        panic!("{refusals:?}");
    };
    assert_eq!(
        (refusal.action.as_str(), refusal.revision),
        ("user.delete", None)
    );
    assert!(
        refusal
            .refused
            .as_deref()
            .is_some_and(|why| why.contains("own account"))
    );
}

#[tokio::test]
async fn the_log_is_found_by_actor_target_action_and_time_in_pages() {
    let test = start().await;
    let session = operator(&test.gateway);
    let anna = make(&session, user("anna", &[])).await;
    make(&session, user("ben", &[])).await;
    session
        .write(set(anna, attr::TITLE, "Boss"))
        .await
        .map(drop)
        .expect("done");
    let count = async |edit: fn(&mut AuditFilter)| read(&session, &filter(edit)).await.len();
    assert_eq!(count(|f| f.target = Some("ANNA".into())).await, 2);
    assert_eq!(count(|f| f.action = Some("user".into())).await, 3);
    assert_eq!(count(|f| f.action = Some("user.edit".into())).await, 1);
    assert_eq!(count(|f| f.action = Some("use".into())).await, 0);
    assert_eq!(count(|f| f.actor = Some("operator".into())).await, 3);
    let by_id = read(&session, &filter(|f| f.target = Some(anna.to_string()))).await;
    assert_eq!(by_id.len(), 2);
    let all = read(&session, &AuditFilter::default()).await;
    let edit = all.last().expect("an entry");
    let since = filter(|f| f.since = Some(edit.at));
    assert_eq!(read(&session, &since).await, std::slice::from_ref(edit));
    let until = filter(|f| f.until = Some(edit.at));
    assert_eq!(read(&session, &until).await.len(), all.len() - 1);
    // Page by page, nothing twice and nothing left out.
    let (mut last, mut paged, mut is_end) = (0, Vec::new(), false);
    while !is_end {
        let page = session
            .audit(last, 2, &AuditFilter::default())
            .await
            .expect("a page");
        (last, is_end) = (page.last, page.is_end);
        paged.extend(page.lines);
    }
    assert_eq!(paged, all);
}

#[tokio::test]
async fn the_log_is_for_the_operator_and_the_holders_of_the_role_that_must_keep_one() {
    let test = start().await;
    let session = operator(&test.gateway);
    let owner = make(&session, user("olga", &["owner"])).await;
    let admin = make(&session, user("adam", &["pbx_admin"])).await;
    let okta = test
        .connection("acme", "okta")
        .await
        .expect("a connection")
        .id;
    let all = AuditFilter::default();
    for (principal, may) in [
        (Principal::Person(owner), true),
        (Principal::Person(admin), false),
        (Principal::Connection(okta), false),
    ] {
        let session = act_as(&test.gateway, principal);
        let page = session.audit(0, 1, &all).await.map(drop);
        assert_eq!(page.is_ok(), may, "{principal:?}: {page:?}");
        assert_eq!(session.verify_audit().await.is_ok(), may);
    }
}

#[tokio::test]
async fn entries_of_deleted_users_stay_and_others_are_told_the_name_deleted_user() {
    let test = start().await;
    let session = operator(&test.gateway);
    let anna = make(&session, user("anna", &[])).await;
    assert_eq!(
        session.name_of(anna).await.expect("a name").as_deref(),
        Some("anna")
    );
    session
        .write(delete(anna, Kind::User))
        .await
        .map(drop)
        .expect("done");
    assert_eq!(
        session.name_of(anna).await.expect("a name").as_deref(),
        Some(DELETED_USER)
    );
    let entries = read(&session, &filter(|f| f.target = Some("anna".into()))).await;
    let actions: Vec<&str> = entries.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["user.create", "user.delete"]);
    let nobody = jackfield_model::Id(uuid::Uuid::nil());
    assert_eq!(session.name_of(nobody).await.expect("an answer"), None);
}

#[tokio::test]
async fn entries_are_kept_as_long_as_the_tenant_says_and_the_rest_is_still_proved() {
    let test = start().await;
    let hands = Hands::new();
    let own = gateway(
        Arc::clone(&test.store),
        Arc::clone(&hands),
        Ids::new(),
        absent(),
    )
    .await;
    let own = own.expect("a gateway");
    let mut declared = declaration("acme", OPBX).expect("a declaration");
    declared.settings.audit_days = Some(30);
    own.declare(&"acme".parse().expect("a name"), declared)
        .await
        .expect("declared");
    let session = operator(&own);
    make(&session, user("anna", &[])).await;
    let before = read(&session, &AuditFilter::default()).await.len();
    own.trim_audit().await;
    assert_eq!(
        read(&session, &AuditFilter::default()).await.len(),
        before,
        "nothing is old"
    );
    hands.move_on(31 * DAY);
    make(&session, user("ben", &[])).await;
    // A command beside the server leaves the log alone, however long it runs.
    let store = Faulty::new(Arc::clone(&test.store));
    let clock = Arc::clone(&hands);
    let beside = gateway(store.clone(), clock, Ids::new(), attentive()).await;
    until(|| async { (store.looks() > 3).then_some(()) }).await;
    beside.expect("a gateway").stop().await;
    let all = read(&session, &AuditFilter::default()).await;
    assert_eq!(all.len(), before + 1);
    own.keep_audit_trimmed();
    until(|| async {
        let read = read(&session, &AuditFilter::default()).await;
        (read.last()?.action == "audit.trim").then_some(())
    })
    .await;
    let left = read(&session, &AuditFilter::default()).await;
    let actions: Vec<&str> = left.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["user.create", "audit.trim"]);
    assert_eq!(left[1].changes[0].before, Some(before.to_string()));
    let verified = session.verify_audit().await.expect("read").expect("intact");
    let first = left[0].sequence;
    assert_eq!(
        verified,
        Verified {
            first,
            last: first + 1
        }
    );
    own.stop().await;
}

#[tokio::test]
async fn the_report_finds_what_deserves_a_look() {
    let test = start().await;
    let hands = Hands::new();
    let own = gateway(
        Arc::clone(&test.store),
        Arc::clone(&hands),
        Ids::new(),
        absent(),
    )
    .await;
    let own = own.expect("a gateway");
    let session = operator(&own);
    let olga = make(&session, user("olga", &["owner"])).await;
    let said = |session: &Session| -> Vec<(FindingKind, String)> {
        let findings = session.access_report().expect("a report").into_iter();
        findings
            .map(|finding| (finding.kind, finding.subject))
            .collect()
    };
    let found = |kind, subject: &str| (kind, subject.to_owned());
    assert_eq!(said(&session), [found(FindingKind::TooFewHolders, "Owner")]);
    for name in ["otto", "oda", "odo"] {
        make(&session, user(name, &["owner"])).await;
    }
    make(&session, user("idle", &[])).await;
    assert_eq!(
        said(&session),
        [
            found(FindingKind::TooManyHolders, "Owner"),
            found(FindingKind::WithoutNeed, "idle"),
        ]
    );
    // A quarter later, everything is old that nobody touched.
    hands.move_on(92 * DAY);
    let later = said(&session);
    for finding in [
        found(FindingKind::NotReviewed, "Owner"),
        found(FindingKind::UnusedRole, "olga"),
        found(FindingKind::Dormant, "idle"),
    ] {
        assert!(later.contains(&finding), "{finding:?} in {later:?}");
    }
    session.review_role("owner".into()).await.expect("noted");
    let reviewed = said(&session);
    assert!(
        !reviewed.contains(&found(FindingKind::NotReviewed, "Owner")),
        "{reviewed:?}"
    );
    assert!(hands.now() > crate::harness::START);
    // People see it who see users.
    let person = act_as(&own, Principal::Person(olga));
    assert!(person.access_report().is_ok());
    let idle = session.user("idle").expect("the user");
    let person = act_as(&own, Principal::Person(idle));
    assert!(matches!(person.access_report(), Err(Error::Forbidden(_))));
    own.stop().await;
}
