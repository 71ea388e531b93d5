//! The tenants that are served, and finding the tenant of a name.

use jackfield_model::{Dn, TenantName};

use super::Gateway;
use crate::error::Error;
use crate::tenant::Tenant;

impl Gateway {
    /// The tenant of this name.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, or it is suspended.
    pub fn tenant(&self, name: &str) -> Result<Tenant, Error> {
        let not_found = || Error::not_found(format_args!("the tenant {name:?}"));
        let name: TenantName = name.parse().map_err(|_| not_found())?;
        let tenant = self
            .0
            .tenants
            .load()
            .get(&name)
            .cloned()
            .ok_or_else(not_found)?;
        if tenant.snapshot().settings().suspended {
            Err(not_found())
        } else {
            Ok(tenant)
        }
    }

    /// The tenants that are served, by name.
    pub fn tenants(&self) -> Vec<Tenant> {
        let all = self.0.tenants.load();
        all.values()
            .filter(|tenant| !tenant.snapshot().settings().suspended)
            .cloned()
            .collect()
    }

    /// Every tenant, those too that are suspended.
    pub(crate) fn all_tenants(&self) -> Vec<Tenant> {
        self.0.tenants.load().values().cloned().collect()
    }

    /// The tenant in whose tree the name stands.
    pub fn tenant_of_dn(&self, dn: &Dn) -> Option<Tenant> {
        let all = self.0.tenants.load();
        self.0.names.of_dn(dn, &self.0.renames, || all.values())
    }

    /// The one tenant that declares this mail domain.
    pub(crate) fn tenant_of_domain(&self, domain: &str) -> Option<Tenant> {
        let all = self.0.tenants.load();
        self.0
            .names
            .of_domain(domain, &self.0.renames, || all.values())
    }
}
