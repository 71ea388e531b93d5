//! The configuration that ships is right, and says the truth about itself.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests"
)]

use std::fs;
use std::path::{Path, PathBuf};

use jackfield_config::{Overrides, Server, check, load, schemas};
use serde_json::Value;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/jackfield.toml")
}

#[test]
fn it_has_no_problem() {
    let report = check(&shipped(), &Overrides::default());
    assert!(report.is_empty(), "{}", report.render(false));
}

#[test]
fn the_example_of_attributes_of_the_tenants_own_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = shipped();
    for name in ["jackfield.toml", "catalogues/opbx.toml"] {
        let to = folder.path().join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(shipped.with_file_name(name), to).unwrap();
    }
    let text = fs::read_to_string(shipped.with_file_name("tenants/acme.toml")).unwrap();
    let (head, example) = text.split_once("# [schema.hr]").unwrap();
    let example = example.replace("\n# ", "\n").replace("\n#\n", "\n\n");
    fs::create_dir(folder.path().join("tenants")).unwrap();
    let tenant = folder.path().join("tenants/acme.toml");
    fs::write(tenant, format!("{head}\n[schema.hr]{example}")).unwrap();
    let loaded = load(&folder.path().join("jackfield.toml"), &Overrides::default());
    let loaded = loaded.unwrap_or_else(|report| panic!("{}", report.render(false)));
    let [schema] = &*loaded.tenants[0].schemas.0 else {
        panic!("{:?}", loaded.tenants[0].schemas)
    };
    let shown: Vec<_> = schema
        .attributes
        .iter()
        .map(|attribute| {
            (
                &*attribute.name,
                attribute.ldap.as_deref(),
                attribute.sub.len(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("badgeNumber", Some("acmeBadgeNumber"), 0),
            ("costCentre", None, 2)
        ]
    );
}

#[test]
fn two_listeners_on_one_address_are_a_problem() {
    let overrides = Overrides {
        listen_http: Some("[::]:3890".parse().unwrap()),
        ..Overrides::default()
    };
    let report = check(&shipped(), &overrides).render(false);
    let told = "[listeners.http] listens on [::]:3890 already";
    assert!(report.contains(told), "{report}");
}

#[test]
fn without_catalogues_it_is_said_which_file_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("tenants")).unwrap();
    for name in ["jackfield.toml", "tenants/acme.toml"] {
        fs::copy(shipped().with_file_name(name), folder.path().join(name)).unwrap();
    }
    let file = folder.path().join("jackfield.toml");
    let report = check(&file, &Overrides::default()).render(false);
    let told = "a file opbx.toml in the folder of catalogues";
    assert!(report.contains(told), "{report}");
}

#[test]
fn it_listens_on_loopback_with_two_tenants_and_sqlite() {
    let config = load(&shipped(), &Overrides::default()).unwrap();
    let listeners = &config.server.listeners;
    assert_eq!(
        listeners.http.as_ref().unwrap().address.to_string(),
        "127.0.0.1:8080"
    );
    assert_eq!(
        listeners.ldap.as_ref().unwrap().address.to_string(),
        "127.0.0.1:3890"
    );
    assert_eq!(
        listeners.ldaps.as_ref().unwrap().address.to_string(),
        "127.0.0.1:3636"
    );
    assert!(!config.server.is_https());

    let tenants: Vec<_> = config
        .tenants
        .iter()
        .map(|tenant| {
            let settings = &tenant.settings;
            (
                tenant.name.as_str(),
                settings.suffix.to_string(),
                &*settings.catalogue,
                tenant.sample,
            )
        })
        .collect();
    assert_eq!(
        tenants,
        [
            ("acme", "dc=acme,dc=example".to_owned(), "opbx", true),
            ("harbor", "dc=harbor,dc=example".to_owned(), "tenant", false),
        ]
    );
    assert_eq!(config.tenants[1].custom_roles.len(), 4);
}

/// The keys of `jackfield.toml` that have a default which the schema states.
fn keys_with_default(schema: &Value, keys: &mut Vec<String>) {
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        if value.get("default").is_some() {
            keys.push(key.clone());
        }
        keys_with_default(value, keys);
    }
}

#[test]
fn the_defaults_that_stand_behind_a_hash_are_the_defaults() {
    let mut keys = Vec::new();
    let (_, schema) = schemas()
        .into_iter()
        .find(|(name, _)| *name == "jackfield.json")
        .unwrap();
    keys_with_default(&schema, &mut keys);

    let text = fs::read_to_string(shipped()).unwrap();
    // The one table that is not there by default, which its keys need.
    let text = text.replace("# [listeners.metrics]", "[listeners.metrics]");
    let mut uncommented = 0;
    let lines: Vec<&str> = text
        .lines()
        .map(|line| {
            let setting = line.strip_prefix("# ").filter(|rest| {
                keys.iter().any(|key| {
                    rest.strip_prefix(key.as_str())
                        .is_some_and(|r| r.starts_with(" = "))
                })
            });
            uncommented += usize::from(setting.is_some());
            setting.unwrap_or(line)
        })
        .collect();
    // All of them but the three addresses, which stand there as they are.
    assert_eq!(uncommented, keys.len() - 3, "{keys:?}");

    // Both in one place, for the paths are part of what is compared.
    let folder = tempfile::tempdir().unwrap();
    let server_of = |text: &str| -> Server {
        let file = folder.path().join("jackfield.toml");
        fs::write(&file, text).unwrap();
        load(&file, &Overrides::default()).unwrap().server
    };
    fs::create_dir(folder.path().join("catalogues")).unwrap();
    fs::create_dir(folder.path().join("tenants")).unwrap();
    assert_eq!(server_of(&lines.join("\n")), server_of(&text));
}
