//! Loading a tenant, at a start or when it comes back.

use std::sync::{Mutex, PoisonError};
use std::{iter, thread};

use jackfield_directory::snapshot::Work;
use jackfield_directory::{ApplyError, Snapshot};
use jackfield_model::{Change, TenantId};
use jackfield_store::{self as store, Store};

use crate::beside::beside;

/// Roles are resolved once for so many changes of a load.
const LOAD_CHUNK: usize = 2_000;

/// Loads a tenant from nothing: the store reads while the snapshot is built beside it.
pub(crate) async fn load(store: &dyn Store, id: TenantId) -> store::Result<Snapshot> {
    let (sender, chunks) = std::sync::mpsc::channel::<Vec<Change>>();
    let building = tokio::task::spawn_blocking(move || {
        let mut snapshot = Snapshot::empty();
        for chunk in chunks {
            snapshot.apply_changes(&chunk)?;
        }
        Ok::<_, ApplyError>(snapshot)
    });
    let (mut chunk, mut count) = (Vec::with_capacity(LOAD_CHUNK), 0);
    let loaded = store
        .load(id, &mut |change| {
            chunk.push(change);
            count += 1;
            if chunk.len() == LOAD_CHUNK {
                // Nobody takes it any more only if building failed, which is told below.
                let _ = sender.send(std::mem::replace(
                    &mut chunk,
                    Vec::with_capacity(LOAD_CHUNK),
                ));
            }
        })
        .await;
    let _ = sender.send(chunk);
    drop(sender);
    let built = building.await.map_err(|_| unreadable())?;
    let (head, mut snapshot) = (
        loaded?,
        built.map_err(|e| store::Error::Corrupt(e.to_string()))?,
    );
    let indexed = beside(count, move || {
        snapshot.loaded(head.revision, head.next_number, on_all_processors);
        snapshot
    });
    let snapshot = indexed.await.map_err(|_| unreadable())?;
    for activity in store.activity(id).await? {
        snapshot
            .last_use()
            .note(activity.subject, activity.last_used);
    }
    Ok(snapshot)
}

fn unreadable() -> store::Error {
    store::Error::Corrupt("it cannot be read".into())
}

/// Does work, in pieces on all processors.
fn on_all_processors(work: Vec<Work<'_>>) {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let left = Mutex::new(work.into_iter());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| iter::from_fn(next).for_each(|it| it()));
        }
    });
}
