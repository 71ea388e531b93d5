//! What is counted of each operation: its statuses, and after how long the head of its answer was there.

use std::sync::Arc;
use std::time::Instant;

use axum::http::{Method, StatusCode};
use jackfield_gateway::Metrics;
use jackfield_gateway::metrics::Operation;

use crate::routes::{Operation as Asked, Place};

/// The place of each operation's counters.
pub(crate) struct Counted {
    create: Arc<Operation>,
    get: Arc<Operation>,
    list: Arc<Operation>,
    search: Arc<Operation>,
    replace: Arc<Operation>,
    patch: Arc<Operation>,
    delete: Arc<Operation>,
    bulk: Arc<Operation>,
    discovery: Arc<Operation>,
    /// A path or method that there is not.
    unknown: Arc<Operation>,
}

impl Counted {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let operation = |name| metrics.operation("scim", name, 200..600);
        Self {
            create: operation("create"),
            get: operation("get"),
            list: operation("list"),
            search: operation("search"),
            replace: operation("replace"),
            patch: operation("patch"),
            delete: operation("delete"),
            bulk: operation("bulk"),
            discovery: operation("discovery"),
            unknown: operation("unknown"),
        }
    }

    /// A request for a place, if it is one, was answered that came at this moment.
    pub(crate) fn answered(
        &self,
        place: Option<Place>,
        method: &Method,
        status: StatusCode,
        since: Instant,
    ) {
        let counted = match place.and_then(|place| place.operation(method.as_str())) {
            Some(Asked::Get(_) | Asked::GetOffered(_)) => &self.get,
            Some(Asked::List(_) | Asked::ListOffered(_)) => &self.list,
            Some(Asked::Search(_) | Asked::SearchOffered(_)) => &self.search,
            Some(Asked::Create(_)) => &self.create,
            Some(Asked::Replace(_)) => &self.replace,
            Some(Asked::Patch(_)) => &self.patch,
            Some(Asked::Delete(_)) => &self.delete,
            Some(Asked::Discover(_)) => &self.discovery,
            Some(Asked::Bulk) => &self.bulk,
            None => &self.unknown,
        };
        counted.count(status.as_u16(), since.elapsed());
    }
}
