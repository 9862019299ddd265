//! The pauses between attempts.

use std::time::Duration;

use super::rate_limit::LONGEST_WAIT;

/// The wait after the first failure; twice as long after each further one.
const FIRST_BACKOFF: Duration = Duration::from_millis(250);

/// Returns the wait before the next attempt: the one that was asked for, or a growing one, and up
/// to a quarter more, so that many clients do not retry at once.
pub(super) fn backoff(failures: u32, asked: Option<Duration>) -> Duration {
    let wait = asked.unwrap_or(FIRST_BACKOFF * 2_u32.saturating_pow(failures));
    wait.min(LONGEST_WAIT).mul_f64(rand::random_range(1.0..1.25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backoff_grows_and_obeys_retry_after() {
        let between = |wait: Duration, least: u64| {
            wait >= Duration::from_millis(least) && wait < Duration::from_millis(least * 5 / 4)
        };
        assert!(between(backoff(0, None), 250));
        assert!(between(backoff(2, None), 1_000));
        assert!(between(backoff(0, Some(Duration::from_secs(7))), 7_000));
        assert!(between(backoff(0, Some(Duration::from_secs(3_600))), 61_000));
    }
}
