//! The root DSE (RFC 4512 §5.1).

use jackfield_model::{Dn, View};

use crate::client::Client;
use crate::controls;
use crate::extended::{CANCEL, START_TLS, WHO_AM_I};
use crate::record;
use crate::sasl::MECHANISMS;
use crate::schema::Schema;
use crate::synthetic::Synthetic;
use crate::write::password;

/// "All operational attributes" (RFC 3673), attributes by object class (RFC 4529), absolute true
/// and false filters (RFC 4526), language tags and ranges (RFC 3866).
const FEATURES: [&str; 5] = [
    "1.3.6.1.4.1.4203.1.5.1",
    "1.3.6.1.4.1.4203.1.5.2",
    "1.3.6.1.4.1.4203.1.5.3",
    "1.3.6.1.4.1.4203.1.5.4",
    "1.3.6.1.4.1.4203.1.5.5",
];

/// LDAP_CAP_ACTIVE_DIRECTORY_OID ([MS-ADTS] §3.1.1.3.4.3.1).
const ACTIVE_DIRECTORY: &str = "1.2.840.113556.1.4.800";

/// The root DSE as this client sees it: before a bind it lists no tenants but the listener's, for
/// who is served here is nobody else's business.
pub(crate) fn entry(client: &Client, schema: &Schema) -> Synthetic {
    let mut extensions = vec![WHO_AM_I, CANCEL];
    if client.is_secure() {
        extensions.push(password::OID);
    }
    if client.may_start_tls() {
        extensions.push(START_TLS);
    }
    let tenant = client.shown_tenant();
    let contexts = tenant.as_ref().map(|tenant| tenant.suffix().to_string());
    let has_version_2 = tenant.is_some_and(|tenant| tenant.settings().ldap_version_2);
    let versions = has_version_2.then_some("2").into_iter().chain(["3"]);
    let mechanisms = MECHANISMS.iter().filter(|it| (it.is_offered)(client));
    // The subschema is below it, too.
    let entry = Synthetic::new(Dn::ROOT, &["top"], 1 + usize::from(contexts.is_some()))
        .with("namingContexts", contexts.clone())
        .with("supportedControl", controls::SUPPORTED)
        .with("supportedExtension", extensions)
        .with("supportedFeatures", FEATURES)
        .with("supportedLDAPVersion", versions)
        .with(
            "supportedSASLMechanisms",
            mechanisms.map(|offered| offered.name),
        )
        .with("vendorName", ["Jackfield"])
        .with("vendorVersion", [env!("CARGO_PKG_VERSION")]);
    match contexts {
        Some(context) if schema.views().contains(View::ActiveDirectory) => {
            let now = record::windows_time(client.ldap.gateway.now());
            entry
                .with("currentTime", [now])
                .with("dnsHostName", client.ldap.options.host.clone())
                .with("defaultNamingContext", [context.clone()])
                .with("rootDomainNamingContext", [context])
                .with("supportedCapabilities", [ACTIVE_DIRECTORY])
        }
        _ => entry,
    }
}
