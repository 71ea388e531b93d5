//! StartTLS, LDAPS and HTTPS.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use jackfield_tests::home::ScimAccess;
use jackfield_tests::probe::probe;
use jackfield_tests::tools::Tools;
use jackfield_tests::{Home, Server, wait};
use ldap3::{LdapConnAsync, LdapConnSettings, Scope, SearchEntry};

#[test]
fn tools_bind_and_search_under_tls() {
    let (server, access) = Server::bootstrapped().unwrap();
    let tools = || Tools::new(&access.ldap);
    for tls in [tools().with_start_tls(), tools().at(&server.ldaps_url())] {
        let whoami = tls.whoami().unwrap().expect(0);
        assert_eq!(whoami.stdout.trim(), format!("dn:{}", access.ldap.bind_dn));
        let found = tls
            .search(&["-s", "base", "(objectClass=*)", "dn"])
            .unwrap()
            .expect(0);
        assert_eq!(found.dns(), [access.ldap.base.as_str()]);
    }
    // TLS inside of TLS is an operationsError.
    let twice = tools()
        .at(&server.ldaps_url())
        .with_start_tls()
        .whoami()
        .unwrap();
    assert_ne!(twice.code, 0, "{}", twice.stdout);
}

#[tokio::test]
async fn an_independent_client_speaks_start_tls() {
    let (server, access) = Server::bootstrapped().unwrap();
    let settings = LdapConnSettings::new()
        .set_starttls(true)
        .set_no_tls_verify(true);
    let (connection, mut ldap) = LdapConnAsync::with_settings(settings, &server.ldap_url())
        .await
        .unwrap();
    ldap3::drive!(connection);
    let bound = ldap
        .simple_bind(&access.ldap.bind_dn, &access.ldap.password)
        .await
        .unwrap();
    bound.success().unwrap();
    let (whoami, _) = ldap
        .extended(ldap3::exop::WhoAmI)
        .await
        .unwrap()
        .success()
        .unwrap();
    let whoami: ldap3::exop::WhoAmIResp = ldap3::exop::Exop::parse(&whoami);
    assert_eq!(whoami.authzid, format!("dn:{}", access.ldap.bind_dn));
}

#[tokio::test]
async fn before_a_bind_only_the_root_and_the_schema_are_read() {
    let (server, access) = Server::bootstrapped().unwrap();
    let (connection, mut ldap) = LdapConnAsync::new(&server.ldap_url()).await.unwrap();
    ldap3::drive!(connection);
    let read = async |base: &str, filter: &str, ldap: &mut ldap3::Ldap| {
        let found = ldap
            .search(base, Scope::Base, filter, vec!["+"])
            .await
            .unwrap();
        let (mut entries, _) = found.success().unwrap();
        SearchEntry::construct(entries.remove(0)).attrs
    };
    let root = read("", "(objectClass=*)", &mut ldap).await;
    assert_eq!(root["supportedLDAPVersion"], ["3"]);
    assert!(
        root["supportedExtension"].contains(&"1.3.6.1.4.1.1466.20037".to_owned()),
        "StartTLS"
    );
    let schema = read(
        &root["subschemaSubentry"][0],
        "(objectClass=subschema)",
        &mut ldap,
    )
    .await;
    assert!(
        schema["attributeTypes"]
            .iter()
            .any(|t| t.contains("'pbxPermission'"))
    );

    let all = ldap
        .search(
            &access.ldap.base,
            Scope::Subtree,
            "(objectClass=*)",
            vec!["1.1"],
        )
        .await;
    assert!(
        all.unwrap().success().is_err(),
        "somebody without a name reads"
    );
    let bound = ldap.simple_bind("", "").await.unwrap();
    assert_ne!(
        bound.rc, 0,
        "an anonymous bind is refused unless the tenant allows it"
    );
}

/// The certificate that an HTTPS server shows now; a new connection each time.
async fn shown_certificate(url: &str) -> Vec<u8> {
    let client = reqwest::Client::builder()
        .danger_accept_invalid_certs(true)
        .tls_info(true)
        .build()
        .unwrap();
    let response = client.get(url).send().await.unwrap();
    assert_eq!(response.status(), 401, "SCIM without a token");
    let info = response
        .extensions()
        .get::<reqwest::tls::TlsInfo>()
        .unwrap();
    info.peer_certificate().unwrap().to_vec()
}

#[tokio::test]
async fn https_shows_the_configured_certificate_and_the_one_that_replaces_it() {
    // Two certificates, as first starts make them.
    let made = || {
        let (home, _) = Home::new().unwrap().serve().unwrap().stop().unwrap();
        home
    };
    let (old, new) = (made(), made());
    let home = Home::new().unwrap();
    let install = |from: &Home| {
        for name in ["certificate.pem", "certificate.key"] {
            fs::copy(from.data().join(name), home.config().join(name)).unwrap();
        }
    };
    install(&old);
    home.edit_config(|config| {
        let files = [
            ("certificate", "certificate.pem"),
            ("key", "certificate.key"),
        ];
        let tls = files.map(|(key, file)| (key.to_owned(), file.into()));
        config.insert("tls".to_owned(), toml::Table::from_iter(tls).into());
    })
    .unwrap();
    let server = home.serve().unwrap();
    let url = server
        .http("/scim/acme/v2/Users")
        .replace("http://", "https://");
    let first = shown_certificate(&url).await;
    install(&new);
    let replaced = || async { (shown_certificate(&url).await != first).then_some(()) };
    wait::until_async(replaced)
        .await
        .expect("the new files are read by themselves");
    let plain = reqwest::get(server.http("/scim/acme/v2/Users")).await;
    assert!(plain.is_err(), "plain HTTP is not served beside it");
}

#[test]
fn a_probe_trusts_an_authority_of_ones_own_where_it_is_told_to() {
    // A certificate, as a first start makes one.
    let (made, _) = Home::new().unwrap().serve().unwrap().stop().unwrap();
    let certificate = made.data().join("certificate.pem");
    let home = Home::new().unwrap();
    let access = home.bootstrap().unwrap();
    home.edit_config(|config| {
        let files = [
            ("certificate", "certificate.pem"),
            ("key", "certificate.key"),
        ];
        let path = |file: &str| made.data().join(file).display().to_string();
        let tls = files.map(|(key, file)| (key.to_owned(), path(file).into()));
        config.insert("tls".to_owned(), toml::Table::from_iter(tls).into());
    })
    .unwrap();
    let server = home.serve().unwrap();
    let url = server
        .http("/scim/acme/v2")
        .replace("http://", "https://")
        .replace("127.0.0.1", "localhost");
    let access = ScimAccess { url, ..access.scim };
    let asked = |arguments: &[&str]| probe(server.home(), &access, "okta", arguments);
    let path = certificate.display().to_string();
    let trusting = asked(&["--ca", &path]).unwrap();
    assert!(trusting.passed > 0, "{}", trusting.unmet().join("\n"));
    let wary = asked(&[]).expect_err("nobody vouches for the server");
    let wary = format!("{wary:#}");
    assert!(wary.contains("cannot reach"), "{wary}");

    let nothing = server.home().folder().join("nothing.pem");
    fs::write(&nothing, "no certificate").unwrap();
    let nothing = nothing.display().to_string();
    let arguments = [
        "scim",
        "probe",
        &access.url,
        "--as",
        "okta",
        "--ca",
        &nothing,
    ];
    let refused = server.home().run(&arguments).unwrap();
    let stderr = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && stderr.contains("nothing.pem"),
        "{stderr}"
    );
}

/// RFC 5425, with OpenSSL's own server at the other end.
#[test]
fn the_audit_log_goes_to_a_syslog_server_under_tls() {
    let (server, _) = Server::bootstrapped().unwrap();
    let home = server.home();
    let file = |name: &str| home.folder().join(name).display().to_string();
    let (certificate, key) = (file("logs.pem"), file("logs.key"));
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    // What a server with this certificate is sent by who trusts that authority.
    let received = |ca: &str| {
        let mut receiver = Command::new("openssl")
            .args(["s_server", "-accept", "localhost:0", "-naccept", "1"])
            .args(["-cert", &certificate, "-key", &key])
            // It ends with its input.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(receiver.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("ACCEPT") {
            line.clear();
            assert_ne!(
                output.read_line(&mut line).unwrap(),
                0,
                "it does not listen"
            );
        }
        let port = line.trim().rsplit(':').next().unwrap();
        let to = format!("tls://localhost:{port}");
        let export = [
            "audit", "export", "--tenant", "acme", "--to", &to, "--ca", ca,
        ];
        let exported = home.run(&export).unwrap();
        let mut text = Vec::new();
        output.read_to_end(&mut text).unwrap();
        receiver.wait().unwrap();
        let text = String::from_utf8_lossy(&text).into_owned();
        (exported.status.success(), text)
    };
    let log = home.run(&["audit", "--tenant", "acme", "--json"]).unwrap();
    let log = String::from_utf8(log.stdout).unwrap();
    assert!(log.lines().count() > 3, "{log}");
    let (is_sent, text) = received(&certificate);
    assert!(is_sent, "{text}");
    for entry in log.lines() {
        let entry: serde_json::Value = serde_json::from_str(entry).unwrap();
        let action = entry["action"].as_str().unwrap();
        assert!(text.contains(&format!(" {action} - ")), "{action}: {text}");
    }
    let another = home.data().join("certificate.pem").display().to_string();
    let (is_sent, text) = received(&another);
    assert!(!is_sent && !text.contains(" jackfield "), "{text}");
}
