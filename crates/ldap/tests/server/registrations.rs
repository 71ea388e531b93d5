//! Registrations that Asterisk writes, kept in memory.

use std::collections::HashSet;

use ldap3::controls::{PostRead, PreRead, RawControl, ReadEntryResp};
use ldap3::{Ldap, Mod, Scope, SearchEntry};

use crate::harness::{SUFFIX, Server};

const CONTACT: &str = "AstAccountFullContact";

async fn asterisk(server: &Server) -> Ldap {
    let scopes = ["people", "extensions", "groups", "registrations"];
    server
        .operator()
        .ensure_service("pbx", &scopes)
        .await
        .unwrap();
    server.service().await
}

fn set(value: &str) -> HashSet<&str> {
    [value].into_iter().collect()
}

/// The entries that match, with the contact of each.
async fn found(client: &mut Ldap, filter: &str) -> Vec<(String, String)> {
    let found = client
        .search(SUFFIX, Scope::Subtree, filter, ["*"])
        .await
        .unwrap();
    let entries = found.0.into_iter().map(SearchEntry::construct);
    entries
        .map(|entry| {
            let name = entry.dn.split(',').next().unwrap().to_owned();
            let contact = entry.attrs.get(CONTACT).map(|values| values[0].clone());
            (name, contact.unwrap_or_default())
        })
        .collect()
}

#[tokio::test]
async fn what_asterisk_tells_is_read_back_and_is_no_write() {
    let server = Server::start().await;
    let mut client = asterisk(&server).await;
    let alice = format!("uid=alice,ou=people,{SUFFIX}");
    let revision = server.operator().read().unwrap().revision();
    let mods = vec![
        Mod::Replace(CONTACT, set("sip:alice@192.0.2.7:5060")),
        Mod::Replace("astaccountipaddress", set("192.0.2.7")),
        Mod::Replace("AstAccountLastMs", set("12")),
        Mod::Replace("AstAccountExpirationTimestamp", set("9999999999")),
    ];
    let result = client.modify(&alice, mods).await.unwrap();
    assert_eq!(result.rc, 0, "{}", result.text);
    assert_eq!(server.operator().read().unwrap().revision(), revision);
    let expected = vec![(
        "uid=alice".to_owned(),
        "sip:alice@192.0.2.7:5060".to_owned(),
    )];
    for filter in [
        "(AstAccountIPAddress=192.0.2.7)",
        "(AstAccountFullContact=sip:alice*)",
        "(&(uid=*)(AstAccountFullContact=*))",
        "(&(uid=alice)(AstAccountLastQualifyMilliseconds=12))",
    ] {
        assert_eq!(found(&mut client, filter).await, expected, "{filter}");
    }
    assert!(
        found(&mut client, "(AstAccountIPAddress=192.0.2.8)")
            .await
            .is_empty()
    );
    // What was and what is (RFC 4527), of what is kept in memory, too.
    let critical = |control| RawControl {
        crit: true,
        ..control
    };
    let read = vec![
        critical(PreRead::new(vec![CONTACT])),
        critical(PostRead::new(vec![CONTACT, "uid"])),
    ];
    let mods = vec![Mod::Replace(CONTACT, set("sip:alice@192.0.2.9"))];
    let result = client.with_controls(read).modify(&alice, mods).await;
    let result = result.unwrap();
    assert_eq!(result.rc, 0, "{}", result.text);
    let read: Vec<ReadEntryResp> = result.ctrls.iter().map(|ctrl| ctrl.1.parse()).collect();
    assert_eq!(read[0].attrs[CONTACT], ["sip:alice@192.0.2.7:5060"]);
    assert_eq!(read[1].attrs[CONTACT], ["sip:alice@192.0.2.9"]);
    assert_eq!(read[1].attrs["uid"], ["alice"]);
    // Nobody else reads it, or asks by it.
    let mut person = server
        .bound("uid=alice,ou=people", crate::harness::PASSWORD)
        .await;
    assert_eq!(found(&mut person, "(uid=alice)").await[0].1, "");
    assert!(
        found(
            &mut person,
            "(&(uid=alice)(!(AstAccountIPAddress=192.0.2.8)))"
        )
        .await
        .is_empty()
    );
    // Asterisk takes everything back when the phone is gone.
    let names = [
        CONTACT,
        "AstAccountIPAddress",
        "AstAccountLastMs",
        "AstAccountExpirationTimestamp",
    ];
    let gone: Vec<Mod<&str>> = names
        .into_iter()
        .map(|name| Mod::Replace(name, HashSet::new()))
        .collect();
    assert_eq!(client.modify(&alice, gone).await.unwrap().rc, 0);
    assert!(
        found(&mut client, "(AstAccountFullContact=*)")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn registrations_are_told_by_who_was_given_it_of_what_registers() {
    let server = Server::start().await;
    let alice = format!("uid=alice,ou=people,{SUFFIX}");
    let group = format!("cn=Ops,ou=groups,{SUFFIX}");
    let extension = format!("cn=1042,ou=extensions,{SUFFIX}");
    let contact = |value| vec![Mod::Replace(CONTACT, set(value))];
    let mut reader = server.service().await;
    assert_eq!(reader.modify(&alice, contact("x")).await.unwrap().rc, 50);
    let mut client = asterisk(&server).await;
    let long = "x".repeat(513);
    let mixed = vec![
        Mod::Replace(CONTACT, set("x")),
        Mod::Replace("title", set("x")),
    ];
    for (dn, mods, code) in [
        (&extension, contact("sip:1042@192.0.2.1"), 0),
        (&group, contact("x"), 32),
        (&alice, contact(&long), 21),
        (&alice, mixed, 53),
        // Asterisk takes back what it never told, too.
        (&alice, vec![Mod::Delete(CONTACT, HashSet::new())], 0),
        (&alice, vec![Mod::Delete(CONTACT, set("b"))], 16),
        (&alice, vec![Mod::Add(CONTACT, set("a"))], 0),
        (&alice, vec![Mod::Add(CONTACT, set("b"))], 19),
        (&alice, vec![Mod::Delete(CONTACT, set("a"))], 0),
    ] {
        let shown = format!("{mods:?}");
        let result = client.modify(dn, mods).await.unwrap();
        assert_eq!(result.rc, code, "{shown}: {}", result.text);
    }
}
