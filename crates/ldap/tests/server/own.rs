//! Attributes of a tenant's own, under the names that its file gives.

use jackfield_gateway::Command;
use jackfield_gateway::testing::declaration;
use jackfield_model::schema::own::{OwnAttribute, OwnSchema, Readers};
use jackfield_model::schema::{Mutability, Type};
use jackfield_model::{Attributes, Kind, OwnSchemas, Timestamp, Value};
use ldap3::{Scope, SearchEntry};

use crate::harness::{PASSWORD, SUFFIX, Server};

const OPBX: &str = include_str!("../../../../config/catalogues/opbx.toml");

/// A server whose tenant has attributes of its own, and a user `own` with values of them.
async fn start() -> Server {
    let server = Server::start().await;
    let of = |name: &str, ty, readers, ldap: Option<&str>| OwnAttribute {
        readers,
        ldap: ldap.map(Into::into),
        ..OwnAttribute::new(name, ty)
    };
    let car = OwnAttribute {
        multi_valued: true,
        sub: vec![of(
            "plate",
            Type::String,
            Readers::PhoneBook,
            Some("acmePlate"),
        )],
        ..of("car", Type::Complex, Readers::PhoneBook, None)
    };
    let key = OwnAttribute {
        case_exact: true,
        mutability: Mutability::Immutable,
        ..of("key", Type::String, Readers::PhoneBook, Some("acmeKey"))
    };
    let attributes = vec![
        of(
            "badge",
            Type::String,
            Readers::Administrators,
            Some("acmeBadge"),
        ),
        car,
        of("face", Type::Binary, Readers::PhoneBook, Some("acmeFace")),
        of(
            "floor",
            Type::Integer,
            Readers::PhoneBook,
            Some("acmeFloor"),
        ),
        of("hired", Type::DateTime, Readers::Person, Some("acmeHired")),
        key,
        of("unseen", Type::String, Readers::PhoneBook, None),
    ];
    let mut declared = declaration("acme", OPBX).unwrap();
    declared.schemas = OwnSchemas(vec![OwnSchema {
        urn: "urn:acme:hr".into(),
        name: "HR".into(),
        description: "".into(),
        kind: Kind::User,
        attributes,
    }]);
    let gateway = &server.directory.gateway;
    gateway
        .declare(&"acme".parse().unwrap(), declared)
        .await
        .unwrap();
    let operator = server.directory.operator("acme").unwrap();
    let registry = operator.tenant().registry();
    let schema = registry.schema("urn:acme:hr").unwrap();
    let attr = |name| registry.attribute(schema, name).unwrap();
    let plate = registry.child(Some(attr("car")), "plate").unwrap();
    let moment = Timestamp::parse_rfc3339("2026-01-02T03:04:05Z").unwrap();
    let attributes = Attributes::new()
        .with(jackfield_model::schema::attr::USER_NAME, "own")
        .with(attr("badge"), "B-1")
        .with(attr("car"), Attributes::new().with(plate, "B-AA 1"))
        .with(attr("car"), Attributes::new().with(plate, "B-AA 2"))
        .with(attr("face"), Value::Bytes([0, 255].into()))
        .with(attr("floor"), 12i64)
        .with(attr("hired"), Value::Time(moment))
        .with(attr("key"), "Kk")
        .with(attr("unseen"), "x");
    let kind = Kind::User;
    let made = operator
        .write(Command::Create { kind, attributes })
        .await
        .unwrap();
    operator
        .set_password(made.id.unwrap(), PASSWORD)
        .await
        .unwrap();
    server
}

async fn search(client: &mut ldap3::Ldap, filter: &str, attributes: &[&str]) -> Vec<SearchEntry> {
    let found = client
        .search(SUFFIX, Scope::Subtree, filter, attributes.to_vec())
        .await;
    let (entries, _) = found.unwrap().success().unwrap();
    entries.into_iter().map(SearchEntry::construct).collect()
}

#[tokio::test]
async fn each_type_is_found_by_its_own_matching_rule() {
    let server = start().await;
    let mut client = server.service().await;
    for (filter, expected) in [
        ("(acmeBadge=b-1)", 1),
        ("(acmebadge=B*)", 1),
        ("(acmePlate=b-aa 2)", 1),
        ("(&(acmePlate=*1)(acmePlate=*2))", 1),
        ("(acmeFace=\\00\\ff)", 1),
        ("(acmeFace=\\00)", 0),
        ("(acmeFloor=012)", 1),
        ("(acmeFloor>=12)", 1),
        ("(acmeFloor<=9)", 0),
        ("(acmeHired=20260102030405Z)", 1),
        ("(acmeHired<=20260101000000Z)", 0),
        ("(acmeKey=Kk)", 1),
        ("(acmeKey=KK)", 0),
        ("(acmeKey:caseIgnoreMatch:=KK)", 1),
        ("(acmeUnseen=x)", 0),
        ("(&(uid=own)(!(acmeFloor=*)))", 0),
    ] {
        let found = search(&mut client, filter, &["1.1"]).await;
        assert_eq!(found.len(), expected, "{filter}");
    }
}

#[tokio::test]
async fn values_are_shown_in_the_form_of_their_syntax() {
    let server = start().await;
    let mut client = server.service().await;
    let found = search(
        &mut client,
        "(uid=own)",
        &["acmeFloor", "ACMEhired", "acmeFace"],
    )
    .await;
    let entry = &found[0];
    assert_eq!(entry.attrs["acmeFloor"], ["12"]);
    assert_eq!(
        entry.attrs["ACMEhired"],
        ["20260102030405Z"],
        "as it was spelt"
    );
    assert_eq!(entry.bin_attrs["acmeFace"], [vec![0, 255]]);
    let all = &search(&mut client, "(uid=own)", &["*"]).await[0];
    let mut plates = all.attrs["acmePlate"].clone();
    plates.sort();
    assert_eq!(plates, ["B-AA 1", "B-AA 2"]);
    assert!(all.attrs.contains_key("acmeBadge") && !all.attrs.contains_key("unseen"));
}

#[tokio::test]
async fn who_may_read_it_is_as_the_file_says() {
    let server = start().await;
    let own = format!("uid=own,ou=people,{SUFFIX}");
    let mut themselves = server.client().await;
    themselves
        .simple_bind(&own, PASSWORD)
        .await
        .unwrap()
        .success()
        .unwrap();
    let mut other = server.client().await;
    let alice = format!("uid=alice,ou=people,{SUFFIX}");
    other
        .simple_bind(&alice, PASSWORD)
        .await
        .unwrap()
        .success()
        .unwrap();
    let mut device = server.device().await;
    for (who, client, expected) in [
        (
            "oneself",
            &mut themselves,
            ["acmeFloor", "acmeHired"].as_slice(),
        ),
        ("a device", &mut device, &["acmeFloor"]),
    ] {
        let asked = ["acmeBadge", "acmeFloor", "acmeHired"];
        let found = search(client, "(uid=own)", &asked).await;
        let mut shown: Vec<_> = found[0].attrs.keys().collect();
        shown.sort();
        assert_eq!(shown, expected, "{who}");
        let found = search(client, "(acmeBadge=B-1)", &["1.1"]).await;
        assert!(found.is_empty(), "{who}");
    }
    let compared = other.compare(&own, "acmeFloor", "12").await.unwrap();
    assert!(compared.equal().unwrap());
}

#[tokio::test]
async fn the_subschema_of_the_tenant_describes_it() {
    let server = start().await;
    let mut client = server.service().await;
    let asked = vec!["attributeTypes", "objectClasses"];
    let found = client
        .search("cn=subschema", Scope::Base, "(objectClass=*)", asked)
        .await;
    let (entries, _) = found.unwrap().success().unwrap();
    let entry = SearchEntry::construct(entries.into_iter().next().unwrap());
    let described = |name: &str| {
        let mut all = entry.attrs["attributeTypes"].iter();
        let named = format!("NAME '{name}'");
        all.find(|text| text.contains(&named))
            .cloned()
            .unwrap_or_default()
    };
    let floor = described("acmeFloor");
    assert!(
        floor.starts_with("( 2.25.34976033052359053438541463490412718822.3."),
        "{floor}"
    );
    assert!(floor.ends_with("EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )"), "{floor}");
    assert!(!described("acmePlate").contains("SINGLE-VALUE"));
    let person = entry.attrs["objectClasses"]
        .iter()
        .find(|text| text.contains("'pbxPerson'"));
    assert!(
        person.unwrap().contains("$ acmeBadge $ acmePlate"),
        "{person:?}"
    );
}

#[tokio::test]
async fn results_are_sorted_by_it() {
    let server = start().await;
    let mut client = server.service().await;
    for (key, expected) in [("acmeFloor", "uid=own"), ("acmeUnheard", "")] {
        // RFC 2891 §1.1: one key, the attribute's own rule.
        let mut value = vec![0x30, 0, 0x30, 0, 0x04, 0];
        let length = u8::try_from(key.len()).unwrap();
        (value[1], value[3], value[5]) = (length + 4, length + 2, length);
        value.extend_from_slice(key.as_bytes());
        let control = ldap3::controls::RawControl {
            ctype: "1.2.840.113556.1.4.473".to_owned(),
            crit: true,
            val: Some(value),
        };
        client.with_controls(control);
        let found = client
            .search(SUFFIX, Scope::Subtree, "(uid=*)", vec!["1.1"])
            .await
            .unwrap();
        let first = found
            .0
            .into_iter()
            .next()
            .map(|entry| SearchEntry::construct(entry).dn);
        assert!(first.unwrap_or_default().starts_with(expected), "{key}");
        assert_eq!(
            found.1.rc == 0,
            !expected.is_empty(),
            "{key}: {}",
            found.1.rc
        );
    }
}
