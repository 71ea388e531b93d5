//! Which values people may give their attributes, and how many (RFC 4511 §4.6, RFC 4517 §3.3).

use ldap3::{Ldap, Mod, Scope, SearchEntry};

use crate::harness::{PASSWORD, SUFFIX, Server};

async fn replace(client: &mut Ldap, attribute: &str, values: Vec<Vec<u8>>) -> u32 {
    let alice = format!("uid=alice,ou=people,{SUFFIX}");
    let mods = vec![Mod::Replace(
        attribute.as_bytes().to_vec(),
        values.into_iter().collect(),
    )];
    client.modify(&alice, mods).await.unwrap().rc
}

#[tokio::test]
async fn a_value_outside_its_syntax_is_refused() {
    let server = Server::start().await;
    let mut alice = server.bound("uid=alice,ou=people", PASSWORD).await;
    for (attribute, value, code) in [
        ("mobile", &b"not a number!!"[..], 21),
        ("mobile", b"+49 171\n1", 21),
        ("homePhone", b"", 21),
        ("mobile", b"0171 1 (evenings)", 0),
        // RFC 4517 §1.4: no PrintableString.
        ("mobile", b"*97", 21),
        ("homePhone", "0171 ä".as_bytes(), 21),
        ("facsimileTelephoneNumber", b"#31#1", 21),
        ("otherTelephone", b"#31#", 21),
        // Latin-1 is understood in what is asked, and not kept.
        ("displayName", b"M\xfcller", 21),
        ("displayName", "Müller".as_bytes(), 0),
        ("l", b"M\xfcnchen", 21),
    ] {
        let shown = value.escape_ascii();
        let result = replace(&mut alice, attribute, vec![value.to_vec()]).await;
        assert_eq!(result, code, "{attribute}: {shown}");
    }
    let dn = format!("uid=alice,ou=people,{SUFFIX}");
    let compared = alice.compare(&dn, "displayName", b"M\xfcller").await;
    assert!(compared.unwrap().equal().unwrap());
}

#[tokio::test]
async fn values_are_changed_all_at_once_and_are_not_too_many() {
    let server = Server::start().await;
    let mut alice = server.bound("uid=alice,ou=people", PASSWORD).await;
    let many = |count: u32| {
        (0..count)
            .map(|n| format!("+49 171 {n}").into_bytes())
            .collect()
    };
    assert_eq!(replace(&mut alice, "mobile", many(1_001)).await, 11);
    assert_eq!(replace(&mut alice, "mobile", many(300)).await, 0);
    assert_eq!(mobiles(&mut alice).await.len(), 300);
    assert_eq!(replace(&mut alice, "mobile", many(100)).await, 0);
    assert_eq!(mobiles(&mut alice).await.len(), 100);
    assert_eq!(
        replace(&mut alice, "mobile", vec![b"+49 172".to_vec()]).await,
        0
    );
    assert_eq!(mobiles(&mut alice).await, ["+49 172"]);
    // Numbers of another type are no business of these.
    let found = read(&mut alice, "telephoneNumber").await;
    assert_eq!(found, ["+49 30 1234-567"]);
}

async fn mobiles(client: &mut Ldap) -> Vec<String> {
    read(client, "mobile").await
}

async fn read(client: &mut Ldap, attribute: &str) -> Vec<String> {
    let dn = format!("uid=alice,ou=people,{SUFFIX}");
    let found = client.search(&dn, Scope::Base, "(&)", [attribute]).await;
    let entry = SearchEntry::construct(found.unwrap().0.into_iter().next().unwrap());
    entry.attrs.into_values().next().unwrap_or_default()
}
