//! SIP accounts: Kamailio looks them up and lets phones register, as the guide says.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use jackfield_tests::kamailio::{Accounts, Kamailio};
use jackfield_tests::phone::Phone;
use jackfield_tests::tools::Tools;
use jackfield_tests::{Home, Server, wait};
use serde_json::Value;

const DOMAIN: &str = "acme.example";
const BASE: &str = "ou=extensions,dc=acme,dc=example";

/// Extensions of the sample people.
fn extensions(home: &Home) -> Vec<String> {
    let listed: Value = home
        .run_json(&["sip", "list", "--tenant", "acme", "--json"])
        .unwrap();
    let all = listed.as_array().unwrap().iter();
    all.map(|own| own["extension"].as_str().unwrap().to_owned())
        .collect()
}

/// Makes a secret, and says what it is.
fn generate(home: &Home, extension: &str) -> String {
    let made: Value = home
        .run_json(&["sip", "generate", extension, "--tenant", "acme", "--json"])
        .unwrap();
    assert_eq!(
        (&made["user"], &made["realm"]),
        (&extension.into(), &DOMAIN.into())
    );
    made["password"].as_str().unwrap().to_owned()
}

/// A service account under these views, bound to under TLS.
fn account(server: &Server, name: &str, scope: &str, views: &str) -> (Tools, String, String) {
    let made: Value = server
        .home()
        .run_json(&[
            "service-account",
            "create",
            "--tenant",
            "acme",
            "--name",
            name,
            "--scope",
            scope,
            "--views",
            views,
            "--json",
        ])
        .unwrap();
    let text = |key: &str| made[key].as_str().unwrap().to_owned();
    let (dn, password) = (text("bind_dn"), text("password"));
    let tools = Tools::bound(&server.ldaps_url(), BASE, &dn, &password);
    let known = || (tools.whoami().unwrap().code == 0).then_some(());
    wait::until(known).expect("the server learns of the account");
    (tools, dn, password)
}

/// Waits until the server shows this value of an extension.
fn shows(tools: &Tools, extension: &str, attribute: &str, value: &str) {
    let filter = format!("(&(objectClass=SIPIdentity)(SIPIdentityUserName={extension}))");
    let shown = || {
        let found = tools.search(&[&filter]).unwrap().expect(0);
        (found.values(attribute) == [value]).then_some(())
    };
    wait::until(shown).unwrap_or_else(|| panic!("{attribute} of {extension} is not shown"));
}

fn status(kamailio: &Kamailio, user: &str, password: &str) -> u16 {
    let phone = Phone::new(kamailio.address(), user, DOMAIN, password);
    phone.unwrap().register().unwrap().status
}

#[test]
fn a_phone_registers_through_kamailio_with_its_secret_and_with_nothing_else() {
    let server = Home::new().unwrap().serve().unwrap();
    let home = server.home();
    let all = extensions(home);
    let [extension, without, ..] = all.as_slice() else {
        panic!("{all:?}");
    };
    let secret = generate(home, extension);
    let (tools, bind_dn, password) = account(&server, "kamailio", "extensions,sip-secrets", "h350");
    shows(&tools, extension, "SIPIdentityPassword", &secret);
    let certificate = home.data().join("certificate.pem");
    let ldaps_url = server.ldaps_url();
    let accounts = Accounts {
        ldaps_url: &ldaps_url,
        certificate: &certificate,
        bind_dn: &bind_dn,
        password: &password,
        edits: &[],
    };
    let kamailio = Kamailio::start(&accounts).unwrap();

    let mut phone = Phone::new(kamailio.address(), extension, DOMAIN, &secret).unwrap();
    let answer = phone.register().unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let contact = answer.header("Contact").unwrap();
    assert!(contact.contains(&format!("sip:{extension}@")), "{contact}");
    for (user, password) in [
        (extension.as_str(), "not-the-secret"),
        (extension, ""),
        (without, secret.as_str()),
        ("no-such-extension", &secret),
        ("*", &secret),
    ] {
        assert_eq!(status(&kamailio, user, password), 401, "{user} {password}");
    }
    // A new secret cuts the old one off, without a word to Kamailio.
    let second = generate(home, extension);
    shows(&tools, extension, "SIPIdentityPassword", &second);
    assert_eq!(status(&kamailio, extension, &secret), 401);
    assert_eq!(status(&kamailio, extension, &second), 200);

    // The same as a hash, once the tenant's file says so.
    let text = fs::read_to_string(home.tenant_file()).unwrap();
    fs::write(
        home.tenant_file(),
        format!("{text}\n[sip]\nh350_password = \"ha1\"\n"),
    )
    .unwrap();
    server.signal("HUP").unwrap();
    let hash = jackfield_tests::phone::ha1(extension, DOMAIN, &second);
    shows(&tools, extension, "SIPIdentityPassword", &hash);
    let hashed = Kamailio::start(&Accounts {
        edits: &[("$avp(s:password)\", \"0\"", "$avp(s:password)\", \"1\"")],
        ..accounts
    });
    let hashed = hashed.unwrap();
    assert_eq!(status(&hashed, extension, &second), 200);
    assert_eq!(status(&hashed, extension, &secret), 401);
    assert!(!server.stderr().contains(&secret) && !server.stderr().contains(&second));
}

#[test]
fn a_given_secret_comes_from_standard_input_and_is_taken_again() {
    let server = Home::new().unwrap().serve().unwrap();
    let home = server.home();
    let extension = &extensions(home)[0];
    let set = |secret: &str| {
        let mut child = home
            .command(&["sip", "set", extension, "--tenant", "acme"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(secret.as_bytes()).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    for refused in ["", "short\n", "with a blank\n", "semi;colon\n"] {
        let (done, said) = set(refused);
        assert!(!done, "{said}");
        let told = refused.len() > 1 && said.contains(refused.trim_end());
        assert!(!told, "{said}");
    }
    let (done, said) = set("Given-by-hand-1\r\n");
    assert!(done && !said.contains("Given-by-hand-1"), "{said}");
    let (tools, ..) = account(&server, "pbx", "extensions,sip-secrets", "h350");
    shows(&tools, extension, "SIPIdentityPassword", "Given-by-hand-1");

    let listed: Value = home
        .run_json(&["sip", "list", "--tenant", "acme", "--json"])
        .unwrap();
    let listed = listed.as_array().unwrap().iter();
    let with: Vec<&Value> = listed.filter(|own| !own["since"].is_null()).collect();
    assert!(
        with.len() == 1 && with[0]["extension"] == extension.as_str(),
        "{with:?}"
    );
    let remove = ["sip", "remove", extension, "--tenant", "acme"];
    assert!(home.run(&remove).unwrap().status.success());
    assert!(
        !home.run(&remove).unwrap().status.success(),
        "there is none"
    );
    let gone = || {
        let found = tools
            .search(&["(SIPIdentityPassword=*)"])
            .unwrap()
            .expect(0);
        found.dns().is_empty().then_some(())
    };
    wait::until(gone).expect("the secret is taken");
}

#[test]
fn another_key_takes_over_while_phones_go_on() {
    let home = Home::new().unwrap();
    let server = home.serve().unwrap();
    let extension = extensions(&home)[0].clone();
    let secret = generate(&home, &extension);
    account(&server, "pbx", "extensions,sip-secrets", "h350");
    let (home, _) = server.stop().unwrap();
    let new = home.config().join("seal-2.key");
    fs::write(&new, [7; 32]).unwrap();
    let (new, old) = ("seal-2.key", "../data/seal.key");
    let seal_files = |files: &[&str]| {
        let files: Vec<toml::Value> = files.iter().map(|file| (*file).into()).collect();
        home.edit_config(|config| {
            let keys = config.entry("keys").or_insert(toml::Table::new().into());
            let keys = keys.as_table_mut().unwrap();
            keys.insert("seal_files".to_owned(), files.into());
        })
        .unwrap();
    };
    let told = || {
        let server = home.serve().unwrap();
        let (tools, ..) = account(&server, "pbx", "extensions,sip-secrets", "h350");
        shows(&tools, &extension, "SIPIdentityPassword", &secret);
        server.stop().unwrap();
    };
    seal_files(&[new]);
    let refused = home.run(&["keys", "reseal"]).unwrap();
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && why.contains(new), "{why}");
    for files in [[old, new], [new, old]] {
        seal_files(&files);
        told();
    }
    for count in [1, 0] {
        let resealed: Value = home.run_json(&["keys", "reseal", "--json"]).unwrap();
        assert_eq!(resealed["resealed"], count);
    }
    seal_files(&[new]);
    told();
    seal_files(&[old]);
    let refused = home.run(&["sip", "list", "--tenant", "acme"]).unwrap();
    assert!(!refused.status.success(), "the old key is over");
}
