//! Acting for somebody else (RFC 4370), and cancelling (RFC 3909).

use jackfield_ldap::Options;
use ldap3::controls::{Control, ControlType, PagedResults, ProxyAuth, RawControl};
use ldap3::exop::{PasswordModify, WhoAmI, WhoAmIResp};
use ldap3::result::ExopResult;
use ldap3::{Ldap, Mod, Scope};
use ldap3_proto::proto::{LdapExtendedRequest, LdapOp, LdapResultCode as Code};

use crate::harness::{PASSWORD, SUFFIX, Server};
use crate::ordering::control;
use crate::raw::{Raw, search};

fn proxy(authzid: &str) -> Vec<RawControl> {
    vec![
        ProxyAuth {
            authzid: authzid.to_owned(),
        }
        .into(),
    ]
}

/// How many people with a role it sees, and the code.
async fn seen(client: &mut Ldap, authzid: &str) -> (usize, u32) {
    let found = client
        .with_controls(proxy(authzid))
        .search(SUFFIX, Scope::Subtree, "(&(uid=*)(pbxRole=*))", ["1.1"])
        .await
        .unwrap();
    (found.0.len(), found.1.rc)
}

async fn with_scopes(scopes: &[&str]) -> (Server, Ldap) {
    let server = Server::start().await;
    server
        .operator()
        .ensure_service("pbx", scopes)
        .await
        .unwrap();
    let client = server.service().await;
    (server, client)
}

#[tokio::test]
async fn only_who_was_given_it_acts_for_others() {
    let alice = format!("dn:uid=alice,ou=people,{SUFFIX}");
    let (_server, mut client) = with_scopes(&["all"]).await;
    assert_eq!(seen(&mut client, &alice).await, (0, 123));
    let server = Server::start().await;
    let mut bob = server.bound("uid=Bob.Smith,ou=people", PASSWORD).await;
    assert_eq!(seen(&mut bob, &alice).await, (0, 123));
    let mut nobody = server.client().await;
    assert_eq!(seen(&mut nobody, &alice).await, (0, 123));
}

#[tokio::test]
async fn the_other_ones_rights_count_and_no_own_ones() {
    let (server, mut client) = with_scopes(&["proxy"]).await;
    let alice = format!("dn:uid=alice,ou=people,{SUFFIX}");
    let own = client
        .search(SUFFIX, Scope::Subtree, "(uid=*)", ["1.1"])
        .await
        .unwrap();
    assert!(own.0.len() <= 1, "nothing but itself");
    // She sees users in full, by her role.
    assert_eq!(seen(&mut client, &alice).await, (2, 0));
    assert_eq!(seen(&mut client, "u:alice").await, (2, 0));
    for (authzid, code) in [
        ("", 8),
        ("dn:", 8),
        ("u:nobody", 123),
        ("u:pbx", 123),
        ("alice", 123),
        ("dn:what?", 123),
        // She is not active.
        ("u:carol, \"c\"", 123),
    ] {
        assert_eq!(seen(&mut client, authzid).await, (0, code), "{authzid}");
    }
    let dn = format!("uid=alice,ou=people,{SUFFIX}");
    let change = |name| vec![Mod::Replace("displayName", [name].into_iter().collect())];
    let changed = client
        .with_controls(proxy(&alice))
        .modify(&dn, change("New"))
        .await
        .unwrap();
    assert_eq!(changed.rc, 0, "{}", changed.text);
    assert_eq!(
        client.modify(&dn, change("Newer")).await.unwrap().rc,
        32,
        "it is not seen"
    );
    // A password would outlive the account's own credential.
    for whose in [None, Some("uid=bob.smith")] {
        let whose = whose.map(|rdn| format!("{rdn},ou=people,{SUFFIX}"));
        let ExopResult(_, refused) = client
            .with_controls(proxy(&alice))
            .extended(PasswordModify {
                user_id: whose.as_deref(),
                old_pass: None,
                new_pass: Some("By proxy, 0therwise"),
            })
            .await
            .unwrap();
        assert_eq!(
            (refused.rc, refused.text.contains("acts for others")),
            (50, true),
            "{whose:?}: {}",
            refused.text
        );
    }
    let ExopResult(answer, _) = client
        .with_controls(proxy("u:alice"))
        .extended(WhoAmI)
        .await
        .unwrap();
    assert_eq!(answer.parse::<WhoAmIResp>().authzid, alice);
    // What it does for another goes with its own credential.
    server
        .operator()
        .ensure_service("pbx", &["all"])
        .await
        .unwrap();
    assert_eq!(seen(&mut client, &alice).await, (0, 123));
}

#[tokio::test]
async fn it_must_be_critical() {
    let not_critical = RawControl {
        crit: false,
        ..proxy("u:alice").remove(0)
    };
    assert_eq!(code_with(not_critical).await, 2);
}

#[tokio::test]
async fn nobody_in_particular_must_be_said() {
    let without_value = RawControl {
        val: None,
        ..proxy("").remove(0)
    };
    assert_eq!(code_with(without_value).await, 2);
}

/// What a search with this control comes to.
async fn code_with(control: RawControl) -> u32 {
    let (_server, mut client) = with_scopes(&["proxy"]).await;
    let found = client
        .with_controls(vec![control])
        .search(SUFFIX, Scope::Base, "(&)", ["1.1"])
        .await
        .unwrap();
    found.1.rc
}

/// One entry a page, in the order of names, for whom the authzId says; how many came, the code and
/// the cookie.
async fn page(client: &mut Ldap, authzid: Option<&str>, cookie: &[u8]) -> (usize, u32, Vec<u8>) {
    let mut controls = authzid.map(proxy).unwrap_or_default();
    controls.push(control("!!sort=cn").unwrap());
    let wanted = PagedResults {
        size: 1,
        cookie: cookie.to_vec(),
    };
    controls.push(wanted.into());
    let found = client
        .with_controls(controls)
        .search(SUFFIX, Scope::Subtree, "(&(uid=*)(pbxRole=*))", ["1.1"])
        .await
        .unwrap();
    let mut cookies = found.1.ctrls.iter().filter_map(|control| match control {
        Control(Some(ControlType::PagedResults), raw) => Some(raw.parse::<PagedResults>().cookie),
        _ => None,
    });
    let cookie = cookies.next().unwrap_or_default();
    (found.0.len(), found.1.rc, cookie)
}

#[tokio::test]
async fn a_sorted_search_goes_on_only_for_whom_it_was_begun() {
    let (_server, mut client) = with_scopes(&["proxy"]).await;
    for (whom, expected) in [
        (Some("u:alice"), (1, 0)),
        (Some("u:Bob.Smith"), (0, 53)),
        (None, (0, 53)),
    ] {
        let (count, code, cookie) = page(&mut client, Some("u:alice"), b"").await;
        assert_eq!((count, code, cookie.is_empty()), (1, 0, false));
        let (count, code, _) = page(&mut client, whom, &cookie).await;
        assert_eq!((count, code), expected, "{whom:?}");
    }
}

fn cancel(other: u8) -> LdapOp {
    LdapOp::ExtendedRequest(LdapExtendedRequest {
        name: "1.3.6.1.1.8".to_owned(),
        value: Some(vec![0x30, 3, 2, 1, other]),
    })
}

#[tokio::test]
async fn a_cancelled_search_says_so_and_so_does_the_cancel() {
    let options = Options {
        tenant: Some("acme".parse().unwrap()),
        // Looked for elsewhere, so that it goes on when the next request is read.
        long_search: 0,
        ..Options::default()
    };
    let server = Server::with(options).await;
    let mut raw = Raw::bound(&server).await;
    raw.send_all([
        (2, search(SUFFIX)),
        (3, cancel(2)),
        (4, cancel(2)),
        (5, cancel(5)),
    ])
    .await;
    assert_eq!(raw.result(2).await.code, Code::Canceled);
    assert_eq!(raw.result(3).await.code, Code::Success);
    assert_eq!(raw.result(4).await.code, Code::NoSuchOperation);
    assert_eq!(raw.result(5).await.code, Code::NoSuchOperation);
    let absent = LdapOp::ExtendedRequest(LdapExtendedRequest {
        name: "1.3.6.1.1.8".to_owned(),
        value: None,
    });
    raw.send(6, absent).await;
    assert_eq!(raw.result(6).await.code, Code::ProtocolError);
}
