//! Leaving alone for a while what has just failed.

use std::time::Duration;

use tokio::time::Instant;

const SHORTEST: Duration = Duration::from_millis(250);

/// The longest rest, after some failures one after the other.
const LONGEST: Duration = Duration::from_mins(1);

/// Until when something is not tried again. The rests double while failures follow one another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    length: Duration,
    until: Instant,
}

impl Rest {
    /// The rest after a failure, and after the rest that was before it.
    pub(super) fn after(before: Option<Self>) -> Self {
        let length = before.map_or(SHORTEST, |before| LONGEST.min(before.length * 2));
        let until = Instant::now() + length;
        Self { length, until }
    }

    /// Whether it is over.
    pub(super) fn is_over(&self) -> bool {
        self.until <= Instant::now()
    }

    /// Waits until it is over.
    pub(super) async fn end(&self) {
        tokio::time::sleep_until(self.until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_up_to_a_minute() {
        let mut rest = None;
        let lengths: Vec<_> = (0..10)
            .map(|_| {
                let next = Rest::after(rest);
                assert!(!next.is_over());
                rest = Some(next);
                next.length.as_millis()
            })
            .collect();
        let expected = [
            250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
        ];
        assert_eq!(lengths, expected);
    }
}
