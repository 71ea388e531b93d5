//! Which tenant a name belongs to, as tenants come, go and change their names.

use jackfield_gateway::Gateway;
use jackfield_gateway::directory::plan::Declaration;
use jackfield_gateway::testing::declaration;
use jackfield_model::Dn;

use crate::harness::{start, until};

const TENANT: &str = include_str!("../../../../config/catalogues/tenant.toml");

fn declared(name: &str, suffix: &str) -> Declaration {
    let mut declared = declaration(name, TENANT).expect("a declaration");
    declared.settings.suffix = Dn::parse(suffix).expect("a name");
    declared
}

async fn declare(gateway: &Gateway, name: &str, suffix: &str) {
    let tenant = name.parse().expect("a name");
    let outcome = gateway.declare(&tenant, declared(name, suffix)).await;
    outcome.expect("declared");
}

/// The name of the tenant in whose tree this is.
fn tenant_of(gateway: &Gateway, dn: &str) -> Option<String> {
    let tenant = gateway.tenant_of_dn(&Dn::parse(dn).expect("a name"))?;
    Some(tenant.name().to_string())
}

#[tokio::test]
async fn the_deepest_suffix_above_a_name_says_whose_it_is() {
    let test = start().await;
    let gateway = &test.gateway;
    for (dn, expected) in [
        ("uid=anna,ou=people,dc=acme,dc=example", Some("acme")),
        ("DC=Acme, DC=EXAMPLE", Some("acme")),
        ("uid=anna,dc=harbor,dc=example", Some("harbor")),
        ("dc=example", None),
        ("uid=anna", None),
        ("", None),
    ] {
        assert_eq!(tenant_of(gateway, dn).as_deref(), expected, "{dn}");
    }
    // A tenant that comes, inside another's tree.
    declare(gateway, "dock", "ou=dock,dc=harbor,dc=example").await;
    let inside = "uid=anna,ou=dock,dc=harbor,dc=example";
    assert_eq!(tenant_of(gateway, inside).as_deref(), Some("dock"));
    // One that moves.
    declare(gateway, "dock", "dc=dock,dc=example").await;
    assert_eq!(tenant_of(gateway, inside).as_deref(), Some("harbor"));
    assert_eq!(
        tenant_of(gateway, "dc=dock,dc=example").as_deref(),
        Some("dock")
    );
    // One whose file is gone, and comes back.
    let others = ["acme", "harbor"].map(|name| name.parse().expect("a name"));
    gateway
        .suspend_others(&others.into())
        .await
        .expect("suspended");
    assert_eq!(tenant_of(gateway, "dc=dock,dc=example"), None);
    declare(gateway, "dock", "dc=dock,dc=example").await;
    assert_eq!(
        tenant_of(gateway, "dc=dock,dc=example").as_deref(),
        Some("dock")
    );
}

#[tokio::test]
async fn another_node_follows() {
    let test = start().await;
    let other = test.second().await.expect("a node");
    assert_eq!(
        tenant_of(&other, "dc=acme,dc=example").as_deref(),
        Some("acme")
    );
    declare(&test.gateway, "harbor", "dc=port,dc=example").await;
    declare(&test.gateway, "dock", "dc=dock,dc=example").await;
    until(|| async {
        let port = tenant_of(&other, "dc=port,dc=example")?;
        let dock = tenant_of(&other, "dc=dock,dc=example")?;
        (port == "harbor" && dock == "dock").then_some(())
    })
    .await;
    assert_eq!(tenant_of(&other, "dc=harbor,dc=example"), None);
    other.stop().await;
}
