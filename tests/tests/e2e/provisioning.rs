//! Pushed over SCIM, found over LDAP a moment later.

use jackfield_tests::scim::{self, Client, user};
use jackfield_tests::tools::Tools;
use jackfield_tests::{Access, Server};
use ldap3::{LdapConnAsync, Scope, SearchEntry};
use serde_json::{Value, json};

const PASSWORD: &str = "Correct-Horse-7";

/// A person with everything a phone book shows, and a password.
fn ada() -> Value {
    let mut ada = user("ada@acme.example", "Ada", "Lovelace");
    ada["password"] = json!(PASSWORD);
    ada["title"] = json!("Analyst");
    ada["phoneNumbers"] = json!([
        {"value": "+49 30 1234567", "type": "work", "primary": true},
        {"value": "+49 170 7654321", "type": "mobile"},
    ]);
    ada
}

fn as_person(server: &Server, access: &Access, name: &str) -> Tools {
    Tools::bound(&server.ldap_url(), &access.ldap.base, name, PASSWORD)
}

#[tokio::test]
async fn a_pushed_user_binds_and_searches() {
    let (server, access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    client.post("/Users", &ada()).await.unwrap().expect(201);

    let dn = format!("uid=ada@acme.example,ou=people,{}", access.ldap.base);
    for name in [dn.as_str(), "ada@acme.example", "ADA@Acme.Example"] {
        let whoami = as_person(&server, &access, name)
            .whoami()
            .unwrap()
            .expect(0);
        assert_eq!(whoami.stdout.trim(), format!("dn:{dn}"), "bound as {name}");
    }
    let ada = as_person(&server, &access, &dn);
    let found = ada.search(&["(sn=lovelace)"]).unwrap().expect(0);
    assert_eq!(found.dns(), [dn.as_str()]);
    for (attribute, value) in [
        ("cn", "Ada Lovelace"),
        ("givenName", "Ada"),
        ("mail", "ada@acme.example"),
        ("telephoneNumber", "+49 30 1234567"),
        ("mobile", "+49 170 7654321"),
        ("title", "Analyst"),
    ] {
        assert_eq!(found.values(attribute), [value], "{attribute}");
    }
    assert!(
        !found.stdout.to_ascii_lowercase().contains("password"),
        "{}",
        found.stdout
    );

    Tools::bound(&server.ldap_url(), &access.ldap.base, &dn, "wrong")
        .whoami()
        .unwrap()
        .expect(49);
}

#[tokio::test]
async fn every_change_over_scim_is_the_next_answer_over_ldap() {
    let (server, access) = Server::bootstrapped().unwrap();
    let (client, ldap) = (Client::new(&access.scim), Tools::new(&access.ldap));
    let made = client.post("/Users", &ada()).await.unwrap().expect(201);
    let path = format!("/Users/{}", scim::id(&made));
    let titles = || {
        let found = ldap
            .search(&["(uid=ada@acme.example)", "title"])
            .unwrap()
            .expect(0);
        found
            .values("title")
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(titles(), ["Analyst"]);

    let replace = json!([{"op": "replace", "path": "title", "value": "Countess"}]);
    let patched = client.patch(&path, replace).await.unwrap();
    assert!([200, 204].contains(&patched.status), "{:#}", patched.body);
    assert_eq!(titles(), ["Countess"]);

    let mut whole = ada();
    whole.as_object_mut().unwrap().remove("title");
    whole["phoneNumbers"] = json!([{"value": "+49 30 99", "type": "work"}]);
    client.put(&path, &whole).await.unwrap().expect(200);
    assert!(titles().is_empty());
    let by_number = ldap
        .search(&["(telephoneNumber=+493099)", "dn"])
        .unwrap()
        .expect(0);
    assert_eq!(
        by_number.dns().len(),
        1,
        "spaces do not count in a telephone number"
    );

    let off = json!([{"op": "replace", "value": {"active": false}}]);
    client.patch(&path, off).await.unwrap();
    as_person(&server, &access, "ada@acme.example")
        .whoami()
        .unwrap()
        .expect(49);

    client.delete(&path).await.unwrap().expect(204);
    let gone = ldap
        .search(&["(uid=ada@acme.example)", "dn"])
        .unwrap()
        .expect(0);
    assert!(gone.dns().is_empty());
    client.get(&path).await.unwrap().expect_error(404);
}

#[tokio::test]
async fn an_open_connection_ends_its_rights_with_its_user() {
    let (server, access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    let made = client.post("/Users", &ada()).await.unwrap().expect(201);
    let (connection, mut ldap) = LdapConnAsync::new(&server.ldap_url()).await.unwrap();
    ldap3::drive!(connection);
    let dn = format!("uid=ada@acme.example,ou=people,{}", access.ldap.base);
    ldap.simple_bind(&dn, PASSWORD)
        .await
        .unwrap()
        .success()
        .unwrap();
    let search = |ldap: &mut ldap3::Ldap| {
        let mut ldap = ldap.clone();
        let base = access.ldap.base.clone();
        async move {
            ldap.search(&base, Scope::Subtree, "(sn=Lovelace)", vec!["cn"])
                .await
        }
    };
    let (entries, _) = search(&mut ldap).await.unwrap().success().unwrap();
    assert_eq!(entries.len(), 1);
    client
        .delete(&format!("/Users/{}", scim::id(&made)))
        .await
        .unwrap()
        .expect(204);
    let after = search(&mut ldap).await.unwrap().success();
    assert!(after.is_err(), "a deleted user still reads: {after:?}");
}

#[tokio::test]
async fn an_independent_client_reads_entry_compare_and_who_am_i() {
    let (server, access) = Server::bootstrapped().unwrap();
    let client = Client::new(&access.scim);
    client.post("/Users", &ada()).await.unwrap().expect(201);
    let (connection, mut ldap) = LdapConnAsync::new(&server.ldap_url()).await.unwrap();
    ldap3::drive!(connection);
    let bound = ldap
        .simple_bind(&access.ldap.bind_dn, &access.ldap.password)
        .await
        .unwrap();
    bound.success().unwrap();

    let base = &access.ldap.base;
    let filter = "(&(objectClass=inetOrgPerson)(|(other=x)(telephoneNumber=+4930*)))";
    let wanted = vec!["cn", "entryUUID", "memberOf"];
    let (entries, _) = ldap
        .search(base, Scope::Subtree, filter, wanted)
        .await
        .unwrap()
        .success()
        .unwrap();
    let ada = entries
        .into_iter()
        .map(SearchEntry::construct)
        .find(|entry| entry.dn.starts_with("uid=ada@"))
        .expect("an unknown attribute in one branch does not spoil the other");
    let found = client
        .find("/Users", "userName eq \"ada@acme.example\"")
        .await
        .unwrap();
    assert_eq!(
        ada.attrs["entryUUID"],
        [scim::id(&found.expect(200)["Resources"][0])]
    );

    assert!(
        ldap.compare(&ada.dn, "sn", "LOVELACE")
            .await
            .unwrap()
            .equal()
            .unwrap()
    );
    assert!(
        !ldap
            .compare(&ada.dn, "sn", "Byron")
            .await
            .unwrap()
            .equal()
            .unwrap()
    );
    let missing = format!("uid=nobody,ou=people,{base}");
    let wanted = vec!["1.1"];
    let found = ldap
        .search(&missing, Scope::Base, "(objectClass=*)", wanted)
        .await
        .unwrap();
    let result = found.1;
    assert_eq!(
        (result.rc, result.matched),
        (32, format!("ou=people,{base}"))
    );
}

#[tokio::test]
async fn the_same_question_finds_the_same_people_on_both_sides() {
    let (_server, access) = Server::bootstrapped().unwrap();
    let (client, ldap) = (Client::new(&access.scim), Tools::new(&access.ldap));
    for (name, given, family) in [
        ("strasse", "Jörg", "Straße"),
        ("muller", "Ana", "Müller"),
        ("istanbul", "İpek", "Işık"),
        ("decomposed", "Rene\u{301}", "Lacoste"),
    ] {
        client
            .post("/Users", &user(name, given, family))
            .await
            .unwrap()
            .expect(201);
    }
    for (scim_filter, ldap_filter) in [
        ("name.familyName eq \"STRASSE\"", "(sn=STRASSE)"),
        ("name.familyName eq \"straße\"", "(sn=straße)"),
        ("name.givenName eq \"ren\u{e9}\"", "(givenName=ren\u{e9})"),
        ("name.familyName sw \"mü\"", "(sn=mü*)"),
        ("userName eq \"ISTANBUL\"", "(uid=ISTANBUL)"),
        ("userName co \"an\"", "(uid=*an*)"),
        (
            "not (userName sw \"s\")",
            "(&(objectClass=inetOrgPerson)(!(uid=s*)))",
        ),
    ] {
        let answer = client
            .find("/Users", scim_filter)
            .await
            .unwrap()
            .expect(200);
        let mut pushed: Vec<String> = answer["Resources"]
            .as_array()
            .into_iter()
            .flatten()
            .map(scim::id)
            .collect();
        let found = ldap.search(&[ldap_filter, "entryUUID"]).unwrap().expect(0);
        let mut pulled: Vec<String> = found
            .values("entryUUID")
            .into_iter()
            .map(str::to_owned)
            .collect();
        pushed.sort();
        pulled.sort();
        assert!(!pushed.is_empty(), "{scim_filter} finds nobody");
        assert_eq!(pushed, pulled, "{scim_filter} and {ldap_filter}");
    }
}
