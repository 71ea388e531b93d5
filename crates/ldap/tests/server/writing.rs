//! What people change over LDAP (RFC 4511 §4.6, RFC 3062), with the controls of writes
//! (RFC 4527, RFC 4528) and the word of the password policy.

use std::collections::HashSet;

use jackfield_gateway::testing::declaration;
use ldap3::controls::{Assertion, PostRead, PreRead, RawControl, ReadEntryResp};
use ldap3::exop::{PasswordModify, PasswordModifyResp};
use ldap3::result::ExopResult;
use ldap3::{Ldap, Mod, Scope, SearchEntry};

use crate::harness::{PASSWORD, SUFFIX, Server};

const POLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";

fn dn(name: &str) -> String {
    format!("uid={name},ou=people,{SUFFIX}")
}

fn set<'v>(values: &[&'v str]) -> HashSet<&'v str> {
    values.iter().copied().collect()
}

fn assertion(filter: &str) -> RawControl {
    RawControl {
        crit: true,
        ..Assertion::new(filter)
    }
}

/// The values of an attribute, sorted.
async fn values(client: &mut Ldap, dn: &str, attribute: &str) -> Vec<String> {
    let found = client
        .search(dn, Scope::Base, "(&)", [attribute])
        .await
        .unwrap();
    let entry = SearchEntry::construct(found.0.into_iter().next().unwrap());
    let mut values = entry.attrs.into_values().next().unwrap_or_default();
    values.sort_unstable();
    values
}

#[tokio::test]
async fn people_change_their_own_profile_as_the_catalogue_says() {
    let server = Server::start().await;
    let mut alice = server.bound("uid=alice,ou=people", PASSWORD).await;
    let (own, bob) = (dn("alice"), dn("Bob.Smith"));
    for (who, change, code) in [
        (&own, Mod::Replace("displayName", set(&["Alice M."])), 0),
        (&own, Mod::Replace("GX", set(&["Alicia"])), 17),
        (&own, Mod::Replace("givenName", set(&["Alicia"])), 0),
        (&own, Mod::Add("mobile", set(&["+49 171 1"])), 0),
        (&own, Mod::Add("mobile", set(&["+49 1711"])), 20),
        (&own, Mod::Delete("mobile", set(&["+49 170 555"])), 0),
        (&own, Mod::Delete("mobile", set(&["+49 170 555"])), 16),
        (&own, Mod::Replace("l", set(&["Köln"])), 0),
        (&own, Mod::Replace("l", set(&["Köln", "Bonn"])), 19),
        // Not of the own profile; not a value; not hers; not anybody's; not known.
        (&own, Mod::Replace("title", set(&["CEO"])), 50),
        (&own, Mod::Replace("uid", set(&["queen"])), 53),
        (&own, Mod::Replace("sn", set(&[])), 65),
        (&own, Mod::Replace("pbxRole", set(&["owner"])), 53),
        (&own, Mod::Replace("memberOf", set(&[])), 53),
        (&own, Mod::Replace("entryUUID", set(&["x"])), 53),
        (&own, Mod::Replace("manager", set(&["nobody"])), 21),
        (&own, Mod::Increment("employeeNumber", "1"), 53),
        (&bob, Mod::Replace("displayName", set(&["Bob"])), 50),
        (&own, Mod::Replace("shoeSize", set(&["x"])), 17),
    ] {
        let shown = format!("{change:?}");
        let result = client_modify(&mut alice, who, vec![change]).await;
        assert_eq!(result.rc, code, "{shown}: {}", result.text);
        assert_eq!(result.rc == 0, result.text.is_empty(), "{shown}");
        let says_who = result.text.contains(" holder of Owner");
        assert_eq!(code == 50, says_who, "{shown}: {}", result.text);
    }
    for (attribute, expected) in [
        ("displayName", &["Alice M."][..]),
        ("givenName", &["Alicia"]),
        ("sn", &["Müller"]),
        ("mobile", &["+49 171 1"]),
        ("telephoneNumber", &["+49 30 1234-567"]),
        ("l", &["Köln"]),
        ("title", &["Engineer"]),
    ] {
        assert_eq!(values(&mut alice, &own, attribute).await, expected);
    }
}

async fn client_modify(client: &mut Ldap, dn: &str, mods: Vec<Mod<&str>>) -> ldap3::LdapResult {
    client.modify(dn, mods).await.unwrap()
}

#[tokio::test]
async fn a_modify_does_all_or_nothing() {
    let server = Server::start().await;
    let mut alice = server.bound("uid=alice,ou=people", PASSWORD).await;
    let mods = vec![
        Mod::Replace("displayName", set(&["New"])),
        Mod::Delete("mobile", set(&["no such"])),
    ];
    let result = client_modify(&mut alice, &dn("alice"), mods).await;
    assert_eq!(result.rc, 16);
    let name = values(&mut alice, &dn("alice"), "displayName").await;
    assert_eq!(name, ["Alice Müller"]);
}

#[tokio::test]
async fn what_is_no_persons_own_is_refused_with_a_reason() {
    let server = Server::start().await;
    let group = format!("cn=Ops,ou=groups,{SUFFIX}");
    let nobody = dn("nobody");
    let mods = || vec![Mod::Replace("displayName", set(&["x"]))];
    let mut anonymous = server.client().await;
    assert_eq!(anonymous.modify(&dn("alice"), mods()).await.unwrap().rc, 8);
    assert_eq!(anonymous.delete(&dn("alice")).await.unwrap().rc, 8);
    let mut service = server.service().await;
    assert_eq!(service.modify(&dn("alice"), mods()).await.unwrap().rc, 50);
    assert_eq!(service.modify(&group, mods()).await.unwrap().rc, 53);
    assert_eq!(service.modify(&nobody, mods()).await.unwrap().rc, 32);
    assert_eq!(service.modify("what?", mods()).await.unwrap().rc, 34);
    let added = service.add(&nobody, vec![("cn", set(&["x"]))]).await;
    assert_eq!(added.unwrap().rc, 53);
    assert_eq!(service.delete(&dn("alice")).await.unwrap().rc, 53);
    let gone = service.delete(&nobody).await.unwrap();
    assert_eq!((gone.rc, gone.matched), (32, format!("ou=people,{SUFFIX}")));
    let renamed = service.modifydn(&dn("alice"), "uid=eve", true, None).await;
    assert_eq!(renamed.unwrap().rc, 53);
    let mut device = server.device().await;
    assert_eq!(device.modify(&dn("alice"), mods()).await.unwrap().rc, 50);
}

#[tokio::test]
async fn a_write_tells_what_was_and_what_is_and_holds_to_an_assertion() {
    let server = Server::start().await;
    let mut alice = server.bound("uid=alice,ou=people", PASSWORD).await;
    let title = |name: &'static str| vec![Mod::Replace("displayName", set(&[name]))];
    let result = alice
        .with_controls(vec![
            PreRead::new(vec!["displayName"]),
            PostRead::new(vec!["DISPLAYNAME", "entryUUID"]),
            assertion("(sn=müller)"),
        ])
        .modify(&dn("alice"), title("New"))
        .await
        .unwrap();
    assert_eq!(result.rc, 0, "{}", result.text);
    let read: Vec<ReadEntryResp> = result.ctrls.iter().map(|ctrl| ctrl.1.parse()).collect();
    assert_eq!(read[0].attrs["displayName"], ["Alice Müller"]);
    assert_eq!(read[1].attrs["DISPLAYNAME"], ["New"]);
    assert_eq!(
        read[1].attrs["entryUUID"],
        [server.ids["alice"].to_string()]
    );
    let result = alice
        .with_controls(vec![
            PreRead::new(vec!["*"]),
            assertion("(displayName=Old)"),
        ])
        .modify(&dn("alice"), title("Newer"))
        .await
        .unwrap();
    assert_eq!((result.rc, result.ctrls.len()), (122, 0));
    assert_eq!(
        values(&mut alice, &dn("alice"), "displayName").await,
        ["New"]
    );
    // Undefined is not true; and other operations assert, too.
    let found = alice
        .with_controls(vec![assertion("(other=x)")])
        .search(&dn("alice"), Scope::Base, "(&)", ["cn"])
        .await
        .unwrap();
    assert_eq!((found.0.len(), found.1.rc), (0, 122));
    let compared = alice
        .with_controls(vec![assertion("(cn=nobody)")])
        .compare(&dn("alice"), "sn", "müller")
        .await
        .unwrap();
    assert_eq!(compared.0.rc, 122);
}

async fn passwd(
    client: &mut Ldap,
    user_id: Option<&str>,
    old_pass: Option<&str>,
    new_pass: Option<&str>,
) -> (u32, Option<String>) {
    let request = PasswordModify {
        user_id,
        old_pass,
        new_pass,
    };
    let ExopResult(answer, result) = client.extended(request).await.unwrap();
    let generated = answer
        .val
        .is_some()
        .then(|| answer.parse::<PasswordModifyResp>().gen_pass);
    (result.rc, generated)
}

#[tokio::test]
async fn people_change_their_password_and_the_session_goes_on() {
    let server = Server::start().await;
    let mut alice = server.bound("uid=alice,ou=people", PASSWORD).await;
    assert_eq!(
        passwd(&mut alice, None, Some("wrong"), Some("New-Horse-8")).await,
        (49, None)
    );
    assert_eq!(
        passwd(&mut alice, None, Some(PASSWORD), Some("short")).await,
        (19, None)
    );
    assert_eq!(
        passwd(&mut alice, None, Some(PASSWORD), Some("{SSHA}abcdEF12")).await,
        (21, None)
    );
    assert_eq!(
        passwd(&mut alice, None, Some(PASSWORD), Some("New-Horse-8")).await,
        (0, None)
    );
    assert_eq!(values(&mut alice, &dn("alice"), "sn").await, ["Müller"]);
    let (code, generated) = passwd(&mut alice, Some(&dn("alice")), None, None).await;
    let generated = generated.unwrap();
    assert_eq!(code, 0);
    let mut again = server.client().await;
    for (password, code) in [(PASSWORD, 49), ("New-Horse-8", 49), (&*generated, 0)] {
        let bound = again.simple_bind("alice", password).await.unwrap();
        assert_eq!(bound.rc, code, "{password}");
    }
}

#[tokio::test]
async fn passwords_of_others_are_set_by_those_who_may() {
    let server = Server::start().await;
    let mut alice = server.bound("uid=alice,ou=people", PASSWORD).await;
    assert_eq!(
        passwd(&mut alice, Some("Bob.Smith"), None, Some("New-Horse-8"))
            .await
            .0,
        50
    );
    assert_eq!(
        passwd(&mut alice, Some("nobody"), None, Some("New-Horse-8"))
            .await
            .0,
        32
    );
    let mut bob = server.bound("uid=Bob.Smith,ou=people", PASSWORD).await;
    assert_eq!(
        passwd(&mut bob, Some("u:alice"), None, Some("New-Horse-8"))
            .await
            .0,
        0
    );
    let mut service = server.service().await;
    assert_eq!(
        passwd(&mut service, None, None, Some("New-Horse-8"))
            .await
            .0,
        50
    );
    let mut nobody = server.client().await;
    assert_eq!(
        passwd(&mut nobody, None, None, Some("New-Horse-8")).await.0,
        8
    );
    // It was set by somebody else, so she is told to change it.
    let (code, said) = bind_with_policy(&server, "alice", "New-Horse-8").await;
    assert_eq!((code, said), (0, Some(vec![0x30, 3, 0x81, 1, 2])));
    let mut alice = server.bound("uid=alice,ou=people", "New-Horse-8").await;
    assert_eq!(
        passwd(&mut alice, None, None, Some("Newer-Horse-9"))
            .await
            .0,
        0
    );
    let (code, said) = bind_with_policy(&server, "alice", "Newer-Horse-9").await;
    assert_eq!((code, said), (0, Some(vec![0x30, 0])));
}

fn policy() -> RawControl {
    RawControl {
        ctype: POLICY.to_owned(),
        crit: false,
        val: None,
    }
}

fn said(result: &ldap3::LdapResult) -> Option<Vec<u8>> {
    let control = result.ctrls.iter().find(|ctrl| ctrl.1.ctype == POLICY)?;
    control.1.val.clone()
}

async fn bind_with_policy(server: &Server, name: &str, password: &str) -> (u32, Option<Vec<u8>>) {
    let mut client = server.client().await;
    let bound = client
        .with_controls(vec![policy()])
        .simple_bind(name, password)
        .await
        .unwrap();
    (bound.rc, said(&bound))
}

#[tokio::test]
async fn too_many_wrong_passwords_lock_and_the_policy_says_so_when_asked() {
    let server = Server::start().await;
    let (wrong, locked) = (vec![0x30, 0], vec![0x30, 3, 0x81, 1, 1]);
    for _ in 0..10 {
        let answer = bind_with_policy(&server, "bob", "wrong").await;
        assert_eq!(answer, (49, Some(wrong.clone())));
    }
    let answer = bind_with_policy(&server, "bob", PASSWORD).await;
    assert_eq!(answer, (49, Some(locked)));
    let mut client = server.client().await;
    let right = client.simple_bind("bob", PASSWORD).await.unwrap();
    let nobody = client.simple_bind("nobody", PASSWORD).await.unwrap();
    assert_eq!((right.rc, right.ctrls.len()), (49, 0));
    assert_eq!(right.text, nobody.text, "which of the two is not told");
    server.bound("uid=alice,ou=people", PASSWORD).await;
}

#[tokio::test]
async fn the_policy_says_what_is_wrong_only_when_asked() {
    let server = Server::start().await;
    let mut alice = server.bound("uid=alice,ou=people", PASSWORD).await;
    let replace = |new: &'static str| vec![Mod::Replace("userPassword", set(&[new]))];
    for (new, code, error) in [
        ("Sh0rt", 19, Some(6)),
        ("lower-case-only-9", 19, Some(5)),
        ("New-Horse-8", 0, None),
    ] {
        let result = alice
            .with_controls(vec![policy()])
            .modify(&dn("alice"), replace(new))
            .await
            .unwrap();
        let expected = error.map_or(vec![0x30, 0], |error| vec![0x30, 3, 0x81, 1, error]);
        assert_eq!((result.rc, said(&result)), (code, Some(expected)), "{new}");
    }
    let unasked = alice.modify(&dn("alice"), replace("x")).await.unwrap();
    assert_eq!((unasked.rc, unasked.ctrls.len()), (19, 0));
}

#[tokio::test]
async fn a_password_is_replaced_by_modify_in_both_ways() {
    let server = Server::start().await;
    let mut alice = server.bound("uid=alice,ou=people", PASSWORD).await;
    let word = |values: &[&'static str]| set(values);
    for (mods, code) in [
        (
            vec![
                Mod::Delete("userPassword", word(&["wrong"])),
                Mod::Add("userPassword", word(&["New-Horse-8"])),
            ],
            49,
        ),
        (vec![Mod::Delete("userPassword", word(&[]))], 53),
        (vec![Mod::Add("userPassword", word(&["New-Horse-8"]))], 20),
        (
            vec![Mod::Replace(
                "userPassword",
                word(&["New-Horse-8", "Newer-Horse-9"]),
            )],
            19,
        ),
        (
            vec![
                Mod::Delete("userPassword", word(&[PASSWORD])),
                Mod::Add("userPassword", word(&["New-Horse-8"])),
            ],
            0,
        ),
        (vec![Mod::Replace("2.5.4.35", word(&["Newer-Horse-9"]))], 0),
    ] {
        let shown = format!("{mods:?}");
        let result = client_modify(&mut alice, &dn("alice"), mods).await;
        assert_eq!(result.rc, code, "{shown}: {}", result.text);
    }
    assert_eq!(
        values(&mut alice, &dn("alice"), "userPassword").await,
        Vec::<String>::new()
    );
    server.bound("uid=alice,ou=people", "Newer-Horse-9").await;
}

#[tokio::test]
async fn what_the_catalogue_forbids_people_stays_forbidden() {
    let server = Server::start().await;
    let catalogue = include_str!("../../../../config/catalogues/opbx.toml");
    let strict = catalogue.replace("own_profile = [\"name\", ", "own_profile = [");
    let declared = declaration("acme", &strict).unwrap();
    let name = "acme".parse().unwrap();
    server
        .directory
        .gateway
        .declare(&name, declared)
        .await
        .unwrap();
    let mut alice = server.bound("uid=alice,ou=people", PASSWORD).await;
    let result = alice
        .modify(&dn("alice"), vec![Mod::Replace("sn", set(&["Maier"]))])
        .await;
    assert_eq!(result.unwrap().rc, 50);
}
