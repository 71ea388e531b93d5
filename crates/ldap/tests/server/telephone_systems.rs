//! What Asterisk and FreeSWITCH ask for when a phone registers and calls, in their order and words.

use std::collections::HashSet;

use ldap3::{Ldap, Mod, Scope, SearchEntry};

use crate::harness::{SUFFIX, Server};
use crate::sip::{HA1, SECRET, prepare};

/// The first entry with all its attributes, as both ask: subtree, no list of attributes.
async fn look_up(client: &mut Ldap, filter: &str) -> Option<SearchEntry> {
    let base = format!("ou=extensions,{SUFFIX}");
    let found = client.search(&base, Scope::Subtree, filter, Vec::<&str>::new());
    let mut entries = found.await.unwrap().success().unwrap().0.into_iter();
    let first = entries.next().map(SearchEntry::construct);
    assert!(entries.next().is_none(), "{filter} finds one");
    first
}

fn one<'e>(entry: &'e SearchEntry, attribute: &str) -> &'e str {
    match entry.attrs.get(attribute).map(Vec::as_slice) {
        Some([value]) => value,
        other => panic!("{attribute}: {other:?}"),
    }
}

/// `res_config_ldap` keeps one connection. Both spellings of its classes and attributes.
#[tokio::test]
async fn asterisk_registers_a_phone_and_finds_the_way_to_it() {
    let server = Server::start().await;
    let scopes = ["extensions", "sip-secrets", "registrations"];
    prepare(&server, &scopes).await;
    let mut asterisk = server.service().await;
    for class in ["AsteriskSIPUser", "AstAccount"] {
        // sipusers and sippeers: by name, and by name among those that register.
        for more in ["", "(AstAccountHost=dynamic)"] {
            let filter = format!("(&(objectClass={class})(AstAccountName=1042){more})");
            let account = look_up(&mut asterisk, &filter).await.expect(&filter);
            assert_eq!(one(&account, "AstAccountName"), "1042");
            assert_eq!(one(&account, "AstAccountSecret"), SECRET);
            assert_eq!(one(&account, "AstAccountRealmedPassword"), HA1);
            assert_eq!(one(&account, "AstMD5secret"), HA1);
            assert_eq!(one(&account, "AstAccountType"), "friend");
        }
        let filter = format!("(&(objectClass={class})(AstAccountName=9999))");
        assert!(look_up(&mut asterisk, &filter).await.is_none());
    }

    // It tells where the phone is, and looks it up by that when a call comes from there.
    let told = |name, value| Mod::Replace(name, HashSet::from([value]));
    let account = format!("cn=1042,ou=extensions,{SUFFIX}");
    let registered = vec![
        told("AstAccountFullContact", "sip:1042@192.0.2.9:5060"),
        told("AstAccountIPAddress", "192.0.2.9"),
        told("AstAccountPort", "5060"),
        told("AstAccountExpirationTimestamp", "9999999999"),
    ];
    let written = asterisk.modify(&account, registered).await.unwrap();
    assert_eq!(written.rc, 0, "{}", written.text);
    let filter = "(&(objectClass=AsteriskSIPUser)(AstAccountIPAddress=192.0.2.9)\
                  (AstAccountPort=5060))";
    let caller = look_up(&mut asterisk, filter)
        .await
        .expect("by its address");
    assert_eq!(
        one(&caller, "AstAccountFullContact"),
        "sip:1042@192.0.2.9:5060"
    );
    assert_eq!(one(&caller, "AstAccountSecret"), SECRET);

    // The dial plan: the number itself, then patterns, which begin with an underscore.
    for (class, number, context, priority, data) in [
        (
            "AsteriskExtension",
            "AstExtension",
            "AstContext",
            "AstPriority",
            "AstApplicationData",
        ),
        (
            "AstExtension",
            "AstExtensionExten",
            "AstExtensionContext",
            "AstExtensionPriority",
            "AstExtensionApplicationData",
        ),
    ] {
        let line = |wanted: &str| {
            format!("(&(objectClass={class})({number}={wanted})({context}=default)({priority}=1))")
        };
        let way = look_up(&mut asterisk, &line("1042")).await.expect(class);
        assert_eq!(one(&way, data), "SIP/1042");
        assert!(look_up(&mut asterisk, &line("_*")).await.is_none());
    }
}

/// `mod_xml_ldap` connects and binds anew for each look-up.
#[tokio::test]
async fn freeswitch_looks_up_an_account_for_each_registration_and_call() {
    let server = Server::start().await;
    prepare(&server, &["extensions", "sip-secrets"]).await;
    for _ in 0..3 {
        let mut freeswitch = server.service().await;
        let filter = "(&(objectClass=FSAccount)(fsuid=1042))";
        let account = look_up(&mut freeswitch, filter).await.expect("the account");
        for (attribute, value) in [
            ("fsUid", "1042"),
            ("fsPassword", SECRET),
            ("fsA1Hash", HA1),
            ("fsUserContext", "default"),
        ] {
            assert_eq!(one(&account, attribute), value);
        }
        freeswitch.unbind().await.unwrap();
    }
    let mut freeswitch = server.service().await;
    let filter = "(&(objectClass=FSAccount)(fsuid=9999))";
    assert!(look_up(&mut freeswitch, filter).await.is_none());
}
