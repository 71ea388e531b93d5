//! The root DSE and the subschema (RFC 4512 §4.2 and §5.1).

use std::collections::HashMap;

use jackfield_ldap::Options;
use ldap3::{Scope, SearchEntry};

use crate::harness::{SUFFIX, Server};

async fn read(
    client: &mut ldap3::Ldap,
    base: &str,
    filter: &str,
    attributes: &[&str],
) -> HashMap<String, Vec<String>> {
    let found = client
        .search(base, Scope::Base, filter, attributes.to_vec())
        .await
        .unwrap();
    assert_eq!(found.1.rc, 0, "{}", found.1.text);
    let entry = found.0.into_iter().next().map(SearchEntry::construct);
    entry.map(|entry| entry.attrs).unwrap_or_default()
}

#[tokio::test]
async fn the_root_dse_is_read_before_a_bind() {
    let server = Server::start().await;
    let mut client = server.client().await;
    let root = read(&mut client, "", "(objectClass=*)", &["*", "+"]).await;
    for (name, values) in [
        ("namingContexts", &[SUFFIX][..]),
        ("subschemaSubentry", &["cn=subschema"]),
        ("supportedLDAPVersion", &["3"]),
        (
            "supportedExtension",
            &[
                "1.3.6.1.4.1.4203.1.11.3",
                "1.3.6.1.1.8",
                "1.3.6.1.4.1.4203.1.11.1",
            ],
        ),
        (
            "supportedFeatures",
            &[
                "1.3.6.1.4.1.4203.1.5.1",
                "1.3.6.1.4.1.4203.1.5.2",
                "1.3.6.1.4.1.4203.1.5.3",
                "1.3.6.1.4.1.4203.1.5.4",
                "1.3.6.1.4.1.4203.1.5.5",
            ],
        ),
        ("vendorName", &["Jackfield"]),
    ] {
        assert_eq!(root[name], values, "{name}");
    }
    assert!(!root.contains_key("supportedSASLMechanisms"));
    // Its attributes are operational.
    let root = read(&mut client, "", "(objectClass=*)", &[]).await;
    assert_eq!(root.into_keys().collect::<Vec<_>>(), ["objectClass"]);
    let found = client
        .search("", Scope::Base, "(supportedLDAPVersion=2)", ["*"])
        .await
        .unwrap();
    assert!(found.0.is_empty());
}

#[tokio::test]
async fn who_else_is_served_is_not_told_before_a_bind() {
    let server = Server::with(Options::default()).await;
    let mut client = server.client().await;
    let root = read(&mut client, "", "(objectClass=*)", &["namingContexts"]).await;
    assert!(root.is_empty(), "{root:?}");
    let mut client = server.service().await;
    let root = read(&mut client, "", "(objectClass=*)", &["namingContexts"]).await;
    assert_eq!(root["namingContexts"], [SUFFIX]);
}

#[tokio::test]
async fn the_subschema_is_read_before_a_bind_and_describes_what_entries_show() {
    let server = Server::start().await;
    let mut client = server.client().await;
    let schema = read(
        &mut client,
        "cn=Subschema",
        "(objectClass=subschema)",
        &["*", "+"],
    )
    .await;
    for name in [
        "ldapSyntaxes",
        "matchingRules",
        "matchingRuleUse",
        "attributeTypes",
        "objectClasses",
    ] {
        for value in &schema[name] {
            assert!(value.starts_with("( ") && value.ends_with(" )"), "{value}");
            assert_eq!(
                value.matches('(').count(),
                value.matches(')').count(),
                "{value}"
            );
        }
    }
    let described = |kind: &str, name: &str| {
        schema[kind]
            .iter()
            .any(|value| value.contains(&format!("'{name}'")))
    };
    let mut service = server.service().await;
    let tree = service
        .search(SUFFIX, Scope::Subtree, "(objectClass=*)", ["*", "+"])
        .await
        .unwrap();
    for entry in tree.0.into_iter().map(SearchEntry::construct) {
        for name in entry.attrs.keys() {
            assert!(described("attributeTypes", name), "{name} of {}", entry.dn);
        }
        for class in &entry.attrs["objectClass"] {
            assert!(described("objectClasses", class), "{class} of {}", entry.dn);
        }
    }
    let found = client
        .search(
            "cn=subschema",
            Scope::Base,
            "(attributeTypes=pbxRole)",
            ["cn"],
        )
        .await
        .unwrap();
    assert_eq!(found.0.len(), 1, "objectIdentifierFirstComponentMatch");
}

#[tokio::test]
async fn compare_answers_true_false_or_why_not() {
    let server = Server::start().await;
    let mut client = server.service().await;
    let alice = format!("uid=alice,ou=people,{SUFFIX}");
    for (entry, attribute, value, code) in [
        (alice.as_str(), "cn", "ALICE  müller", 6),
        (&alice, "cn", "Bob", 5),
        (&alice, "telephoneNumber", "+49301234567", 6),
        (&alice, "pbxPermission", "users:delete", 6),
        (&alice, "pbxPermission", "organization:delete", 5),
        (&alice, "pager", "1", 16),
        (&alice, "name", "alice müller", 6),
        (&alice, "name", "Bob", 5),
        (&alice, "cn;lang-de", "Alice Müller", 16),
        (&alice, "cn;binary", "Alice Müller", 17),
        (&alice, "cn", "", 21),
        (&alice, "shoeSize", "44", 17),
        (&alice, "createTimestamp", "yesterday", 21),
        (SUFFIX, "dc", "acme", 6),
        ("", "supportedLDAPVersion", "3", 6),
        ("uid=nobody,ou=people,dc=acme,dc=example", "cn", "x", 32),
        ("nonsense", "cn", "x", 34),
    ] {
        let result = client.compare(entry, attribute, value).await.unwrap();
        assert_eq!(
            result.0.rc, code,
            "{entry} {attribute}={value}: {}",
            result.0.text
        );
    }
}
