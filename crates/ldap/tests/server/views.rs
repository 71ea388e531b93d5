//! Views: the same records under the names that other directories use.

use std::fmt::Write as _;

use jackfield_gateway::testing::declaration;
use jackfield_ldap::Options;
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind, View, ViewSet};
use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::{Scope, SearchEntry};

use crate::fixtures::check;
use crate::harness::{PASSWORD, SUFFIX, Server, create};
use crate::sip::SECRET;

const OPBX: &str = include_str!("../../../../config/catalogues/opbx.toml");

/// A server whose tenant has these views.
async fn server(views: &[View]) -> Server {
    let server = Server::with(Options {
        tenant: Some("acme".parse().unwrap()),
        host: Some("directory.example".to_owned()),
        ..Options::default()
    })
    .await;
    let mut declared = declaration("acme", OPBX).unwrap();
    declared.settings.views = ViewSet::of(views);
    declared.settings.sip.domain = Some("sip.acme.example".into());
    declared.settings.sip.context = Some("acme".into());
    let name = "acme".parse().unwrap();
    let gateway = &server.directory.gateway;
    gateway.declare(&name, declared).await.unwrap();
    let operator = server.operator();
    let extension = operator.named(Kind::Extension, "1042").unwrap();
    let set = operator.set_sip_secret(extension, Some(SECRET)).await;
    set.map(drop).unwrap();
    let scopes = ["all", "sip-secrets"];
    operator.ensure_service("pbx", &scopes).await.unwrap();
    server
}

macro_rules! views {
    ($($test:ident: $file:literal as $who:ident with $($view:ident)*;)*) => {
        $(
            #[tokio::test]
            async fn $test() {
                let server = server(&[$(View::$view),*]).await;
                let client = server.$who().await;
                let fixture = include_str!(concat!("fixtures/views/", $file));
                check(fixture, &server, client).await;
            }
        )*
    };
}

views! {
    accounts_and_groups_of_unix: "posix.txt" as service with Posix;
    accounts_and_groups_of_active_directory: "active_directory.txt" as service with ActiveDirectory;
    a_phone_sees_of_a_view_what_the_phone_book_shows: "device.txt" as device with Posix ActiveDirectory;
    sip_accounts_of_asterisk_in_both_spellings: "asterisk.txt" as service with Asterisk;
    sip_accounts_of_h350: "h350.txt" as service with H350;
    sip_accounts_of_freeswitch: "freeswitch.txt" as service with FreeSwitch;
    the_phone_book_of_grandstream: "grandstream.txt" as device with Grandstream;
    vendors_branches_are_found_and_answered_by_their_own_names: "branches.txt" as service with Posix;
    without_a_view_its_names_are_unknown: "none.txt" as service with Asterisk;
}

#[tokio::test]
async fn a_service_account_has_its_own_views_in_place_of_the_tenants() {
    let server = server(&[View::Posix]).await;
    let operator = server.operator();
    let names = ["uidNumber", "sAMAccountName"];
    for (views, shown) in [
        (None, vec!["uidNumber"]),
        (Some(ViewSet::NONE), vec![]),
        (
            Some(ViewSet::of(&[View::ActiveDirectory])),
            vec!["sAMAccountName"],
        ),
        (
            Some(ViewSet::of(&[View::Posix, View::ActiveDirectory])),
            names.to_vec(),
        ),
        (None, vec!["uidNumber"]),
    ] {
        let service = server.ids["pbx"];
        operator
            .set_views(Kind::Service, service, views)
            .await
            .unwrap();
        let mut client = server.service().await;
        let found = client
            .search(SUFFIX, Scope::Subtree, "(uid=alice)", names)
            .await
            .unwrap();
        let entry = found.0.into_iter().next().map(SearchEntry::construct);
        let mut seen: Vec<_> = entry.unwrap().attrs.into_keys().collect();
        seen.sort_unstable_by(|left, right| right.cmp(left));
        assert_eq!(seen, shown, "{views:?}");
    }
}

/// The octets as a filter has them (RFC 4515 §3).
fn escaped(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        write!(text, "\\{octet:02x}").unwrap();
        text
    })
}

/// The first value of an attribute whose values are octets, or look like text by chance.
fn octets(entry: &SearchEntry, name: &str) -> Vec<u8> {
    match entry.bin_attrs.get(name) {
        Some(values) => values[0].clone(),
        None => entry.attrs[name][0].clone().into_bytes(),
    }
}

#[tokio::test]
async fn identities_of_active_directory_are_octets_and_are_found_by_octets_and_text() {
    let server = server(&[View::ActiveDirectory]).await;
    let mut client = server.service().await;
    let mut domains = Vec::new();
    for (name, filter) in [("alice", "(uid=alice)"), ("ops", "(cn=Ops)")] {
        let attributes = ["objectGUID", "objectSid"];
        let found = client
            .search(SUFFIX, Scope::Subtree, filter, attributes)
            .await
            .unwrap();
        let entry = SearchEntry::construct(found.0.into_iter().next().unwrap());
        let Id(uuid) = server.ids[name];
        let guid = octets(&entry, "objectGUID");
        assert_eq!(guid, uuid.to_bytes_le());
        let sid = octets(&entry, "objectSid");
        assert_eq!(sid[..12], [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0], "S-1-5-21");
        let part = |at: usize| u32::from_le_bytes(sid[at..at + 4].try_into().unwrap());
        domains.push([part(12), part(16), part(20)]);
        let text = format!(
            "S-1-5-21-{}-{}-{}-{}",
            part(12),
            part(16),
            part(20),
            part(24)
        );
        for filter in [
            format!("(objectGUID={})", escaped(&guid)),
            format!("(objectGUID={uuid})"),
            format!("(objectSid={})", escaped(&sid)),
            format!("(objectSid={text})"),
        ] {
            let found = client
                .search(SUFFIX, Scope::Subtree, &filter, ["1.1"])
                .await
                .unwrap();
            let names: Vec<_> = found
                .0
                .into_iter()
                .map(|it| SearchEntry::construct(it).dn)
                .collect();
            assert_eq!(names, [entry.dn.as_str()], "{filter}");
        }
    }
    assert_eq!(domains[0], domains[1], "one tenant is one domain");
    for nobody in [
        "(objectGUID=\\00)",
        "(objectSid=S-1-5-32-544)",
        "(objectSid=\\01)",
    ] {
        let found = client
            .search(SUFFIX, Scope::Subtree, nobody, ["1.1"])
            .await
            .unwrap();
        assert!(found.0.is_empty(), "{nobody}");
    }
}

#[tokio::test]
async fn freepbx_reads_active_directory() {
    let server = server(&[View::ActiveDirectory]).await;
    let mut client = server.client().await;
    let bound = client
        .simple_bind("alice@acme.example", PASSWORD)
        .await
        .unwrap();
    assert_eq!(bound.rc, 0, "{}", bound.text);
    let root = client
        .search("", Scope::Base, "(objectClass=*)", Vec::<&str>::new())
        .await
        .unwrap();
    let root = SearchEntry::construct(root.0.into_iter().next().unwrap());
    let now = &root.attrs["currentTime"][0];
    assert!(
        now.strip_suffix(".0Z").is_some_and(|now| now.len() == 14),
        "{now}"
    );
    assert_eq!(root.attrs["defaultNamingContext"], [SUFFIX]);
    assert_eq!(root.attrs["dnsHostName"], ["directory.example"]);

    let mut client = server.client().await;
    let bound = client
        .simple_bind("pbx@acme.example", &server.secret)
        .await
        .unwrap();
    assert_eq!(bound.rc, 0, "{}", bound.text);
    for (filter, expected) in [
        (
            "(&(&(objectCategory=Person)(sAMAccountName=*))(objectclass=user))",
            &["alice", "carol, \"c\"", "Bob.Smith"][..],
        ),
        (
            "(&(objectCategory=Group)(objectclass=group))",
            &[
                "Empty",
                "Ops",
                "Owner",
                "PBX Admin",
                "PBX User",
                "Reporter",
                "Sales, EMEA",
            ],
        ),
    ] {
        let adapters: Vec<Box<dyn Adapter<_, _>>> = vec![
            Box::new(EntriesOnly::new()),
            Box::new(PagedResults::new(900)),
        ];
        let mut stream = client
            .streaming_search_with(
                adapters,
                SUFFIX,
                Scope::Subtree,
                filter,
                vec!["*", "objectguid", "primarygrouptoken"],
            )
            .await
            .unwrap();
        let mut names = Vec::new();
        while let Some(entry) = stream.next().await.unwrap() {
            let entry = SearchEntry::construct(entry);
            names.push(entry.attrs["sAMAccountName"][0].clone());
            assert_eq!(octets(&entry, "objectguid").len(), 16);
        }
        assert_eq!(stream.finish().await.rc, 0);
        assert_eq!(names, expected, "{filter}");
    }
}

#[tokio::test]
async fn people_bind_by_the_branches_that_vendors_expect() {
    let server = server(&[]).await;
    for branch in [
        "ou=People",
        "ou=users",
        "CN=Users",
        "ou=phonebook",
        "ou=pbx",
    ] {
        let mut client = server.bound(&format!("uid=alice,{branch}"), PASSWORD).await;
        let own = format!("dn:uid=alice,ou=people,{SUFFIX}");
        let (who, _) = client
            .extended(ldap3::exop::WhoAmI)
            .await
            .unwrap()
            .success()
            .unwrap();
        let who: ldap3::exop::WhoAmIResp = who.parse();
        assert_eq!(who.authzid, own, "{branch}");
    }
}

#[tokio::test]
async fn a_name_says_nothing_to_a_telephone_system_but_the_name() {
    let server = server(&[View::Asterisk, View::FreeSwitch, View::Posix]).await;
    let extension = Attributes::new().with(attr::EXTENSIONS_VALUE, "2001");
    let eve = Attributes::new()
        .with(attr::USER_NAME, "eve")
        .with(attr::DISPLAY_NAME, "x\" <110>, ${y:z}")
        .with(attr::EXTENSIONS, extension);
    let operator = server.operator();
    create(&operator, Kind::User, eve).await;
    let extension = operator.named(Kind::Extension, "2001").unwrap();
    let set = operator.set_sip_secret(extension, None).await;
    set.map(drop).unwrap();
    let mut client = server.service().await;
    for (attribute, shown, asked) in [
        (
            "AstAccountCallerID",
            r#""x\" <110>, ${y:z}" <2001>"#,
            r#""x\5c" <110>, ${y:z}" <2001>"#,
        ),
        (
            "AstVoicemailFullname",
            "x\" <110>, $(y:z)",
            "x\" <110>, $\\28y:z\\29",
        ),
        (
            "fsEffectiveCallerIDName",
            "x\" <110>, $(y:z)",
            "x\" <110>, $\\28*",
        ),
        ("gecos", "x\" <110>  ${y z}", "x\" <110> ${y z}"),
    ] {
        let filter = format!("({attribute}={asked})");
        let found = client
            .search(SUFFIX, Scope::Subtree, &filter, [attribute])
            .await;
        let entries = found.unwrap().0.into_iter().map(SearchEntry::construct);
        let values: Vec<_> = entries
            .map(|entry| entry.attrs[attribute].clone())
            .collect();
        assert_eq!(values, [[shown]], "{filter}");
    }
}
