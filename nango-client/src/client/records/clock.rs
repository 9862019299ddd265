//! What is known of Nango's clock, without comparing it with another one.

use tokio::time::Instant;

use crate::timestamp::Timestamp;

/// The least that Nango's clock can show: the time of a record has passed once the record was read. How
/// this machine's clock is set does not matter.
#[derive(Clone, Copy)]
pub(super) struct LeastClock {
    time: Timestamp,
    seen: Instant,
}

impl LeastClock {
    /// Begins with a time that has passed.
    pub(super) fn new(time: Timestamp) -> Self {
        Self { time, seen: Instant::now() }
    }

    /// Notes a time that has passed.
    pub(super) fn note(&mut self, time: Timestamp) {
        let now = Instant::now();
        if time > self.at(now) {
            *self = Self { time, seen: now };
        }
    }

    /// Returns the least that the clock can have shown at an instant.
    pub(super) fn at(self, instant: Instant) -> Timestamp {
        let later = self.time.saturating_add(instant.saturating_duration_since(self.seen));
        later.saturating_sub(self.seen.saturating_duration_since(instant))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_clock_is_that_of_the_record_which_says_most() {
        let time = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000).unwrap();
        let mut clock = LeastClock::new(time(100));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(clock.at(Instant::now()), time(110));
        clock.note(time(105)); // It was read late.
        assert_eq!(clock.at(Instant::now()), time(110));
        clock.note(time(150));
        assert_eq!(clock.at(Instant::now()), time(150));
        assert_eq!(clock.at(Instant::now() - Duration::from_secs(10)), time(140));
    }
}
