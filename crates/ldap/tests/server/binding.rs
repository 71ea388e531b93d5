//! Bind, and what it leaves behind (RFC 4511 §4.2, RFC 4513).

use jackfield_gateway::administer::AccountRights;
use jackfield_gateway::testing::declaration;
use jackfield_ldap::Options;
use jackfield_model::Kind;
use ldap3::controls::MatchedValues;
use ldap3::{Scope, SearchEntry};
use ldap3_proto::proto::{
    LdapBindCred, LdapBindRequest, LdapOp, LdapResultCode as Code, SaslCredentials,
};

use crate::harness::{PASSWORD, SUFFIX, Server};
use crate::raw::{Raw, bind, extended, search};

const WHO_AM_I: &str = "1.3.6.1.4.1.4203.1.11.3";

#[tokio::test]
async fn names_of_every_form_bind() {
    let server = Server::start().await;
    let mut client = server.client().await;
    for (name, password, code) in [
        (&*format!("uid=alice,ou=people,{SUFFIX}"), PASSWORD, 0),
        (&*format!("UID=Alice, OU=People, {SUFFIX}"), PASSWORD, 0),
        (
            "userid=alice,ou=people,domainComponent=acme,domainComponent=example",
            PASSWORD,
            0,
        ),
        ("alice", PASSWORD, 0),
        ("ALICE", PASSWORD, 0),
        ("alice@acme.example", PASSWORD, 0),
        ("acme\\alice", PASSWORD, 0),
        ("1042", PASSWORD, 0),
        ("phone-7", &server.device_secret, 0),
        ("alice", "wrong", 49),
        ("nobody", PASSWORD, 49),
        (&*format!("uid=nobody,ou=people,{SUFFIX}"), PASSWORD, 49),
        ("uid=alice,dc=elsewhere", PASSWORD, 49),
        ("not=a=name,", PASSWORD, 49),
        ("", PASSWORD, 49),
        // RFC 4513 §5.1.2
        ("alice", "", 53),
        ("nobody", "", 53),
        // RFC 4511 Appendix A.2: anonymous is off.
        ("", "", 48),
    ] {
        let result = client.simple_bind(name, password).await.unwrap();
        assert_eq!(
            result.rc, code,
            "{name:?} with {password:?}: {}",
            result.text
        );
    }
}

#[tokio::test]
async fn a_bind_that_fails_leaves_the_connection_anonymous() {
    let server = Server::start().await;
    for (op, code) in [
        (bind(3, "alice", "wrong"), Code::InvalidCredentials),
        (bind(3, "alice", ""), Code::UnwillingToPerform),
        (bind(2, "alice", PASSWORD), Code::ProtocolError),
        (sasl("DIGEST-MD5"), Code::AuthMethodNotSupported),
        (sasl(""), Code::AuthMethodNotSupported),
    ] {
        let mut raw = Raw::bound(&server).await;
        raw.send(2, op).await;
        assert_eq!(raw.result(2).await.code, code);
        raw.send(3, search(SUFFIX)).await;
        assert_eq!(raw.entries(3).await.1.code, Code::StrongerAuthRequired);
        raw.send(4, extended(WHO_AM_I)).await;
        let Some(LdapOp::ExtendedResponse(who)) = raw.next().await.map(|message| message.op) else {
            panic!("no answer")
        };
        assert_eq!(who.value.as_deref(), Some(&b""[..]));
    }
}

fn sasl(mechanism: &str) -> LdapOp {
    let sasl = SaslCredentials {
        mechanism: mechanism.to_owned(),
        credentials: vec![],
    };
    LdapOp::BindRequest(LdapBindRequest {
        version: 3,
        dn: String::new(),
        cred: LdapBindCred::SASL(sasl),
    })
}

#[tokio::test]
async fn requests_behind_a_bind_are_served_as_whom_it_made() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    let name = format!("uid=alice,ou=people,{SUFFIX}");
    let people = format!("ou=people,{SUFFIX}");
    raw.send_all([
        (1, search(&people)),
        (2, bind(3, &name, PASSWORD)),
        (3, search(&people)),
        (4, bind(3, &name, "wrong")),
        (5, search(&people)),
    ])
    .await;
    assert_eq!(raw.entries(1).await.1.code, Code::StrongerAuthRequired);
    assert_eq!(raw.result(2).await.code, Code::Success);
    assert_eq!(raw.entries(3).await.1.code, Code::Success);
    assert_eq!(raw.result(4).await.code, Code::InvalidCredentials);
    assert_eq!(raw.entries(5).await.1.code, Code::StrongerAuthRequired);
}

#[tokio::test]
async fn who_am_i_tells_the_name() {
    let server = Server::start().await;
    let mut client = server.bound("uid=alice,ou=people", PASSWORD).await;
    let ldap3::result::ExopResult(answer, result) =
        client.extended(ldap3::exop::WhoAmI).await.unwrap();
    assert_eq!(result.rc, 0);
    let who: ldap3::exop::WhoAmIResp = answer.parse();
    assert_eq!(who.authzid, format!("dn:uid=alice,ou=people,{SUFFIX}"));
}

#[tokio::test]
async fn a_person_reads_the_own_entry_in_full_and_others_as_the_phone_book_shows_them() {
    let server = Server::start().await;
    server
        .operator()
        .set_password(server.ids["carol"], PASSWORD)
        .await
        .unwrap();
    let mut inactive = server.client().await;
    let bound = inactive
        .simple_bind("carol, \"c\"", PASSWORD)
        .await
        .unwrap();
    assert_eq!(bound.rc, 49, "she is not active");

    let mut client = server.bound("uid=alice,ou=people", PASSWORD).await;
    let found = client
        .search(
            &format!("ou=people,{SUFFIX}"),
            Scope::OneLevel,
            "(pbxRole=*)",
            ["pbxRole"],
        )
        .await
        .unwrap();
    let names: Vec<_> = found
        .0
        .into_iter()
        .map(|e| SearchEntry::construct(e).dn)
        .collect();
    assert!(
        names.contains(&format!("uid=alice,ou=people,{SUFFIX}")),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_session_ends_with_what_it_was_made_of() {
    let server = Server::start().await;
    let mut client = server.bound("uid=alice,ou=people", PASSWORD).await;
    let people = format!("ou=people,{SUFFIX}");
    let before = client
        .search(&people, Scope::Base, "(&)", ["ou"])
        .await
        .unwrap();
    assert_eq!(before.1.rc, 0);
    server
        .operator()
        .set_password(server.ids["alice"], "Another-Horse-8")
        .await
        .unwrap();
    let after = client
        .search(&people, Scope::Base, "(&)", ["ou"])
        .await
        .unwrap();
    assert_eq!((after.0.len(), after.1.rc), (0, 8));
}

#[tokio::test]
async fn where_the_tenant_allows_it_anybody_reads_the_phone_book() {
    let server = Server::start().await;
    let catalogue = include_str!("../../../../config/catalogues/opbx.toml");
    let mut declared = declaration("acme", catalogue).unwrap();
    declared.settings.anonymous_phone_book = true;
    server
        .directory
        .gateway
        .declare(&"acme".parse().unwrap(), declared)
        .await
        .unwrap();
    let mut client = server.client().await;
    for bound in [false, true] {
        if bound {
            assert_eq!(client.simple_bind("", "").await.unwrap().rc, 0);
        }
        let found = client
            .search(SUFFIX, Scope::Subtree, "(cn=alice*)", ["cn", "pbxRole"])
            .await;
        let (entries, result) = found.unwrap().success().unwrap();
        assert_eq!((entries.len(), result.rc), (1, 0));
        let entry = SearchEntry::construct(entries.into_iter().next().unwrap());
        assert_eq!(entry.attrs.into_keys().collect::<Vec<_>>(), ["cn"]);
    }
}

#[tokio::test]
async fn a_listener_without_a_tenant_binds_by_full_names_only() {
    let server = Server::with(Options::default()).await;
    let mut client = server.client().await;
    for (name, code) in [
        (&*format!("uid=alice,ou=people,{SUFFIX}"), 0),
        ("alice@acme.example", 0),
        ("alice", 49),
    ] {
        let result = client.simple_bind(name, PASSWORD).await.unwrap();
        assert_eq!(result.rc, code, "{name}");
    }
}

/// RFC 4513 §4: an anonymous bind leaves the client where it was before any bind.
#[tokio::test]
async fn among_several_tenants_an_anonymous_bind_leaves_it_to_the_search_which_is_meant() {
    let catalogue = include_str!("../../../../config/catalogues/opbx.toml");
    for (opens, speaks_2, version, code) in [
        (true, false, 3, Code::Success),
        (true, true, 2, Code::Success),
        (true, false, 2, Code::ProtocolError),
        (false, true, 3, Code::InappropriateAuthentication),
    ] {
        let server = Server::with(Options::default()).await;
        for tenant in ["acme", "harbor"] {
            let mut declared = declaration(tenant, catalogue).unwrap();
            let is_open = opens && tenant == "acme";
            declared.settings.anonymous_phone_book = is_open;
            declared.settings.ldap_version_2 = speaks_2 && tenant == "acme";
            let gateway = &server.directory.gateway;
            let name = tenant.parse().unwrap();
            gateway.declare(&name, declared).await.unwrap();
        }
        let mut raw = Raw::connect(&server).await;
        raw.send(1, bind(version, "", "")).await;
        let case = format!("{opens} {speaks_2} {version}");
        assert_eq!(raw.result(1).await.code, code, "{case}");
        for (id, base, is_read) in [
            (2, format!("ou=people,{SUFFIX}"), opens),
            (3, "ou=people,dc=harbor,dc=example".to_owned(), false),
        ] {
            raw.send(id, search(&base)).await;
            let (count, result) = raw.entries(id).await;
            let expected = match is_read {
                true => Code::Success,
                false => Code::StrongerAuthRequired,
            };
            assert_eq!(
                (count > 0, result.code),
                (is_read, expected),
                "{case} {base}"
            );
        }
    }
}

/// Lets anybody on this machine read.
async fn open_to_this_machine(server: &Server) {
    let catalogue = include_str!("../../../../config/catalogues/opbx.toml");
    let mut declared = declaration("acme", catalogue).unwrap();
    declared.settings.anonymous_networks = vec!["127.0.0.0/8".parse().unwrap()];
    let gateway = &server.directory.gateway;
    let declared = gateway.declare(&"acme".parse().unwrap(), declared).await;
    declared.unwrap();
}

#[tokio::test]
async fn nobody_reads_where_the_listener_does_not_let_them() {
    for (anonymous, tenants, code) in [
        (true, &[][..], 0),
        (true, &["acme", "harbor"], 0),
        (false, &[], 48),
        (true, &["harbor"], 48),
    ] {
        let server = Server::with(Options {
            anonymous,
            tenant: Some("acme".parse().unwrap()),
            tenants: tenants.iter().map(|name| name.parse().unwrap()).collect(),
            ..Options::default()
        })
        .await;
        open_to_this_machine(&server).await;
        let mut client = server.client().await;
        let found = client.search(SUFFIX, Scope::Subtree, "(cn=alice*)", ["cn"]);
        let found = found.await.unwrap();
        let expected = if code == 0 { (1, 0) } else { (0, 8) };
        assert_eq!(
            (found.0.len(), found.1.rc),
            expected,
            "{anonymous} {tenants:?}"
        );
        let bound = client.simple_bind("", "").await.unwrap();
        assert_eq!(bound.rc, code, "{anonymous} {tenants:?}");
    }
}

#[tokio::test]
async fn a_listener_lets_people_of_its_tenants_in_and_nobody_else() {
    for (tenants, code) in [(&["acme"][..], 0), (&["harbor"], 49), (&[], 0)] {
        let server = Server::with(Options {
            tenants: tenants.iter().map(|name| name.parse().unwrap()).collect(),
            ..Options::default()
        })
        .await;
        let mut client = server.client().await;
        for name in [
            &*format!("uid=alice,ou=people,{SUFFIX}"),
            "alice@acme.example",
        ] {
            let result = client.simple_bind(name, PASSWORD).await.unwrap();
            assert_eq!(result.rc, code, "{name} {tenants:?}");
        }
    }
}

#[tokio::test]
async fn phones_see_numbers_as_they_dial_them_and_find_them_in_every_form() {
    let server = Server::start().await;
    let rights = AccountRights {
        dial: Some(&"prefix-0".parse().unwrap()),
        ..AccountRights::default()
    };
    let changed = server.operator();
    let changed = changed
        .ensure_account(Kind::Device, "phone-7", &rights)
        .await;
    changed.unwrap();
    let mut phone = server.device().await;
    let names = ["telephoneNumber", "mobile", "pbxWrittenNumber"];
    for filter in [
        "(telephoneNumber=+49301234567)",
        "(telephoneNumber=030 1234567)",
        "(telephoneNumber=0049 30 1234*)",
        // As it is shown, and as trunks announce it.
        "(telephoneNumber=00301234567)",
        "(telephoneNumber=0030123*)",
        "(mobile=00170555)",
        "(telephoneNumber=49301234567)",
        "(telephoneNumber=49301*)",
        "(pbxWrittenNumber=+49 30 1234-567)",
    ] {
        let found = phone.search(SUFFIX, Scope::Subtree, filter, names).await;
        let (entries, _) = found.unwrap().success().unwrap();
        assert_eq!(entries.len(), 1, "{filter}");
        let entry = SearchEntry::construct(entries.into_iter().next().unwrap());
        let values = |name: &str| entry.attrs[name].join(" | ");
        assert_eq!(values("telephoneNumber"), "00301234567");
        assert_eq!(values("mobile"), "00170555");
        assert_eq!(values("pbxWrittenNumber"), "+49 30 1234-567 | +49 170 555");
    }
    let alice = format!("uid=alice,ou=people,{SUFFIX}");
    let shown = phone.compare(&alice, "telephoneNumber", "00301234567");
    assert!(
        shown.await.unwrap().equal().unwrap(),
        "Compare knows it too"
    );
    let found = phone
        .with_controls(MatchedValues::new(
            "((telephoneNumber=00301234567)(mobile=00170*))",
        ))
        .search(&alice, Scope::Base, "(&)", names)
        .await;
    let (entries, _) = found.unwrap().success().unwrap();
    let entry = SearchEntry::construct(entries.into_iter().next().unwrap());
    assert_eq!(entry.attrs["telephoneNumber"], ["00301234567"]);
    assert_eq!(entry.attrs["mobile"], ["00170555"]);
    let mut service = server.service().await;
    // A service account is shown numbers as they are written, and has no such digits.
    let found = service
        .search(SUFFIX, Scope::Subtree, "(mobile=00170555)", names)
        .await;
    assert!(found.unwrap().success().unwrap().0.is_empty());
    let found = service
        .search(SUFFIX, Scope::Subtree, "(cn=alice*)", names)
        .await;
    let (entries, _) = found.unwrap().success().unwrap();
    let entry = SearchEntry::construct(entries.into_iter().next().unwrap());
    assert_eq!(entry.attrs["telephoneNumber"], ["+49 30 1234-567"]);
}
