//! StartTLS and LDAPS.

use jackfield_tests::Server;
use jackfield_tests::tools::Tools;
use ldap3::{LdapConnAsync, LdapConnSettings};

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

#[test]
fn before_a_bind_only_the_root_and_the_schema_are_read() {
    let (server, access) = Server::bootstrapped().unwrap();
    let nobody = Tools::anonymous(&server.ldap_url(), &access.ldap.base);
    let root = nobody
        .search_at("", &["-s", "base", "(objectClass=*)", "+"])
        .unwrap()
        .expect(0);
    assert!(
        root.values("supportedLDAPVersion").contains(&"3"),
        "{}",
        root.stdout
    );
    assert!(
        root.values("supportedExtension")
            .contains(&"1.3.6.1.4.1.1466.20037"),
        "StartTLS"
    );
    let schema = root.values("subschemaSubentry")[0].to_owned();
    let filter = "(objectClass=subschema)";
    let schema = nobody
        .search_at(&schema, &["-s", "base", filter, "+"])
        .unwrap()
        .expect(0);
    assert!(
        schema
            .values("attributeTypes")
            .iter()
            .any(|t| t.contains("'pbxPermission'"))
    );
    let refused = nobody.search(&["(objectClass=*)"]).unwrap();
    assert_ne!(refused.code, 0, "anonymous reads: {}", refused.stdout);
    assert!(refused.dns().is_empty(), "{}", refused.stdout);
}
