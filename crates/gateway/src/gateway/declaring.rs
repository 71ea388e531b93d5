//! Putting in place what tenants' files declare.

use std::collections::HashSet;

use jackfield_access::Mandate;
use jackfield_directory::Command;
use jackfield_directory::plan::Declaration;
use jackfield_model::{Origin, Principal, TenantId, TenantName};

use super::Gateway;
use super::loading::untold;
use crate::error::Error;
use crate::planning::Write;
use crate::tenant::Tenant;

impl Gateway {
    /// Puts in place what a tenant's file declares; makes the tenant if it is not there.
    ///
    /// # Errors
    /// What stands in its way; the tenant then stays as it was.
    pub async fn declare(&self, name: &TenantName, declared: Declaration) -> Result<(), Error> {
        let existing = self.0.tenants.load().get(name).cloned();
        let tenant = match existing {
            Some(tenant) => tenant,
            None => self.create(name).await?,
        };
        self.configure(&tenant, Command::Declare(Box::new(declared)))
            .await
    }

    /// Suspends the tenants whose files are gone.
    ///
    /// # Errors
    /// Of the first that cannot be suspended; the others are even so.
    pub async fn suspend_others(&self, declared: &HashSet<TenantName>) -> Result<(), Error> {
        let all = self.0.tenants.load_full();
        let mut outcome = Ok(());
        for (name, tenant) in all.iter() {
            if !declared.contains(name) && !tenant.snapshot().settings().suspended {
                tracing::warn!(tenant = %name, "the tenant's file is gone: it is suspended");
                let suspended = self.configure(tenant, Command::Suspend(true)).await;
                outcome = outcome.and(suspended);
            }
        }
        outcome
    }

    async fn configure(&self, tenant: &Tenant, command: Command) -> Result<(), Error> {
        let write = Write {
            mandate: Mandate::default(),
            actor: Principal::Config,
            origin: Origin::local("config"),
            command: Box::new(command),
            password: None,
        };
        tenant.write(write).await.map(drop)
    }

    async fn create(&self, name: &TenantName) -> Result<Tenant, Error> {
        let id = TenantId(self.0.ids.id());
        let created = self
            .0
            .store
            .create_tenant(id, name, self.0.clock.now())
            .await;
        match created {
            Ok(head) => self.take_in(head).await.map_err(|error| untold(&error))?,
            Err(error) => {
                // Another process may have made it just now.
                tracing::debug!(tenant = %name, %error, "the tenant was not created");
                self.look_or_tell().await?;
            }
        }
        self.0
            .tenants
            .load()
            .get(name)
            .cloned()
            .ok_or(Error::Unavailable)
    }
}
