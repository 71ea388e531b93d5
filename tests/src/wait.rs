//! Waiting for what happens by itself: another process's change appears, a server gets ready.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take that happens by itself. Generous, since it is only waited for in full
/// when a test fails.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Asks until there is an answer, at most for [`LIMIT`].
pub fn until<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + LIMIT;
    loop {
        let answer = ask();
        if answer.is_some() || Instant::now() > end {
            return answer;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// As [`until`], for a question that waits for an answer itself.
pub async fn until_async<T, F: Future<Output = Option<T>>>(
    mut ask: impl FnMut() -> F,
) -> Option<T> {
    let end = Instant::now() + LIMIT;
    loop {
        let answer = ask().await;
        if answer.is_some() || Instant::now() > end {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
