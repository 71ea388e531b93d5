//! What a sound configuration comes to.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use std::fs;
use std::path::Path;

use jackfield_config::server::{LogFormat, Store};
use jackfield_config::{Overrides, Server, load};
use jackfield_model::{GroupMatch, Guard, MappingRule, PasswordForm, Sip, View, ViewSet};
use tempfile::TempDir;

fn folder(jackfield: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["catalogues", "tenants"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("jackfield.toml"), jackfield).unwrap();
    folder
}

fn server(folder: &Path, overrides: &Overrides) -> Server {
    let loaded = load(&folder.join("jackfield.toml"), overrides);
    loaded
        .unwrap_or_else(|report| panic!("{}", report.render(false)))
        .server
}

#[test]
fn what_is_not_named_is_in_the_data_folder_beside() {
    let folder = folder("[listeners.http]\n");
    let server = server(folder.path(), &Overrides::default());
    let data = folder.path().parent().unwrap().join("data");
    assert_eq!(server.folders.data, data);
    assert_eq!(
        server.store,
        Store::Sqlite {
            file: data.join("jackfield.db")
        }
    );
    assert_eq!(server.keys.audit, data.join("audit.key"));
    assert_eq!(server.keys.secret, data.join("secret.key"));
    assert_eq!(server.keys.seal, [data.join("seal.key")]);
    assert_eq!(server.certificate.certificate, data.join("certificate.pem"));
    assert_eq!(server.certificate.key, data.join("certificate.key"));
    assert!(!server.is_https());
    assert!(server.listeners.ldap.is_none() && server.listeners.ldaps.is_none());
    assert!(server.limits.hash_threads() >= 1);
    let address = "127.0.0.1:8080".parse().unwrap();
    assert_eq!(server.base_url(address), "http://127.0.0.1:8080");
}

#[test]
fn what_is_named_is_seen_from_the_folder_of_the_file() {
    let folder = folder(
        r#"
[listeners.http]
address = "0.0.0.0:443"

[tls]
certificate = "tls/certificate.pem"
key = "tls/key.pem"

[http]
public_url = "https://directory.example/"

[store.postgres]
url_file = "tls/url"

[keys]
audit_file = "tls/key.pem"
seal_files = ["tls/url", "tls/key.pem"]

[limits]
hash_threads = 3

[log]
format = "json"
"#,
    );
    let path = |name| folder.path().join("tls").join(name);
    fs::create_dir(folder.path().join("tls")).unwrap();
    for (name, text) in [
        ("certificate.pem", ""),
        ("key.pem", ""),
        ("url", "postgres://u:hunter2@db/jackfield\n"),
    ] {
        fs::write(path(name), text).unwrap();
    }
    let server = server(folder.path(), &Overrides::default());
    assert!(server.is_https());
    assert_eq!(server.certificate.certificate, path("certificate.pem"));
    assert_eq!(server.certificate.key, path("key.pem"));
    assert_eq!(server.keys.audit, path("key.pem"));
    assert_eq!(server.keys.seal, [path("url"), path("key.pem")]);
    assert_eq!(
        server.base_url("0.0.0.0:443".parse().unwrap()),
        "https://directory.example"
    );
    assert_eq!(server.limits.hash_threads(), 3);
    assert_eq!(server.log.format, LogFormat::Json);
    assert!(!format!("{server:?}").contains("hunter2"));
    let Store::Postgres { url } = server.store else {
        panic!("not PostgreSQL")
    };
    assert_eq!(url.expose(), "postgres://u:hunter2@db/jackfield");
}

#[test]
fn what_a_tenants_file_declares_is_what_its_settings_and_role_system_are() {
    let folder = folder("[listeners.http]\n");
    let small = include_str!("diagnostics/small.toml");
    fs::write(folder.path().join("catalogues/small.toml"), small).unwrap();
    let tenant = r#"
title = "Acme"
suffix = "dc=acme"
catalogue = "small"
seats = 40
audit_days = 365
views = ["freeswitch", "active_directory"]
guard = { share = 5, within_minutes = 10 }
password_policy = { min_length = 12, require = ["symbol"] }

[mapping.owners]
group = "Bosses"
role = "owner"

[mapping.night]
group_pattern = "night-*"
connection = "entra"
roles = ["user", "night"]
nested = false
precedence = -1

[role.night]
title = "Night shift"
"#;
    fs::write(folder.path().join("tenants/acme.toml"), tenant).unwrap();
    let loaded = load(&folder.path().join("jackfield.toml"), &Overrides::default());
    let config = loaded.unwrap_or_else(|report| panic!("{}", report.render(false)));
    let tenant = config.tenants.first().unwrap();
    let policy = &tenant.catalogue.password;
    assert!(policy.lacks("Correct-horse1").is_empty());
    assert_eq!(policy.lacks("Correcthors1").len(), 1, "a symbol");
    assert_eq!(policy.lacks("Correct-ho1").len(), 1, "a character");
    let settings = &tenant.settings;
    assert_eq!((settings.seats, settings.audit_days), (Some(40), Some(365)));
    let views = ViewSet::of(&[View::ActiveDirectory, View::FreeSwitch]);
    assert_eq!(settings.views, views);
    let guard = Guard {
        share: 5,
        minimum: 10,
        within: 600,
    };
    assert_eq!(settings.guard, guard);
    let night = MappingRule {
        name: "night".into(),
        groups: GroupMatch::Pattern("night-*".into()),
        connection: Some("entra".into()),
        roles: vec!["user".into(), "night".into()],
        nested: false,
        precedence: -1,
    };
    let owners = MappingRule {
        name: "owners".into(),
        groups: GroupMatch::Name("Bosses".into()),
        connection: None,
        roles: vec!["owner".into()],
        nested: true,
        precedence: 0,
    };
    assert_eq!(settings.mappings, [night, owners]);
}

#[test]
fn the_sip_domain_and_realm_are_the_first_domain_unless_they_are_said() {
    let sip = |domain: Option<&str>, realm: Option<&str>, h350_password| Sip {
        domain: domain.map(Into::into),
        realm: realm.map(Into::into),
        h350_password,
        ..Sip::default()
    };
    let (clear, ha1) = (PasswordForm::Clear, PasswordForm::Ha1);
    let (acme, pbx) = (Some("acme.example"), Some("pbx.example"));
    for (text, expected) in [
        ("", sip(None, None, clear)),
        (
            "domains = ['Acme.example', 'b.example']",
            sip(acme, acme, clear),
        ),
        (
            "domains = ['Acme.example']\n[sip]\nrealm = 'asterisk'\nh350_password = 'ha1'",
            sip(acme, Some("asterisk"), ha1),
        ),
        ("sip.domain = 'pbx.example'", sip(pbx, pbx, clear)),
    ] {
        let folder = folder("[listeners.http]\n");
        let small = include_str!("diagnostics/small.toml");
        fs::write(folder.path().join("catalogues/small.toml"), small).unwrap();
        let tenant = format!("title = 'A'\nsuffix = 'dc=a'\ncatalogue = 'small'\n{text}\n");
        fs::write(folder.path().join("tenants/acme.toml"), tenant).unwrap();
        let loaded = load(&folder.path().join("jackfield.toml"), &Overrides::default());
        let config = loaded.unwrap_or_else(|report| panic!("{}", report.render(false)));
        assert_eq!(
            config.tenants.first().unwrap().settings.sip,
            expected,
            "{text}"
        );
    }
}

#[test]
fn the_command_line_and_the_environment_win_over_the_file() {
    let folder = folder("[listeners.ldap]\naddress = '127.0.0.1:3890'\nplaintext_binds = true\n");
    let overrides = Overrides {
        data: Some("elsewhere".into()),
        log: Some("warn,jackfield_ldap=debug".to_owned()),
        listen_http: "127.0.0.1:0".parse().ok(),
        listen_ldap: "127.0.0.1:1".parse().ok(),
        listen_ldaps: None,
    };
    let server = server(folder.path(), &overrides);
    assert_eq!(server.folders.data, Path::new("elsewhere"));
    assert_eq!(server.log.filter, "warn,jackfield_ldap=debug");
    assert_eq!(
        server.listeners.http.unwrap().address,
        "127.0.0.1:0".parse().unwrap()
    );
    let ldap = server.listeners.ldap.unwrap();
    assert_eq!(ldap.address, "127.0.0.1:1".parse().unwrap());
    assert!(ldap.plaintext_binds, "what is not said elsewhere stays");
    assert!(server.listeners.ldaps.is_none());
}
