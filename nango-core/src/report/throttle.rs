//! Lines of a log at a bounded rate.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::sync::lock;

/// The time in which one line of a kind is written.
const PERIOD: Duration = Duration::from_secs(30);

/// Decides which failures are logged: the first of a kind at once, and then the latest in each period, so that
/// what goes on failing for another reason, or somewhere else, is named.
#[derive(Debug)]
pub(super) struct Throttle<T>(Mutex<HashMap<&'static str, Kind<T>>>);

#[derive(Debug)]
struct Kind<T> {
    logged_at: Instant,
    left_out: u64,
    /// Of those that were left out.
    latest: Option<T>,
}

impl<T> Default for Throttle<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Throttle<T> {
    /// Returns the number of lines that were left out since the last one, if a line is due now.
    pub(super) fn admit(&self, kind: &'static str, failure: &T, now: Instant) -> Option<u64> {
        let mut kinds = lock(&self.0);
        let Some(state) = kinds.get_mut(kind) else {
            kinds.insert(kind, Kind { logged_at: now, left_out: 0, latest: None });
            return Some(0);
        };
        if now.saturating_duration_since(state.logged_at) < PERIOD {
            state.left_out += 1;
            state.latest = Some(failure.clone());
            return None;
        }
        state.logged_at = now;
        state.latest = None;
        Some(std::mem::take(&mut state.left_out))
    }

    /// Returns the latest of each kind of which lines were left out in a period that is over, with the number of
    /// the others.
    pub(super) fn flush(&self, now: Instant) -> Vec<(T, u64)> {
        let mut kinds = lock(&self.0);
        let over = |state: &Kind<T>| now.saturating_duration_since(state.logged_at) >= PERIOD;
        let due = kinds.values_mut().filter(|state| over(state)).filter_map(|state| {
            let latest = state.latest.take()?;
            state.logged_at = now;
            Some((latest, std::mem::take(&mut state.left_out).saturating_sub(1)))
        });
        due.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_each_kind_is_written_in_a_period_and_the_others_are_counted() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        assert_eq!(throttle.admit("look", &0, now), Some(0));
        assert_eq!(throttle.admit("sweep", &0, now), Some(0), "another kind has a line of its own");
        for failure in 1..8 {
            assert_eq!(throttle.admit("look", &failure, now), None);
        }
        assert_eq!(throttle.flush(now), []);
        assert_eq!(throttle.admit("look", &8, now + PERIOD), Some(7));
        assert_eq!(throttle.flush(now + PERIOD * 2), [], "what is logged since stands for those before");
        assert_eq!(throttle.admit("look", &9, now + PERIOD * 2), Some(0));
        assert_eq!(throttle.admit("look", &10, now + PERIOD * 2), None);
        assert_eq!(throttle.flush(now + PERIOD * 3), [(10, 0)]);
        assert_eq!(throttle.flush(now + PERIOD * 4), [], "nothing is counted twice");
    }

    #[test]
    fn what_fails_without_a_pause_is_named_in_each_period() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        let mut named = Vec::new();
        for second in 0..120 {
            let now = start + Duration::from_secs(second);
            named.extend(throttle.flush(now));
            if second % 12 == 0
                && let Some(left_out) = throttle.admit("cross_origin", &second, now)
            {
                named.push((second, left_out));
            }
        }
        assert_eq!(named, [(0, 0), (24, 1), (48, 1), (84, 2)]);
    }
}
