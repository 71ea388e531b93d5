//! LDAP, SCIM, the command line and the HTTP API say the same of what users may do.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use jackfield_tests::ber::{self, Connection, tag};
use jackfield_tests::home::ScimAccess;
use jackfield_tests::scim::{self, Client, user};
use jackfield_tests::tools::Tools;
use jackfield_tests::{Access, Home, Server};
use reqwest::Method;
use serde_json::{Value, json};

/// What each user may do, by user name.
type Held = BTreeMap<String, BTreeSet<String>>;

/// A tenant with built-in and custom roles, a mapping rule, and somebody who is inactive.
struct World {
    server: Server,
    scim: Client,
    api: Client,
    ldap: Tools,
    service: (String, String),
    base: String,
}

impl World {
    async fn new() -> Self {
        let home = Home::new().unwrap();
        let file = home.config().join("tenants/harbor.toml");
        let text = fs::read_to_string(&file).unwrap();
        let rule = "[mapping.night]\ngroup = \"Night Shift\"\nrole = \"auditor\"\n";
        fs::write(&file, format!("{text}\n{rule}")).unwrap();
        let run = |arguments: &[&str]| -> Value {
            let always = ["--tenant", "harbor", "--json"];
            home.run_json(&[arguments, &always].concat()).unwrap()
        };
        let access: Access = serde_json::from_value(run(&["bootstrap"])).unwrap();
        let token = ["api-token", "create", "--account", "faces", "--as-operator"];
        let scopes = ["--scope", "check,users:write,roles:write"];
        let token = run(&[&token[..], &scopes].concat());
        let server = home.serve().unwrap();
        let at = |path: &str, token: &str| {
            Client::new(&ScimAccess {
                url: server.http(path),
                token: token.to_owned(),
            })
        };
        let scim = at("/scim/harbor/v2", &access.scim.token);
        let api = at("/api/v1/harbor", token["token"].as_str().unwrap());
        let (dn, password) = (access.ldap.bind_dn, access.ldap.password);
        let base = access.ldap.base;
        let ldap = Tools::bound(&server.ldap_url(), &base, &dn, &password);
        let world = Self {
            server,
            scim,
            api,
            ldap,
            service: (dn, password),
            base,
        };
        world.populate().await;
        world
    }

    async fn populate(&self) {
        let night = json!({"title": "Night Desk", "permissions": ["fax:view", "fax:edit"]});
        let night = json!({"key": "night", "definition": night});
        self.ask(Method::POST, "/roles", night).await;
        let mut ids = BTreeMap::new();
        for (name, roles, is_active) in [
            ("ada", &["tenant_admin"][..], true),
            ("ben", &[], true),
            ("cleo", &["receptionist"], true),
            ("dora", &[], true),
            ("eric", &["tenant_admin"], false),
            ("fay", &["night"], true),
            ("gus", &["tenant_admin", "receptionist"], true),
            ("hal", &["night"], false),
        ] {
            let mut person = user(name, name, "Face");
            let roles: Vec<Value> = roles.iter().map(|role| json!({"value": role})).collect();
            (person["roles"], person["active"]) = (roles.into(), is_active.into());
            let made = self.scim.post("/Users", &person).await.unwrap().expect(201);
            ids.insert(name, scim::id(&made));
        }
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "Night Shift",
            "members": [{"value": ids["dora"]}],
        });
        self.scim.post("/Groups", &group).await.unwrap().expect(201);
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self.api.request(method, path).json(&body);
        let answer = self.api.send(request).await.unwrap();
        assert!(answer.status < 300, "{path}: {:#}", answer.body);
        answer.body
    }

    /// Every permission of the role system.
    async fn permissions(&self) -> Vec<String> {
        let all = self.scim.get("/Entitlements?count=500").await.unwrap();
        let all = all.expect(200);
        let items = all["Resources"].as_array().unwrap();
        assert_eq!(all["totalResults"], items.len());
        let value = |item: &Value| item["value"].as_str().unwrap().to_owned();
        items.iter().map(value).collect()
    }

    async fn over_scim(&self) -> Held {
        let path = "/Users?count=500&attributes=userName,entitlements";
        let all = self.scim.get(path).await.unwrap().expect(200);
        let users = all["Resources"].as_array().unwrap().iter();
        let held = users.map(|user| {
            let name = user["userName"].as_str().unwrap().to_owned();
            (name, texts(&user["entitlements"], "value"))
        });
        held.collect()
    }

    /// The titles of the groups of each user, by the user's id.
    async fn groups(&self) -> BTreeMap<String, BTreeSet<String>> {
        let path = "/Groups?count=500&attributes=displayName,members";
        let all = self.scim.get(path).await.unwrap().expect(200);
        let mut held: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for group in all["Resources"].as_array().unwrap() {
            let title = group["displayName"].as_str().unwrap();
            for member in texts(&group["members"], "value") {
                held.entry(member).or_default().insert(title.to_owned());
            }
        }
        held
    }

    fn over_ldap_attributes(&self) -> Held {
        let people = format!("ou=people,{}", self.base);
        let found = self
            .ldap
            .search_at(&people, &["(uid=*)", "uid", "pbxPermission"]);
        let found = found.unwrap().expect(0);
        let entries = found
            .stdout
            .split("\n\n")
            .filter(|entry| entry.contains("uid: "));
        let lines = |entry: &str, name: &str| -> BTreeSet<String> {
            let lines = entry.lines().filter_map(|line| line.strip_prefix(name));
            lines
                .map(|value| value.trim_start_matches(": ").to_owned())
                .collect()
        };
        let held = entries.map(|entry| {
            let name = lines(entry, "uid").pop_first().unwrap();
            (name, lines(entry, "pbxPermission"))
        });
        held.collect()
    }

    /// By the `member` of the computed groups.
    fn over_permission_groups(&self, names: &BTreeSet<String>) -> Held {
        let base = format!("ou=permissions,{}", self.base);
        let found = self
            .ldap
            .search_at(&base, &["-s", "one", "(cn=*)", "cn", "member"]);
        let found = found.unwrap().expect(0);
        let mut held: Held = names
            .iter()
            .map(|name| (name.clone(), BTreeSet::new()))
            .collect();
        for entry in found.stdout.split("\n\n") {
            let values = |name: &str| {
                let lines = entry
                    .lines()
                    .filter_map(move |line| line.strip_prefix(name));
                lines.map(str::to_owned).collect::<Vec<_>>()
            };
            for member in values("member: ") {
                let Some(name) = member.strip_prefix("uid=") else {
                    continue;
                };
                let name = name.split(',').next().unwrap();
                let permission = values("cn: ").pop().unwrap();
                held.get_mut(name).unwrap().insert(permission);
            }
        }
        held
    }

    /// By Compare and by a filter on `memberOf`, asked byte by byte: there are many questions.
    fn over_ldap_questions(
        &self,
        names: &BTreeSet<String>,
        permissions: &[String],
    ) -> (Held, Held) {
        let mut wire = Connection::open(self.server.listeners().ldap).unwrap();
        let (dn, password) = &self.service;
        wire.send(&ber::bind(1, dn, password)).unwrap();
        assert_eq!(
            wire.receive_code().unwrap(),
            Some((tag::BIND_RESPONSE, Some(0)))
        );
        let none = || -> Held {
            names
                .iter()
                .map(|name| (name.clone(), BTreeSet::new()))
                .collect()
        };
        let (mut compared, mut filtered) = (none(), none());
        for permission in permissions {
            for name in names {
                let dn = format!("uid={name},ou=people,{}", self.base);
                wire.send(&ber::compare(2, &dn, "pbxPermission", permission))
                    .unwrap();
                match wire.receive_code().unwrap() {
                    Some((tag::COMPARE_RESPONSE, Some(6))) => {
                        compared.get_mut(name).unwrap().insert(permission.clone());
                    }
                    Some((tag::COMPARE_RESPONSE, Some(5 | 16))) => {}
                    other => panic!("{dn} {permission}: {other:?}"),
                }
            }
            let group = format!("cn={permission},ou=permissions,{}", self.base);
            let filter = format!("(memberOf={group})");
            let found = self.ldap.search(&[&filter, "uid"]).unwrap().expect(0);
            for name in found.values("uid") {
                filtered.get_mut(name).unwrap().insert(permission.clone());
            }
        }
        (compared, filtered)
    }

    fn over_command_line(&self, names: &BTreeSet<String>) -> Held {
        let held = names.iter().map(|name| {
            let arguments = ["role", "permissions", name, "--tenant", "harbor", "--json"];
            let all: Value = self.server.home().run_json(&arguments).unwrap();
            (name.clone(), texts(&all, "permission"))
        });
        held.collect()
    }

    /// The answers, and the revision at which they hold.
    async fn over_http(&self, names: &BTreeSet<String>, permissions: &[String]) -> (Held, u64) {
        let mut held = Held::new();
        let mut revisions = BTreeSet::new();
        for name in names {
            let ask = |permission: &String| json!({"user": name, "permission": permission});
            let questions: Vec<Value> = permissions.iter().map(ask).collect();
            let body = json!({"questions": questions});
            let answer = self.ask(Method::POST, "/check", body).await;
            revisions.insert(answer["revision"].as_u64().unwrap());
            let answers = answer["answers"].as_array().unwrap().iter();
            let allowed = permissions.iter().zip(answers).filter(|(_, answer)| {
                assert_eq!(answer["allowed"], !texts_of(&answer["roles"]).is_empty());
                answer["allowed"] == true
            });
            held.insert(name.clone(), allowed.map(|(it, _)| it.clone()).collect());
        }
        assert_eq!(revisions.len(), 1, "nothing changed meanwhile");
        (held, revisions.pop_first().unwrap())
    }

    /// What all faces say, which is the same.
    async fn agreed(&self) -> (Held, u64) {
        let permissions = self.permissions().await;
        assert!(permissions.len() > 50, "{permissions:?}");
        let over_scim = self.over_scim().await;
        let names: BTreeSet<String> = over_scim.keys().cloned().collect();
        let (over_http, revision) = self.over_http(&names, &permissions).await;
        let (compared, filtered) = self.over_ldap_questions(&names, &permissions);
        for (face, held) in [
            ("SCIM, entitlements", over_scim),
            ("LDAP, pbxPermission", self.over_ldap_attributes()),
            ("LDAP, Compare", compared),
            ("LDAP, memberOf", filtered),
            ("LDAP, ou=permissions", self.over_permission_groups(&names)),
            ("the command line", self.over_command_line(&names)),
        ] {
            for (name, expected) in &over_http {
                assert_eq!(held.get(name), Some(expected), "{face}: {name}");
            }
            assert_eq!(held.len(), over_http.len(), "{face}");
        }
        self.assert_roles_agree(&over_http).await;
        let (again, after) = self.over_http(&names, &permissions).await;
        assert_eq!((again, after), (over_http.clone(), revision));
        (over_http, revision)
    }

    /// The roles that groups show are those that the API shows, and come to the permissions.
    async fn assert_roles_agree(&self, held: &Held) {
        let roles = self.ask(Method::GET, "/roles?limit=500", Value::Null).await;
        let roles = roles["items"].as_array().unwrap();
        let title = |role: &Value| role["title"].as_str().unwrap().to_owned();
        let titles: BTreeSet<String> = roles.iter().map(title).collect();
        let groups = self.groups().await;
        let users = self.ask(Method::GET, "/users?limit=500", Value::Null).await;
        for user in users["items"].as_array().unwrap() {
            let name = user["userName"].as_str().unwrap();
            let shown = texts(&user["roles"], "title");
            let in_groups: BTreeSet<String> = groups
                .get(user["id"].as_str().unwrap())
                .map(|all| all.intersection(&titles).cloned().collect())
                .unwrap_or_default();
            // The members of a role's group are its grants; whoever is inactive keeps them.
            let is_active = user["active"] == true;
            let expected = if is_active {
                in_groups
            } else {
                BTreeSet::new()
            };
            assert_eq!(shown, expected, "{name}");
            let given = roles.iter().filter(|role| shown.contains(&title(role)));
            let sum: BTreeSet<String> = given
                .flat_map(|role| texts_of(&role["permissions"]))
                .collect();
            assert_eq!(
                &sum, &held[name],
                "{name}: roles add up in this role system"
            );
        }
    }
}

fn texts(list: &Value, member: &str) -> BTreeSet<String> {
    let all = list.as_array().into_iter().flatten();
    all.map(|one| one[member].as_str().unwrap().to_owned())
        .collect()
}

fn texts_of(list: &Value) -> BTreeSet<String> {
    let all = list.as_array().into_iter().flatten();
    all.map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn has(held: &Held, name: &str, permission: &str) -> bool {
    held[name].contains(permission)
}

#[tokio::test]
async fn all_faces_say_the_same_and_after_each_change_again() {
    let world = World::new().await;
    let (held, first) = world.agreed().await;
    for (name, permission, expected) in [
        ("ada", "billing:delete", true),
        ("ben", "billing:view", false),
        ("cleo", "media:edit", true),
        ("cleo", "fax:view", false),
        ("dora", "billing:view", true),
        ("eric", "billing:delete", false),
        ("fay", "fax:edit", true),
        ("gus", "billing:delete", true),
        ("hal", "fax:edit", false),
    ] {
        assert_eq!(
            has(&held, name, permission),
            expected,
            "{name} {permission}"
        );
    }

    let edited = json!({"title": "Night Desk", "permissions": ["fax:view", "campaigns:delete"]});
    world.ask(Method::PUT, "/roles/night", edited).await;
    let (held, second) = world.agreed().await;
    assert_eq!(second, first + 1, "one revision for all who hold it");
    assert!(has(&held, "fay", "campaigns:delete") && !has(&held, "fay", "fax:edit"));

    let found = world
        .ask(Method::GET, "/users?search=eric", Value::Null)
        .await;
    let eric = found["items"][0]["id"].as_str().unwrap();
    world
        .ask(Method::POST, &format!("/users/{eric}/activate"), json!({}))
        .await;
    let filter = "displayName eq \"Night Shift\"";
    let group = world
        .scim
        .find("/Groups", filter)
        .await
        .unwrap()
        .expect(200);
    let path = format!("/Groups/{}", scim::id(&group["Resources"][0]));
    let nobody = json!([{"op": "replace", "path": "members", "value": []}]);
    world.scim.patch(&path, nobody).await.unwrap();
    let (held, _) = world.agreed().await;
    assert!(has(&held, "eric", "billing:delete") && !has(&held, "dora", "billing:view"));
}
