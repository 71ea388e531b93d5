//! The root DSE (RFC 4512 §5.1).

use jackfield_model::Dn;

use crate::client::Client;
use crate::controls;
use crate::extended::{CANCEL, START_TLS, WHO_AM_I};
use crate::synthetic::Synthetic;
use crate::write::password;

/// "All operational attributes" (RFC 3673) and absolute true and false filters (RFC 4526).
const FEATURES: [&str; 2] = ["1.3.6.1.4.1.4203.1.5.1", "1.3.6.1.4.1.4203.1.5.3"];

/// The root DSE as this client sees it: before a bind it lists no tenants but the listener's, for
/// who is served here is nobody else's business.
pub(crate) fn entry(client: &Client) -> Synthetic {
    let mut extensions = vec![WHO_AM_I, CANCEL];
    if client.is_secure() {
        extensions.push(password::OID);
    }
    if client.may_start_tls() {
        extensions.push(START_TLS);
    }
    let contexts = client
        .shown_tenant()
        .map(|tenant| tenant.suffix().to_string());
    Synthetic::new(Dn::ROOT, &["top"], true)
        .with("namingContexts", contexts)
        .with("supportedControl", controls::SUPPORTED)
        .with("supportedExtension", extensions)
        .with("supportedFeatures", FEATURES)
        .with("supportedLDAPVersion", ["3"])
        .with("vendorName", ["Jackfield"])
        .with("vendorVersion", [env!("CARGO_PKG_VERSION")])
}
