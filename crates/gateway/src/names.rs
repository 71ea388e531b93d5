//! Which tenant a name belongs to, found without asking every tenant.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use foldhash::HashMap;
use jackfield_directory::Snapshot;
use jackfield_model::Dn;
use smol_str::SmolStr;

use crate::tenant::Tenant;

/// Counts how often what tenants are called changed, on this node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Renames(Arc<AtomicU64>);

impl Renames {
    /// Says that tenants came or went.
    pub(crate) fn note(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    /// Says that a tenant is now another one than before; call it once that is published.
    pub(crate) fn compare(&self, before: &Snapshot, after: &Snapshot) {
        let (before, after) = (before.settings(), after.settings());
        let is_same = Arc::ptr_eq(before, after)
            || before.suffix == after.suffix
                && before.domains == after.domains
                && before.suspended == after.suspended;
        if !is_same {
            self.note();
        }
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// The names of all tenants; made anew when one of them changes.
#[derive(Default)]
pub(crate) struct Names(ArcSwap<Index>);

#[derive(Default)]
struct Index {
    /// As of how many renames; none at all at first.
    renames: Option<u64>,
    /// By the suffix's key.
    suffixes: HashMap<SmolStr, Tenant>,
    /// `None` where several tenants declare the domain.
    domains: HashMap<SmolStr, Option<Tenant>>,
}

impl Names {
    /// The tenant in whose tree the name stands.
    pub(crate) fn of_dn<'t, I: Iterator<Item = &'t Tenant>>(
        &self,
        dn: &Dn,
        renames: &Renames,
        tenants: impl FnOnce() -> I,
    ) -> Option<Tenant> {
        let index = self.index(renames, tenants);
        let key = dn.key();
        let mut above = Some(key.as_str());
        let mut rdns = dn.rdns().iter();
        while let Some(place) = above {
            if let Some(tenant) = index.suffixes.get(place) {
                return Some(tenant.clone());
            }
            // Behind the RDN and its comma; the root is behind the last.
            above = rdns
                .next()
                .map(|rdn| place.get(rdn.key().len() + 1..).unwrap_or_default());
        }
        None
    }

    /// The one tenant that declares this mail domain.
    pub(crate) fn of_domain<'t, I: Iterator<Item = &'t Tenant>>(
        &self,
        domain: &str,
        renames: &Renames,
        tenants: impl FnOnce() -> I,
    ) -> Option<Tenant> {
        let index = self.index(renames, tenants);
        let domain = domain.to_ascii_lowercase();
        index.domains.get(domain.as_str()).cloned().flatten()
    }

    fn index<'t, I: Iterator<Item = &'t Tenant>>(
        &self,
        renames: &Renames,
        tenants: impl FnOnce() -> I,
    ) -> Arc<Index> {
        // Counted before the tenants are looked at: what changes meanwhile is seen the next time.
        let count = renames.count();
        let index = self.0.load_full();
        if index.renames == Some(count) {
            return index;
        }
        let index = Arc::new(Index::of(count, tenants()));
        self.0.store(Arc::clone(&index));
        index
    }
}

impl Index {
    fn of<'t>(renames: u64, tenants: impl Iterator<Item = &'t Tenant>) -> Self {
        let mut index = Self {
            renames: Some(renames),
            ..Self::default()
        };
        for tenant in tenants {
            let snapshot = tenant.snapshot();
            let settings = snapshot.settings();
            if settings.suspended {
                continue;
            }
            index.suffixes.insert(settings.suffix.key(), tenant.clone());
            for domain in &settings.domains {
                let domain = SmolStr::from(domain.to_ascii_lowercase());
                let declared = index.domains.entry(domain);
                declared
                    .and_modify(|tenant| *tenant = None)
                    .or_insert_with(|| Some(tenant.clone()));
            }
        }
        index
    }
}
