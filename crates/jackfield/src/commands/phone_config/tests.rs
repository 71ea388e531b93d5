use super::*;

fn settings(tls: Tls) -> Settings {
    Settings {
        title: "Smith & Sons".to_owned(),
        host: "directory.example".to_owned(),
        port: 636,
        tls,
        base: "ou=phonebook,dc=acme,dc=example".to_owned(),
        user: "uid=phones,ou=services,dc=acme,dc=example".to_owned(),
        password: "secret".to_owned(),
    }
}

#[test]
fn every_place_of_every_template_is_known() {
    for vendor in VENDORS {
        for part in vendor.template.split('{').skip(1) {
            let place = part.split('}').next().unwrap();
            let is_choice = place.starts_with("tls:") && place.split('|').count() == 3;
            let values = [
                "title", "host", "url-host", "port", "base", "user", "password",
            ];
            let is_value = values.contains(&place);
            assert!(is_choice || is_value, "{}: {place}", vendor.name);
        }
    }
}

#[test]
fn every_vendor_is_told_where_what_and_as_whom() {
    for vendor in VENDORS {
        let text = filled(vendor, &settings(Tls::Ldaps));
        for value in [
            "directory.example",
            "636",
            "ou=phonebook,dc=acme,dc=example",
            "uid=phones",
            "secret",
        ] {
            assert!(text.contains(value), "{}: {value}", vendor.name);
        }
        assert!(!text.contains('{'), "{}", vendor.name);
    }
}

#[test]
fn a_choice_follows_the_way_of_tls_and_xml_is_escaped() {
    let of = |name| VENDORS.iter().find(|vendor| vendor.name == name).unwrap();
    for (tls, line) in [
        (Tls::None, "ldap.tls_mode = 0"),
        (Tls::Starttls, "ldap.tls_mode = 1"),
        (Tls::Ldaps, "ldap.tls_mode = 2"),
    ] {
        assert!(
            filled(of("yealink"), &settings(tls)).contains(line),
            "{tls:?}"
        );
    }
    let cisco = filled(of("cisco"), &settings(Tls::Ldaps));
    assert!(cisco.contains("Smith &amp; Sons") && cisco.contains("ldaps://directory.example:636"));
}

#[test]
fn phones_are_sent_where_they_reach_the_server() {
    for (said, public, listener, expected) in [
        (
            Some("a.example"),
            Some("https://b.example"),
            "0.0.0.0:636",
            Some("a.example"),
        ),
        (
            Some("[2001:db8::1]"),
            None,
            "[::1]:636",
            Some("2001:db8::1"),
        ),
        (Some("127.0.0.1"), None, "127.0.0.1:636", Some("127.0.0.1")),
        (
            None,
            Some("https://b.example:8443/x"),
            "192.0.2.1:636",
            Some("b.example"),
        ),
        (
            None,
            Some("https://[2001:db8::1]"),
            "0.0.0.0:636",
            Some("2001:db8::1"),
        ),
        (
            None,
            Some("http://localhost:8080"),
            "192.0.2.1:636",
            Some("192.0.2.1"),
        ),
        (None, None, "192.0.2.1:636", Some("192.0.2.1")),
        (None, Some("http://127.0.0.1:8080"), "[::]:636", None),
        (None, None, "0.0.0.0:636", None),
        (None, None, "127.0.0.1:636", None),
        (None, None, "[::1]:636", None),
    ] {
        let http = Http {
            public_url: public.map(str::to_owned),
            ..Http::default()
        };
        let found = host(said, &http, listener.parse().unwrap()).ok();
        assert_eq!(found.as_deref(), expected, "{said:?} {public:?} {listener}");
    }
}

#[test]
fn an_address_stands_in_brackets_in_urls_only() {
    let settings = Settings {
        host: "2001:db8::1".to_owned(),
        ..settings(Tls::Ldaps)
    };
    for vendor in VENDORS {
        let text = filled(vendor, &settings);
        let is_url = vendor.template.contains("://") || vendor.name == "mitel";
        assert_eq!(text.contains("[2001:db8::1]"), is_url, "{}", vendor.name);
    }
}

#[test]
fn a_name_that_phones_would_cut_is_refused() {
    for vendor in VENDORS {
        for (user, is_cut) in [("uid=a", false), ("uid=a:b", true), ("uid=a@b", true)] {
            let settings = Settings {
                user: user.to_owned(),
                ..settings(Tls::None)
            };
            let is_refused = vendor.check(&settings).is_err();
            assert_eq!(is_refused, is_cut && vendor.name == "mitel", "{user}");
        }
    }
}

#[test]
fn the_safest_way_that_both_sides_know_is_taken() {
    let of = |name| VENDORS.iter().find(|vendor| vendor.name == name).unwrap();
    let at = |ldap: bool, ldaps: bool| Addresses {
        ldap: ldap.then(|| "192.0.2.1:389".parse().unwrap()),
        ldaps: ldaps.then(|| "192.0.2.1:636".parse().unwrap()),
        ..Addresses::default()
    };
    for (vendor, asked, addresses, expected) in [
        ("yealink", None, at(true, true), Some(Tls::Ldaps)),
        ("yealink", None, at(true, false), Some(Tls::Starttls)),
        ("snom", None, at(true, false), Some(Tls::None)),
        ("sangoma", None, at(true, true), Some(Tls::None)),
        ("sangoma", None, at(false, true), None),
        ("sangoma", Some(Tls::Ldaps), at(true, true), None),
        ("yealink", Some(Tls::None), at(true, true), Some(Tls::None)),
        ("snom", Some(Tls::Starttls), at(true, true), None),
        ("avaya", Some(Tls::None), at(true, true), None),
        ("avaya", None, at(true, false), Some(Tls::Starttls)),
    ] {
        let found = reached(of(vendor), asked, addresses)
            .ok()
            .map(|(tls, _)| tls);
        assert_eq!(found, expected, "{vendor} {asked:?}");
    }
}

#[test]
fn who_asks_for_a_way_that_phones_do_not_know_is_told_which_they_do() {
    let of = |name| VENDORS.iter().find(|vendor| vendor.name == name).unwrap();
    for (vendor, asked, told) in [
        ("snom", Tls::Starttls, "--tls ldaps or --tls none, on"),
        ("sangoma", Tls::Ldaps, "cannot do that, but --tls none, on"),
        ("avaya", Tls::None, "--tls ldaps or --tls starttls"),
    ] {
        let error = reached(of(vendor), Some(asked), Addresses::default());
        let error = error.unwrap_err().to_string();
        assert!(error.contains(told), "{vendor}: {error}");
    }
}
