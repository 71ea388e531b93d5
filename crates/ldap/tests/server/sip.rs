//! SIP secrets: shown to who was given exactly that, where nobody reads along, and found by nobody.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpStream;

use jackfield_gateway::testing::declaration;
use jackfield_ldap::Options;
use jackfield_model::{Kind, PasswordForm, Sip, View, ViewSet};
use ldap3::controls::RawControl;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Scope, SearchEntry, StdStream};

use crate::harness::{PASSWORD, SUFFIX, Server};
use crate::tls::with_start_tls;

pub(crate) const SECRET: &str = "Open-Sesame-77";

/// `MD5(1042:acme.example:Open-Sesame-77)`.
pub(crate) const HA1: &str = "67ec544d6940ada6c41a49b1510b2d49";

const SHOWN: [(&str, &str); 6] = [
    ("AstAccountSecret", SECRET),
    ("AstAccountRealmedPassword", HA1),
    ("AstMD5secret", HA1),
    ("SIPIdentityPassword", SECRET),
    ("fsPassword", SECRET),
    ("fsA1Hash", HA1),
];

type Found = BTreeMap<String, Vec<String>>;

/// Gives Alice's extension its secret, and the account `pbx` these scopes and all views.
pub(crate) async fn prepare(server: &Server, scopes: &[&str]) {
    configure(server, |_| {}).await;
    let operator = server.operator();
    let extension = operator.named(Kind::Extension, "1042").unwrap();
    let set = operator.set_sip_secret(extension, Some(SECRET)).await;
    set.map(drop).unwrap();
    let pbx = operator.ensure_service("pbx", scopes).await.unwrap();
    let views = ViewSet::of(&[View::Asterisk, View::H350, View::FreeSwitch]);
    let set = operator.set_views(Kind::Service, pbx, Some(views)).await;
    set.unwrap();
}

async fn configure(server: &Server, change: impl FnOnce(&mut Sip)) {
    const OPBX: &str = include_str!("../../../../config/catalogues/opbx.toml");
    let mut declared = declaration("acme", OPBX).unwrap();
    declared.settings.views = ViewSet::ALL;
    declared.settings.sip.domain = Some("acme.example".into());
    declared.settings.sip.realm = Some("acme.example".into());
    change(&mut declared.settings.sip);
    let gateway = &server.directory.gateway;
    let name = "acme".parse().unwrap();
    gateway.declare(&name, declared).await.unwrap();
}

/// What the extension shows.
async fn extension(client: &mut Ldap, attributes: &[&str]) -> Found {
    let base = format!("ou=extensions,{SUFFIX}");
    let found = client
        .search(&base, Scope::OneLevel, "(cn=1042)", attributes)
        .await
        .unwrap();
    let mut entries = found.0.into_iter().map(SearchEntry::construct);
    let entry = entries.next().expect("the extension");
    entry.attrs.into_iter().collect()
}

async fn count(client: &mut Ldap, filter: &str) -> usize {
    let found = client.search(SUFFIX, Scope::Subtree, filter, ["1.1"]);
    found.await.unwrap().success().unwrap().0.len()
}

fn secrets(found: &Found) -> Vec<(&str, &str)> {
    let shown = SHOWN.iter().filter_map(|(name, _)| {
        let values = found.get(*name)?;
        assert_eq!(values.len(), 1, "{name}");
        Some((*name, values[0].as_str()))
    });
    shown.collect()
}

#[tokio::test]
async fn who_was_given_secrets_sees_them_in_every_view() {
    let server = Server::start().await;
    prepare(&server, &["extensions", "sip-secrets"]).await;
    let mut pbx = server.service().await;
    // mod_xml_ldap, res_config_ldap and h350 ask for all attributes.
    for attributes in [&[][..], &["*"], &SHOWN.map(|(name, _)| name)] {
        let found = extension(&mut pbx, attributes).await;
        assert_eq!(secrets(&found), SHOWN, "{attributes:?}");
    }
    for (name, _) in SHOWN {
        assert_eq!(count(&mut pbx, &format!("({name}=*)")).await, 1, "{name}");
    }
    // Without a realm there is nothing to make a hash of; another one makes another.
    configure(&server, |sip| sip.realm = None).await;
    let clear = [SHOWN[0], SHOWN[3], SHOWN[4]];
    assert_eq!(secrets(&extension(&mut pbx, &["*"]).await), clear);
    for shown in SHOWN {
        let (filter, expected) = (format!("({}=*)", shown.0), clear.contains(&shown));
        assert_eq!(count(&mut pbx, &filter).await, usize::from(expected));
    }
    configure(&server, |sip| sip.h350_password = PasswordForm::Ha1).await;
    let found = extension(&mut pbx, &["*"]).await;
    assert_eq!(found["SIPIdentityPassword"], [HA1]);
    configure(&server, |sip| sip.realm = Some("asterisk".into())).await;
    let found = extension(&mut pbx, &["*"]).await;
    assert_ne!(found["fsA1Hash"], [HA1]);
    assert_eq!(found["AstAccountSecret"], [SECRET]);
}

#[tokio::test]
async fn for_everybody_else_they_do_not_exist() {
    let server = Server::start().await;
    prepare(&server, &["all"]).await;
    let owner = "uid=Bob.Smith,ou=people";
    let clients = [
        (
            "a service account that reads everything",
            server.service().await,
        ),
        ("the owner", server.bound(owner, PASSWORD).await),
        ("a phone", server.device().await),
    ];
    for (who, mut client) in clients {
        for attributes in [&["*", "+"][..], &SHOWN.map(|(name, _)| name)] {
            let found = extension(&mut client, attributes).await;
            assert_eq!(secrets(&found), [], "{who}");
        }
        for (name, value) in SHOWN {
            for part in [format!("({name}=*)"), format!("({name}={value})")] {
                // Undefined, so that what is not so is not so, either.
                for filter in [part.clone(), format!("(!{part})")] {
                    assert_eq!(count(&mut client, &filter).await, 0, "{who}: {filter}");
                }
            }
            let dn = format!("cn=1042,ou=extensions,{SUFFIX}");
            let compared = client.compare(&dn, name, value).await.unwrap();
            assert_eq!(compared.0.rc, 17, "{who}: {name}");
        }
    }
}

/// Telephone systems let anybody register whose account has no secret.
#[tokio::test]
async fn an_extension_is_an_account_only_for_who_is_told_its_secret() {
    const ACCOUNT: [&str; 12] = [
        "(objectClass=AsteriskSIPUser)",
        "(objectClass=AstAccount)",
        "(objectClass=SIPIdentity)",
        "(objectClass=FSAccount)",
        "(AstAccountName=1042)",
        "(AstAccountType=friend)",
        "(AstAccountHost=dynamic)",
        "(AstAccountMailbox=*)",
        "(SIPIdentityUserName=1042)",
        "(SIPIdentitySIPURI=sip:1042@acme.example)",
        "(fsUid=1042)",
        "(fsDialString=*)",
    ];
    let server = Server::start().await;
    for (scopes, has_secret, expected) in [
        (&["extensions", "sip-secrets"][..], true, 1),
        (&["extensions", "sip-secrets"], false, 0),
        (&["extensions", "registrations"], true, 0),
        (&["all"], true, 0),
    ] {
        prepare(&server, scopes).await;
        let operator = server.operator();
        let number = operator.named(Kind::Extension, "1042").unwrap();
        if !has_secret {
            operator.remove_sip_secret(number).await.unwrap();
        }
        let case = format!("{scopes:?} {has_secret}");
        let mut pbx = server.service().await;
        for filter in ACCOUNT {
            assert_eq!(count(&mut pbx, filter).await, expected, "{case} {filter}");
        }
        let others = "(&(cn=1042)(!(objectClass=AsteriskSIPUser)))";
        assert_eq!(count(&mut pbx, others).await, 1 - expected, "{case}");
        let found = extension(&mut pbx, &["*", "+"]).await;
        let starts = ["AstAccount", "AstMD5", "SIPIdentity", "fs"];
        let is_of_account = |name: &&String| starts.iter().any(|start| name.starts_with(start));
        let shown = found.keys().filter(is_of_account).count();
        assert_eq!(shown > 0, expected > 0, "{case}: {found:?}");
        let mut classes = vec!["top", "pbxExtensionObject", "AsteriskExtension"];
        classes.extend(["AsteriskVoiceMail", "AstExtension"]);
        if expected > 0 {
            classes.extend(["AsteriskSIPUser", "AstAccount", "commObject"]);
            classes.extend(["SIPIdentity", "FSAccount"]);
        } else {
            classes.push("commObject");
        }
        assert_eq!(found["objectClass"], classes, "{case}");
        // The dial plan and the mailbox stay.
        for filter in ["(AstExtension=1042)", "(AstVoicemailMailbox=1042)"] {
            let filter = format!("(&(objectClass=pbxExtensionObject){filter})");
            assert_eq!(count(&mut pbx, &filter).await, 1, "{case} {filter}");
        }
    }
}

#[tokio::test]
async fn nobody_finds_an_account_by_its_secret() {
    let server = Server::start().await;
    prepare(&server, &["all", "sip-secrets"]).await;
    let mut pbx = server.service().await;
    let (first, rest) = SECRET.split_at(4);
    for (name, value) in SHOWN {
        for part in [
            format!("({name}={value})"),
            format!("({name}~={value})"),
            format!("({name}>=0)"),
            format!("({name}<=z)"),
            format!("({name}={first}*)"),
            format!("({name}=*{rest})"),
            format!("({name}:={value})"),
            format!("({name}:caseExactMatch:={value})"),
            format!("({name}:caseIgnoreSubstringsMatch:=\\2a{rest})"),
            format!("({name}:dn:={value})"),
        ] {
            for filter in [part.clone(), format!("(!{part})")] {
                assert_eq!(count(&mut pbx, &filter).await, 0, "{filter}");
            }
        }
        let dn = format!("cn=1042,ou=extensions,{SUFFIX}");
        let compared = pbx.compare(&dn, name, value).await.unwrap();
        assert_eq!(compared.0.rc, 16, "{name}");
        let sorted = pbx
            .with_controls(vec![sorted_by(name)])
            .search(SUFFIX, Scope::Subtree, "(cn=1042)", ["1.1"])
            .await
            .unwrap();
        assert_ne!(sorted.1.rc, 0, "{name}");
    }
    for filter in [
        format!("(:caseExactMatch:={SECRET})"),
        format!("(:caseIgnoreMatch:={HA1})"),
    ] {
        assert_eq!(count(&mut pbx, &filter).await, 0, "{filter}");
    }
}

/// RFC 2891 §1.1.
fn sorted_by(name: &str) -> RawControl {
    let length = u8::try_from(name.len()).unwrap();
    let mut value = vec![0x30, length + 4, 0x30, length + 2, 4, length];
    value.extend_from_slice(name.as_bytes());
    RawControl {
        ctype: "1.2.840.113556.1.4.473".to_owned(),
        crit: true,
        val: Some(value),
    }
}

#[tokio::test]
async fn they_do_not_cross_a_network_in_plain_text() {
    let (source, _folder) = with_start_tls();
    let options = Options {
        tenant: Some("acme".parse().unwrap()),
        start_tls: Some(source),
        plaintext_binds: true,
        ..Options::default()
    };
    let server = Server::behind_proxies(options).await;
    prepare(&server, &["all", "sip-secrets"]).await;
    for (from, starts_tls, expected) in [
        ("127.0.0.1", false, &SHOWN[..]),
        ("192.0.2.7", false, &[]),
        ("192.0.2.7", true, &SHOWN),
    ] {
        let mut stream = TcpStream::connect(server.address).unwrap();
        write!(stream, "PROXY TCP4 {from} 192.0.2.1 50000 389\r\n").unwrap();
        stream.set_nonblocking(true).unwrap();
        let settings = LdapConnSettings::new()
            .set_starttls(starts_tls)
            .set_no_tls_verify(true)
            .set_std_stream(StdStream::Tcp(stream));
        let url = format!("ldap://localhost:{}", server.address.port());
        let (connection, mut client) = LdapConnAsync::with_settings(settings, &url).await.unwrap();
        ldap3::drive!(connection);
        let name = format!("uid=pbx,ou=services,{SUFFIX}");
        let bound = client.simple_bind(&name, &server.secret).await.unwrap();
        assert_eq!(bound.rc, 0, "{}", bound.text);
        let found = extension(&mut client, &["*"]).await;
        assert_eq!(secrets(&found), expected, "{from} {starts_tls}");
        assert_eq!(found["AstExtension"], ["1042"]);
        let with = count(&mut client, "(AstAccountSecret=*)").await;
        assert_eq!(
            with,
            usize::from(!expected.is_empty()),
            "{from} {starts_tls}"
        );
    }
}
