//! Dropping audit entries that are older than their tenants want.

use jackfield_model::{AuditChange, AuditEntry, Origin, Outcome, Principal};

use crate::gateway::Gateway;
use crate::tenant::Tenant;

impl Gateway {
    /// Drops the audit entries that are older than their tenants want, and tells so in the log.
    pub async fn trim_audit(&self) {
        for tenant in self.all_tenants() {
            if let Err(error) = self.trim_audit_of(&tenant).await {
                tracing::warn!(tenant = %tenant.name(), %error, "old audit entries were not dropped");
            }
        }
    }

    async fn trim_audit_of(&self, tenant: &Tenant) -> Result<(), jackfield_store::Error> {
        let snapshot = tenant.snapshot();
        let Some(days) = snapshot.settings().audit_days else {
            return Ok(());
        };
        let before = self.now().plus_seconds(-i64::from(days) * 86_400);
        let dropped = self.store().trim_audit(tenant.id(), before).await?;
        if dropped == 0 {
            return Ok(());
        }
        let change = AuditChange {
            attribute: "entries".to_owned(),
            before: Some(dropped.to_string()),
            after: None,
        };
        let entry = AuditEntry {
            at: self.now(),
            actor: Principal::System,
            actor_name: Some(String::new()),
            origin: Origin::local("system"),
            action: "audit.trim".into(),
            target: None,
            target_name: String::new(),
            outcome: Outcome::Done,
            changes: vec![change],
        };
        self.store().append_audit(tenant.id(), &[entry]).await
    }
}
