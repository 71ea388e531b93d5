//! Work that others must not wait for.

/// So many values, members, changes and records are gone through where others wait for the thread:
/// about a millisecond's worth.
const MUCH: usize = 1_000;

/// It panicked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panicked;

/// Does work that is so much: a little at once, much on a thread where it keeps nobody waiting.
pub(crate) async fn beside<T: Send + 'static>(
    how_much: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Panicked> {
    if how_much < MUCH {
        return Ok(work());
    }
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Panicked)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn much_is_done_elsewhere_and_a_panic_there_is_told() {
        let here = thread::current().id();
        for (how_much, is_here) in [(0, true), (MUCH - 1, true), (MUCH, false)] {
            let done = beside(how_much, || thread::current().id()).await;
            assert_eq!(done.unwrap() == here, is_here, "{how_much}");
        }
        let panicking = || panic!("as the test says");
        let panicked = beside::<()>(MUCH, panicking).await;
        assert!(panicked.is_err());
    }
}
