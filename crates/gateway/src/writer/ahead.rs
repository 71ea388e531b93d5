//! Planning on what is being committed: both processors work on what is done together.

use std::sync::Arc;

use jackfield_directory::Snapshot;
use tokio::task::JoinHandle;

use super::{Group, Writer};

/// A commit that is under way and ends with its answers.
pub(super) struct Flight {
    /// The tenant as it is about to be published.
    snapshot: Arc<Snapshot>,
    landing: JoinHandle<()>,
}

impl Flight {
    /// Waits until everybody has an answer.
    pub(super) async fn land(flight: Option<Self>) {
        if let Some(flight) = flight {
            // Those whom it would answer learn of a panic by themselves.
            let _ = flight.landing.await;
        }
    }
}

impl Writer {
    /// Plans commands while those before them are being committed, and begins to commit them once
    /// those are.
    pub(super) async fn write_ahead(
        self: &Arc<Self>,
        group: Group,
        before: Option<Flight>,
    ) -> Flight {
        let mut base = match &before {
            Some(flight) => Arc::clone(&flight.snapshot),
            None => self.published.load_full(),
        };
        let mut batch = self.plan(&base, &group).await;
        Flight::land(before).await;
        let published = self.published.load_full();
        if !Arc::ptr_eq(&base, &published) {
            // It came otherwise.
            base = published;
            batch = self.plan(&base, &group).await;
        }
        let (writer, snapshot) = (Arc::clone(self), Arc::clone(&batch.snapshot));
        let landing = tokio::spawn(async move { writer.complete(base, batch, group).await });
        Flight { snapshot, landing }
    }
}
