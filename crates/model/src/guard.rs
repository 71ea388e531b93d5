//! The guard against accidents: how far a connection's users may fall in a while.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// When a connection is held: once its active users would have fallen, within a time, by more than
/// a share of them and by at least so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// In percent of the users that the connection had at its height in that time; 100 never
    /// holds.
    pub share: u8,
    /// In users.
    pub minimum: u32,
    /// In seconds.
    pub within: u32,
}

impl Default for Guard {
    /// More than a fifth of the users, and at least 10, in an hour.
    fn default() -> Self {
        Self {
            share: 20,
            minimum: 10,
            within: 3_600,
        }
    }
}

/// What the guard knows of one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// How many active users the connection had before each loss that may still count, as far as
    /// no later one had more: falling, the oldest first, few for each [`Guard::within`].
    #[serde(default)]
    heights: VecDeque<(Timestamp, u32)>,
    /// Since when the connection is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Timestamp>,
    /// Until when the guard looks away, after an operator released the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    free_until: Option<Timestamp>,
}

impl Watch {
    /// Notes that one of so many active users is about to be lost; says whether that is too many.
    pub fn lose(&mut self, guard: &Guard, active: u32, now: Timestamp) -> bool {
        if self.free_until.is_some_and(|until| now < until) {
            return false;
        }
        self.free_until = None;
        let begin = now.plus_seconds(-i64::from(guard.within));
        while self.heights.front().is_some_and(|(at, _)| *at <= begin) {
            self.heights.pop_front();
        }
        while self
            .heights
            .back()
            .is_some_and(|(_, height)| *height <= active)
        {
            self.heights.pop_back();
        }
        // A height counts for its successors of the same moment.
        let step = i64::from(guard.within / STEPS);
        let is_new = |(at, _): &(Timestamp, u32)| at.plus_seconds(step) < now;
        if self.heights.back().is_none_or(is_new) {
            self.heights.push_back((now, active));
        }
        let top = self.heights.front().map_or(active, |(_, height)| *height);
        let fall = top.saturating_sub(active.saturating_sub(1));
        let is_large = u64::from(fall) * 100 > u64::from(top) * u64::from(guard.share);
        fall >= guard.minimum && is_large
    }

    /// How many active users the connection had before its losses.
    pub fn height(&self) -> Option<u32> {
        self.heights.front().map(|(_, height)| *height)
    }

    /// Lets the connection go on; the guard looks away for as long as it looks back.
    pub fn release(&mut self, guard: &Guard, now: Timestamp) {
        *self = Self {
            free_until: Some(now.plus_seconds(i64::from(guard.within))),
            ..Self::default()
        };
    }
}

/// How many heights are kept for each `within`, at most: a loss counts for as long as `within` but
/// for one step of that many.
const STEPS: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const GUARD: Guard = Guard {
        share: 20,
        minimum: 10,
        within: 3_600,
    };

    /// Loses users one by one, `seconds` apart; returns how many before the guard says no.
    fn fall(watch: &mut Watch, guard: &Guard, active: u32, from: i64, seconds: i64) -> u32 {
        let mut at = Timestamp(0).plus_seconds(from);
        (0..active)
            .find(|lost| {
                at = at.plus_seconds(seconds);
                watch.lose(guard, active - lost, at)
            })
            .unwrap_or(active)
    }

    #[test]
    fn more_than_the_share_and_at_least_the_minimum_is_too_many() {
        // Users; how many may go at once.
        for (active, expected) in [
            (5, 5),
            (9, 9),
            (10, 9),
            (40, 9),
            (50, 10),
            (100, 20),
            (10_000, 2_000),
        ] {
            let mut watch = Watch::default();
            assert_eq!(fall(&mut watch, &GUARD, active, 0, 0), expected, "{active}");
        }
        let never = Guard {
            share: 100,
            ..GUARD
        };
        assert_eq!(fall(&mut Watch::default(), &never, 500, 0, 0), 500);
        let strict = Guard {
            share: 0,
            minimum: 1,
            within: 1,
        };
        assert_eq!(fall(&mut Watch::default(), &strict, 500, 0, 0), 0);
    }

    #[test]
    fn what_goes_slowly_and_what_comes_and_goes_is_no_accident() {
        // Seven or eight within an hour.
        assert_eq!(fall(&mut Watch::default(), &GUARD, 100, 0, 480), 100);
        // Fifteen: more than a fifth once fewer than 75 are left.
        let mut watch = Watch::default();
        assert_eq!(fall(&mut watch, &GUARD, 100, 0, 240), 40);
        let json = serde_json::to_string(&watch).expect("JSON");
        assert!(json.len() < 1_000, "it stays small: {json}");
        // A test suite that makes and deletes users.
        let mut watch = Watch::default();
        for second in 0..1_000 {
            assert!(!watch.lose(&GUARD, 3, Timestamp(0).plus_seconds(second)));
        }
    }

    #[test]
    fn a_release_lasts_as_long_as_the_guard_looks_back() {
        let mut watch = Watch::default();
        assert_eq!(fall(&mut watch, &GUARD, 100, 0, 1), 20);
        watch.release(&GUARD, Timestamp(0).plus_seconds(100));
        assert_eq!(fall(&mut watch, &GUARD, 80, 100, 1), 80);
        assert_eq!(
            fall(&mut watch, &GUARD, 100, 3_699, 1),
            20,
            "it looks again"
        );
    }
}
