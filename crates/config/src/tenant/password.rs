//! `[password_policy]`: what the tenant demands of passwords beyond its role system.

use std::sync::Arc;

use jackfield_access::Catalogue;
use jackfield_access::password::Stricter;

use crate::document::Document;

/// The role system as the tenant has it; tenants without a policy of their own share it.
pub(super) fn stricter(
    mut catalogue: Arc<Catalogue>,
    own: &Stricter,
    document: &mut Document<'_>,
) -> Arc<Catalogue> {
    match catalogue.password.with(own) {
        Ok(policy) if policy == catalogue.password => {}
        Ok(policy) => Arc::make_mut(&mut catalogue).password = policy,
        Err(least) => {
            let length = own.min_length.unwrap_or_default();
            let message = format!("`min_length` cannot be {length}");
            let expected = format!("at least {least}, as the catalogue has it");
            document.problem("password_policy.min_length", message, expected);
        }
    }
    catalogue
}
