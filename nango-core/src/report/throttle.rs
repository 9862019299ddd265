//! Lines of a log at a bounded rate.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::sync::lock;

/// The time in which one line of a kind is written.
const PERIOD: Duration = Duration::from_secs(30);

/// Decides which failures are logged: the first of a kind at once, and then one in each period.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<HashMap<&'static str, Kind>>);

#[derive(Debug)]
struct Kind {
    logged_at: Instant,
    left_out: u64,
}

impl Throttle {
    /// Returns the number of lines that were left out since the last one, if a line is due now.
    pub(super) fn admit(&self, kind: &'static str, now: Instant) -> Option<u64> {
        let mut kinds = lock(&self.0);
        let Some(state) = kinds.get_mut(kind) else {
            kinds.insert(kind, Kind { logged_at: now, left_out: 0 });
            return Some(0);
        };
        if now.saturating_duration_since(state.logged_at) < PERIOD {
            state.left_out += 1;
            return None;
        }
        state.logged_at = now;
        Some(std::mem::take(&mut state.left_out))
    }

    /// Returns the kinds of which lines were left out in a period that is over, with their number.
    pub(super) fn flush(&self, now: Instant) -> Vec<(&'static str, u64)> {
        let mut kinds = lock(&self.0);
        let is_over = |state: &Kind| now.saturating_duration_since(state.logged_at) >= PERIOD;
        let over = kinds.iter_mut().filter(|(_, state)| state.left_out > 0 && is_over(state));
        over.map(|(kind, state)| {
            state.logged_at = now;
            (*kind, std::mem::take(&mut state.left_out))
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_each_kind_is_written_in_a_period_and_the_others_are_counted() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        assert_eq!(throttle.admit("look", now), Some(0));
        assert_eq!(throttle.admit("sweep", now), Some(0), "another kind has a line of its own");
        for _ in 0..7 {
            assert_eq!(throttle.admit("look", now), None);
        }
        assert_eq!(throttle.flush(now), []);
        assert_eq!(throttle.admit("look", now + PERIOD), Some(7));
        assert_eq!(throttle.admit("look", now + PERIOD), None);
        assert_eq!(throttle.flush(now + PERIOD * 2), [("look", 1)]);
        assert_eq!(throttle.flush(now + PERIOD * 3), [], "nothing is counted twice");
    }
}
