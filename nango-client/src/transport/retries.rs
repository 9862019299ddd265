//! The policy of retries.

use std::time::Duration;

use super::rate_limit::LONGEST_WAIT;

/// The wait after the first failure; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The policy by which a call is tried again after a failure that may pass.
///
/// Calls that have the same effect twice are tried again, and others only while no connection can be made:
/// they never reach Nango twice. The pauses double, unless Nango asks for one with `Retry-After`, and
/// have up to a quarter more by chance, so that many clients do not retry at once. Failures that a retry
/// does not mend are never retried.
///
/// ```
/// use std::time::Duration;
///
/// use nango_client::{Client, RetryPolicy};
///
/// let client = Client::new("https://api.nango.dev", "key")?
///     .with_retries(RetryPolicy::new(3).first_pause(Duration::from_millis(100)))
///     .with_deadline(Duration::from_secs(15));
/// # let _ = client;
/// # Ok::<(), nango_client::ConfigError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
    spares_rate_limit: bool,
}

impl RetryPolicy {
    /// Makes each call once: the default of a client.
    pub const NONE: Self = Self::new(1);

    /// Makes up to four attempts, and leaves the last of the rate limit to other calls: the policy of
    /// [`Client::background`](crate::Client::background).
    pub const BACKGROUND: Self = Self::new(4).spare_rate_limit();

    /// Makes up to this many attempts, at least one.
    pub const fn new(attempts: u32) -> Self {
        let attempts = if attempts == 0 { 1 } else { attempts };
        Self { attempts, first_pause: FIRST_PAUSE, longest_pause: LONGEST_WAIT, spares_rate_limit: false }
    }

    /// Sets the pause after the first failure; 250 ms by default.
    pub const fn first_pause(mut self, span: Duration) -> Self {
        self.first_pause = span;
        self
    }

    /// Sets the longest pause, also of those that Nango asks for; 61 s by default, a second more than its
    /// window. Where it asks for more, the call fails.
    pub const fn longest_pause(mut self, span: Duration) -> Self {
        self.longest_pause = span;
        self
    }

    /// Waits before a call, at most a minute, while less than a fifth is left of the rate limit.
    pub const fn spare_rate_limit(mut self) -> Self {
        self.spares_rate_limit = true;
        self
    }

    pub(super) fn attempts(self) -> u32 {
        self.attempts
    }

    pub(super) fn spares_rate_limit(self) -> bool {
        self.spares_rate_limit
    }

    /// Returns the pause before the next attempt.
    pub(super) fn pause(self, failures: u32, asked: Option<Duration>) -> Duration {
        let wait = asked.unwrap_or_else(|| self.first_pause.saturating_mul(2_u32.saturating_pow(failures)));
        wait.min(self.longest_pause).mul_f64(rand::random_range(1.0..1.25))
    }

    /// Returns `true` if Nango asks for a longer pause than a call makes.
    pub(super) fn is_too_long(self, asked: Option<Duration>) -> bool {
        self.longest_pause < LONGEST_WAIT && asked.is_some_and(|asked| asked > self.longest_pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_grow_and_obey_retry_after() {
        let between = |wait: Duration, least: u64| {
            wait >= Duration::from_millis(least) && wait <= Duration::from_micros(least * 1_250)
        };
        let policy = RetryPolicy::BACKGROUND;
        assert!(between(policy.pause(0, None), 250));
        assert!(between(policy.pause(2, None), 1_000));
        assert!(between(policy.pause(99, None), 61_000));
        assert!(between(policy.pause(0, Some(Duration::from_secs(7))), 7_000));
        assert!(between(policy.pause(0, Some(Duration::from_secs(3_600))), 61_000));
        let short = RetryPolicy::new(2).longest_pause(Duration::from_secs(1));
        assert!(short.is_too_long(Some(Duration::from_secs(2))) && !short.is_too_long(None));
        assert_eq!(RetryPolicy::new(0).attempts(), 1);
    }
}
