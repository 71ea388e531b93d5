//! A role is a group, on both sides.

use jackfield_tests::Server;
use jackfield_tests::scim::{self, Client, user};
use jackfield_tests::tools::Tools;
use serde_json::{Value, json};

/// The group of the role with this title, as SCIM shows it.
async fn role_group(client: &Client, title: &str) -> Value {
    let filter = format!("displayName eq \"{title}\"");
    let found = client.find("/Groups", &filter).await.unwrap().expect(200);
    assert_eq!(found["totalResults"], 1, "{title}: {found:#}");
    found["Resources"][0].clone()
}

fn members(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().into_iter().flatten();
    members
        .filter_map(|member| member["value"].as_str())
        .map(str::to_owned)
        .collect()
}

fn role_keys(user: &Value) -> Vec<String> {
    let roles = user["roles"].as_array().into_iter().flatten();
    roles
        .filter_map(|role| role["value"].as_str())
        .map(str::to_owned)
        .collect()
}

/// What both sides say about who holds a role.
async fn assert_holds(
    client: &Client,
    ldap: &Tools,
    id: &str,
    name: &str,
    title: &str,
    roles: &[&str],
) {
    let base = &ldap.base;
    let dn = format!("uid={name},ou=people,{base}");
    let role_dn = format!("cn={title},ou=roles,{base}");

    let entry = ldap
        .search_at(&role_dn, &["-s", "base", "member", "cn"])
        .unwrap()
        .expect(0);
    assert_eq!(entry.values("cn"), [title]);
    assert!(
        entry.values("member").contains(&dn.as_str()),
        "{}",
        entry.stdout
    );
    let person = ldap
        .search_at(&dn, &["-s", "base", "memberOf"])
        .unwrap()
        .expect(0);
    assert!(
        person.values("memberOf").contains(&role_dn.as_str()),
        "{}",
        person.stdout
    );
    let by_role = ldap
        .search(&[&format!("(memberOf={role_dn})"), "dn"])
        .unwrap()
        .expect(0);
    assert!(by_role.dns().contains(&dn.as_str()), "{}", by_role.stdout);

    let group = role_group(client, title).await;
    assert!(members(&group).contains(&id.to_owned()), "{group:#}");
    // What the baseline gives is nobody's grant: it shows in `groups`, and not in `roles`, so that
    // clients read back what they wrote.
    let user = client
        .get(&format!("/Users/{id}"))
        .await
        .unwrap()
        .expect(200);
    assert_eq!(role_keys(&user), roles, "{user:#}");
    let groups = user["groups"].as_array().unwrap();
    assert!(groups.iter().any(|g| g["value"] == group["id"]), "{user:#}");
}

#[tokio::test]
async fn a_role_given_by_the_users_roles_shows_everywhere() {
    let (_server, access) = Server::bootstrapped().unwrap();
    let (client, ldap) = (Client::new(&access.scim), Tools::new(&access.ldap));
    let mut grace = user("grace", "Grace", "Hopper");
    grace["roles"] = json!([{"value": "pbx_admin"}]);
    let grace = client.post("/Users", &grace).await.unwrap().expect(201);
    assert_holds(
        &client,
        &ldap,
        &scim::id(&grace),
        "grace",
        "PBX Admin",
        &["pbx_admin"],
    )
    .await;
}

#[tokio::test]
async fn a_role_given_by_its_groups_members_shows_everywhere_and_ends_with_them() {
    let (_server, access) = Server::bootstrapped().unwrap();
    let (client, ldap) = (Client::new(&access.scim), Tools::new(&access.ldap));
    let grace = client
        .post("/Users", &user("grace", "Grace", "Hopper"))
        .await
        .unwrap()
        .expect(201);
    let id = scim::id(&grace);
    // Without a role given by anybody, the catalogue's baseline holds.
    assert_holds(&client, &ldap, &id, "grace", "PBX User", &[]).await;

    let group = scim::id(&role_group(&client, "Reporter").await);
    let path = format!("/Groups/{group}");
    let add = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
    let answer = client.patch(&path, add).await.unwrap();
    assert!([200, 204].contains(&answer.status), "{:#}", answer.body);
    // The highest rank is the effective role: PBX User is above Reporter only as a baseline.
    assert_holds(&client, &ldap, &id, "grace", "Reporter", &["reporter"]).await;

    let path_of_member = format!("members[value eq \"{id}\"]");
    let remove = json!([{"op": "remove", "path": path_of_member}]);
    let answer = client.patch(&path, remove).await.unwrap();
    assert!([200, 204].contains(&answer.status), "{:#}", answer.body);
    assert_holds(&client, &ldap, &id, "grace", "PBX User", &[]).await;
    let reporters = role_group(&client, "Reporter").await;
    assert!(!members(&reporters).contains(&id), "{reporters:#}");
}

#[tokio::test]
async fn a_pushed_group_is_a_group_on_both_sides() {
    let (_server, access) = Server::bootstrapped().unwrap();
    let (client, ldap) = (Client::new(&access.scim), Tools::new(&access.ldap));
    let grace = client
        .post("/Users", &user("grace", "Grace", "Hopper"))
        .await
        .unwrap()
        .expect(201);
    let id = scim::id(&grace);
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Compilers",
        "members": [{"value": id, "display": "Grace Hopper"}],
    });
    let group = client.post("/Groups", &group).await.unwrap().expect(201);
    let base = &access.ldap.base;
    let found = ldap
        .search(&["(&(objectClass=groupOfNames)(cn=compilers))"])
        .unwrap()
        .expect(0);
    assert_eq!(found.dns(), [format!("cn=Compilers,ou=groups,{base}")]);
    assert_eq!(
        found.values("member"),
        [format!("uid=grace,ou=people,{base}")]
    );

    let path = format!("/Groups/{}", scim::id(&group));
    let empty = json!([{"op": "replace", "path": "members", "value": []}]);
    let answer = client.patch(&path, empty).await.unwrap();
    assert!([200, 204].contains(&answer.status), "{:#}", answer.body);
    let person = ldap.search(&["(uid=grace)", "memberOf"]).unwrap().expect(0);
    assert!(!person.stdout.contains("cn=Compilers"), "{}", person.stdout);
    client.delete(&path).await.unwrap().expect(204);
    let gone = ldap.search(&["(cn=compilers)", "dn"]).unwrap().expect(0);
    assert!(gone.dns().is_empty());
}

#[tokio::test]
async fn a_permission_is_asked_for_by_compare_and_by_group() {
    let (_server, access) = Server::bootstrapped().unwrap();
    let (client, ldap) = (Client::new(&access.scim), Tools::new(&access.ldap));
    for (name, role) in [("grace", "pbx_admin"), ("rita", "reporter")] {
        let mut person = user(name, name, "Hopper");
        person["roles"] = json!([{"value": role}]);
        client.post("/Users", &person).await.unwrap().expect(201);
    }
    let base = &access.ldap.base;
    let dn = |name: &str| format!("uid={name},ou=people,{base}");
    for (name, permission, code) in [
        ("grace", "extensions:edit", 6),
        ("rita", "extensions:edit", 5),
        ("rita", "reports:export", 6),
        ("grace", "cloudonix:edit", 5),
    ] {
        ldap.compare(&dn(name), &format!("pbxPermission:{permission}"))
            .unwrap()
            .expect(code);
        let group = format!("cn={permission},ou=permissions,{base}");
        let filter = format!("(&(uid={name})(memberOf={group}))");
        let found = ldap.search(&[&filter, "memberOf"]).unwrap().expect(0);
        assert_eq!(found.dns().len(), usize::from(code == 6), "{filter}");
        assert!(
            !found.stdout.contains("ou=permissions"),
            "never listed: {}",
            found.stdout
        );
    }
}
