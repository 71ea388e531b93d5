//! All that a gateway has to tell of itself.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jackfield_model::Kind;

use super::family::Family;
use super::{Following, Metrics, REASONS, Writes};
use crate::gateway::Gateway;
use crate::tenant::Tenant;

impl Gateway {
    /// What is counted here, and how much there is of what is held here; each tenant's revision and
    /// people only if its name may be told.
    pub fn families(&self, with_tenants: bool) -> Vec<Family> {
        let metrics = self.metrics();
        let mut all = metrics.of_operations();
        all.extend([
            metrics.of_refusals(),
            Family::counter(
                "jackfield_lockouts_total",
                "Accounts locked for a network after wrong passwords.",
            )
            .with(&[], metrics.lockouts.get()),
            Family::gauge(
                "jackfield_locked_accounts",
                "Accounts that this node keeps locked for a network now.",
            )
            .with(&[], number(self.lockouts().locked(self.now()))),
            self.of_limits(),
            Family::gauge(
                "jackfield_password_hashes_waiting",
                "Passwords that wait for their turn to be hashed.",
            )
            .with(&[], metrics.hashes_waiting.get()),
            Family::histogram(
                "jackfield_password_hash_duration_seconds",
                "Time to hash or check a password, its wait not included.",
            )
            .with(&[], metrics.hashing.spread()),
        ]);
        all.extend(metrics.writes.families());
        all.extend(metrics.following.families());
        all.extend(self.of_tenants(with_tenants));
        all
    }

    fn of_limits(&self) -> Family {
        let mut family = Family::counter(
            "jackfield_rate_limited_total",
            "Requests refused since too many had come, by whose limit it was.",
        );
        for (limit, count) in self.meters().refused() {
            family.add(&[("limit", limit)], count);
        }
        family
    }

    fn of_tenants(&self, by_name: bool) -> Vec<Family> {
        let tenants = self.all_tenants();
        let is_suspended = |tenant: &&Tenant| tenant.snapshot().settings().suspended;
        let suspended = tenants.iter().filter(is_suspended).count();
        let mut records: BTreeMap<&str, usize> = BTreeMap::new();
        for tenant in &tenants {
            let snapshot = tenant.snapshot();
            for kind in Kind::ALL {
                *records.entry(kind.name()).or_default() += snapshot.len(kind);
            }
        }
        let mut all = vec![
            Family::gauge("jackfield_tenants", "Tenants held in memory.")
                .with(&[("state", "served")], number(tenants.len() - suspended))
                .with(&[("state", "suspended")], number(suspended)),
        ];
        let mut family = Family::gauge("jackfield_records", "Records of all tenants, by kind.");
        for (kind, count) in records {
            family.add(&[("kind", kind)], number(count));
        }
        all.push(family);
        if by_name {
            let mut revisions = Family::gauge("jackfield_tenant_revision", "A tenant's revision.");
            let mut users = Family::gauge("jackfield_tenant_users", "A tenant's people.");
            for tenant in &tenants {
                let (snapshot, label) = (tenant.snapshot(), [("tenant", tenant.name().as_str())]);
                revisions.add(&label, snapshot.revision().0);
                users.add(&label, number(snapshot.len(Kind::User)));
            }
            all.extend([revisions, users]);
        }
        all
    }
}

impl Metrics {
    fn of_operations(&self) -> Vec<Family> {
        let mut requests = Family::counter(
            "jackfield_requests_total",
            "Operations that ended, by result code or status.",
        );
        let mut durations = Family::histogram(
            "jackfield_request_duration_seconds",
            "Time from an operation's request to the end of its answer, or to the head of an HTTP \
             answer.",
        );
        for operation in self.operations().iter() {
            let named = [
                ("protocol", operation.protocol),
                ("operation", operation.name),
            ];
            let spread = operation.duration.spread();
            // What nobody ever asked for takes no room.
            if spread.count == 0 {
                continue;
            }
            let [protocol, name] = named;
            for (code, count) in operation.outcomes() {
                let code = code.map_or_else(|| "other".to_owned(), |code| code.to_string());
                requests.add(&[protocol, name, ("code", &code)], count);
            }
            durations.add(&named, spread);
        }
        vec![requests, durations]
    }

    fn of_refusals(&self) -> Family {
        let mut family = Family::counter(
            "jackfield_logins_refused_total",
            "Binds, tokens and other credentials that were not taken, by reason.",
        );
        for (reason, counter) in REASONS.into_iter().zip(&self.refused) {
            family.add(&[("reason", reason)], counter.get());
        }
        family
    }
}

impl Writes {
    fn families(&self) -> [Family; 4] {
        [
            Family::counter("jackfield_writes_total", "Commands to write, by outcome.")
                .with(&[("outcome", "committed")], self.committed.get())
                .with(&[("outcome", "refused")], self.refused.get())
                .with(&[("outcome", "failed")], self.failed.get()),
            Family::counter(
                "jackfield_commit_conflicts_total",
                "Commits that had to be planned anew, since another process was faster.",
            )
            .with(&[], self.conflicts.get()),
            Family::histogram(
                "jackfield_commit_duration_seconds",
                "Time of a commit, of one command or of many that came together.",
            )
            .with(&[], self.commit.spread()),
            Family::histogram(
                "jackfield_publish_duration_seconds",
                "Time from a commit until every reader on this node sees it.",
            )
            .with(&[], self.publish.spread()),
        ]
    }
}

impl Following {
    fn families(&self) -> [Family; 4] {
        let last = u64::try_from(self.last_look.load(Ordering::Relaxed)).unwrap_or(0);
        [
            Family::counter(
                "jackfield_store_looks_total",
                "Looks at what others have written to the store, by outcome.",
            )
            .with(&[("outcome", "done")], self.looks.get())
            .with(&[("outcome", "failed")], self.failed_looks.get()),
            Family::gauge(
                "jackfield_store_last_look_timestamp_seconds",
                "When the store was last looked at with success, in seconds since 1970.",
            )
            .with(&[], Duration::from_micros(last)),
            Family::gauge(
                "jackfield_revisions_behind",
                "Revisions that the last look found and that were not published here yet.",
            )
            .with(&[], self.behind.load(Ordering::Relaxed)),
            Family::histogram(
                "jackfield_follow_lag_seconds",
                "Age of what others had written, when it was published here.",
            )
            .with(&[], self.lag.spread()),
        ]
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
