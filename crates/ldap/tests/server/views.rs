//! Views: the same records under the names that other directories use.

use jackfield_gateway::testing::declaration;
use jackfield_model::{Kind, View, ViewSet};
use ldap3::{Scope, SearchEntry};

use crate::fixtures::check;
use crate::harness::{SUFFIX, Server};

const OPBX: &str = include_str!("../../../../config/catalogues/opbx.toml");

/// A server whose tenant has these views.
async fn server(views: &[View]) -> Server {
    let server = Server::start().await;
    let mut declared = declaration("acme", OPBX).unwrap();
    declared.settings.views = ViewSet::of(views);
    let name = "acme".parse().unwrap();
    let gateway = &server.directory.gateway;
    gateway.declare(&name, declared).await.unwrap();
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
