//! `GET /metrics`: what is counted is what was done.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use jackfield_tests::home::{LdapAccess, shipped};
use jackfield_tests::metrics::{self, Metrics};
use jackfield_tests::tools::Tools;
use jackfield_tests::{Access, Home, Server, scim, wait};
use serde_json::{Value, json};

fn watched() -> (Server, Access, SocketAddr) {
    let home = Home::new().unwrap();
    metrics::listen(&home).unwrap();
    let server = home.serve().unwrap();
    let access = server.bootstrap().unwrap();
    let at = server.listeners().metrics.unwrap();
    (server, access, at)
}

/// What a number rose by while something was done: each of `expected`, by so much.
async fn rises<F: Future<Output = ()>>(at: SocketAddr, expected: &[(&str, f64)], work: F) {
    let before = Metrics::read(at).unwrap();
    work.await;
    let after = Metrics::read(at).unwrap();
    for (name, by) in expected {
        let found = after.since(&before, name);
        assert!(
            (found - by).abs() < 1e-9,
            "{name} rose by {found}, not {by}"
        );
    }
}

#[tokio::test]
async fn operations_are_counted_by_protocol_operation_and_code() {
    let (_server, access, at) = watched();
    let ldap = Tools::new(&access.ldap);
    let of = |operation: &str, code: &str| {
        format!(
            "jackfield_requests_total{{protocol=\"ldap\",operation=\"{operation}\",code=\"{code}\"}}"
        )
    };
    let taken = r#"jackfield_request_duration_seconds_count{protocol="ldap",operation="search"}"#;
    let expected = [
        (&*of("bind", "0"), 3.0),
        (&of("search", "0"), 1.0),
        (&of("search", "32"), 1.0),
        (&of("extended", "0"), 1.0),
        (taken, 2.0),
        (
            r#"jackfield_connections_accepted_total{listener="ldap"}"#,
            3.0,
        ),
        (r#"jackfield_logins_refused_total{reason="wrong"}"#, 0.0),
    ];
    rises(at, &expected, async {
        ldap.search(&["(objectClass=organization)"])
            .unwrap()
            .expect(0);
        let nowhere = format!("ou=nowhere,{}", access.ldap.base);
        ldap.search_at(&nowhere, &["(objectClass=*)"])
            .unwrap()
            .expect(32);
        ldap.whoami().unwrap().expect(0);
    })
    .await;

    let of = |operation: &str, code: &str| {
        format!(
            "jackfield_requests_total{{protocol=\"scim\",operation=\"{operation}\",code=\"{code}\"}}"
        )
    };
    let taken = r#"jackfield_request_duration_seconds_count{protocol="scim",operation="create"}"#;
    let expected = [
        (&*of("create", "201"), 1.0),
        (&of("create", "409"), 1.0),
        (&of("get", "404"), 1.0),
        (taken, 2.0),
        (r#"jackfield_writes_total{outcome="committed"}"#, 1.0),
        (r#"jackfield_writes_total{outcome="refused"}"#, 1.0),
        ("jackfield_commit_duration_seconds_count", 1.0),
        ("jackfield_publish_duration_seconds_count", 1.0),
        (r#"jackfield_records{kind="user"}"#, 1.0),
    ];
    let client = scim::Client::new(&access.scim);
    rises(at, &expected, async {
        let user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "counted",
        });
        assert_eq!(client.post("/Users", &user).await.unwrap().status, 201);
        assert_eq!(client.post("/Users", &user).await.unwrap().status, 409);
        assert_eq!(client.get("/Users/nobody").await.unwrap().status, 404);
    })
    .await;
}

#[tokio::test]
async fn refusals_and_lockouts_are_seen() {
    let (server, access, at) = watched();
    let LdapAccess { base, .. } = &access.ldap;
    let guess = || {
        let owner = format!("{}@acme.example", access.owner.user_name);
        Tools::bound(&server.ldap_url(), base, &owner, "a-wrong-guess").whoami()
    };
    let expected = [
        (r#"jackfield_logins_refused_total{reason="wrong"}"#, 10.0),
        (r#"jackfield_logins_refused_total{reason="locked"}"#, 1.0),
        ("jackfield_lockouts_total", 1.0),
        ("jackfield_locked_accounts", 1.0),
        ("jackfield_password_hash_duration_seconds_count", 10.0),
        ("jackfield_password_hashes_waiting", 0.0),
    ];
    rises(at, &expected, async {
        for _ in 0..11 {
            guess().unwrap().expect(49);
        }
    })
    .await;
}

#[test]
fn only_the_networks_that_are_named_are_answered_and_no_name_of_a_tenant_is_told() {
    let home = Home::new().unwrap();
    metrics::listen(&home).unwrap();
    let server = home.serve().unwrap();
    let at = server.listeners().metrics.unwrap();
    let (_, body) = metrics::text(at, "*/*").unwrap();
    assert!(
        body.contains("\njackfield_tenants{state=\"served\"} "),
        "{body}"
    );
    for name in ["acme", "harbor"] {
        assert!(!body.contains(name), "{body}");
    }
    // The others know no such path.
    let elsewhere = metrics::text(server.listeners().http, "*/*").unwrap_err();
    assert!(elsewhere.to_string().contains(" 404 "), "{elsewhere}");

    let (home, _) = server.stop().unwrap();
    let with = |key: &str, value: toml::Value| {
        home.edit_config(|config| {
            let metrics = config["listeners"]["metrics"].as_table_mut().unwrap();
            metrics.insert(key.to_owned(), value);
        })
        .unwrap();
        home.serve().unwrap()
    };
    let server = with("tenants", true.into());
    let (_, body) = metrics::text(server.listeners().metrics.unwrap(), "*/*").unwrap();
    assert!(
        body.contains("jackfield_tenant_users{tenant=\"acme\"} "),
        "{body}"
    );
    drop(server);
    let server = with("networks", vec!["192.0.2.0/24"].into());
    let far = metrics::text(server.listeners().metrics.unwrap(), "*/*").unwrap_err();
    assert!(far.to_string().contains(" 403 "), "{far}");
}

#[test]
fn prometheus_reads_both_formats() {
    let (_server, _access, at) = watched();
    for (format, accept, media_type) in [
        (
            "prometheus",
            "text/plain;version=0.0.4",
            "text/plain; version=0.0.4",
        ),
        (
            "openmetrics",
            "application/openmetrics-text;version=1.0.0",
            "application/openmetrics-text; version=1.0.0",
        ),
    ] {
        let (head, body) = metrics::text(at, accept).unwrap();
        assert!(head.contains(media_type), "{head}");
        let samples = read_by_prometheus(format, &body);
        let reads = |name: &str| samples.keys().any(|(found, _)| found == name);
        for name in [
            "jackfield_requests_total",
            "jackfield_request_duration_seconds_bucket",
            "process_resident_memory_bytes",
            "jackfield_build_info",
        ] {
            assert!(reads(name), "{format}: {name} in {body}");
        }
        // Each line is read, and none twice.
        let lines = body.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(samples.len(), lines, "{format}");
    }
}

fn read_by_prometheus(format: &str, body: &str) -> BTreeMap<(String, String), f64> {
    let program = std::env::var("JACKFIELD_TEST_PYTHON").expect("tests/run gives it");
    let mut child = Command::new(program)
        .arg(shipped("tests/clients/read_metrics.py"))
        .arg(format)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(body.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{format}: {body}");
    let samples: Vec<(String, Value, f64)> = serde_json::from_slice(&output.stdout).unwrap();
    let samples = samples.into_iter();
    samples
        .map(|(name, labels, value)| ((name, labels.to_string()), value))
        .collect()
}

/// Whoever opens connections and says nothing is seen, too.
#[test]
fn open_connections_are_a_level() {
    let (server, _, at) = watched();
    let open = || {
        Metrics::read(at)
            .unwrap()
            .get(r#"jackfield_connections{listener="ldaps"}"#)
    };
    let silent: Vec<TcpStream> = (0..5)
        .map(|_| TcpStream::connect(server.listeners().ldaps).unwrap())
        .collect();
    assert!(wait::until(|| (open() >= 5.0).then_some(())).is_some());
    drop(silent);
    assert!(wait::until(|| (open() < 1.0).then_some(())).is_some());
    let broken = r#"jackfield_tls_handshakes_failed_total{listener="ldaps",reason="broken_off"}"#;
    assert!(Metrics::read(at).unwrap().get(broken) >= 5.0);
}
