//! Exponential back-off.

use std::time::Duration;

/// A pause that doubles with every failure in a row, up to a limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    pub(crate) const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// Returns the pause after the first failure (`failures` = 0) or a later one.
    pub(crate) fn after(self, failures: u32) -> Duration {
        let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.longest)
    }
}

/// Spreads a pause by a quarter to both sides, so that what failed together is not retried
/// together.
pub(crate) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.75..1.25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_limit() {
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        let pauses: Vec<u64> = [0, 1, 5, 6, 31, 32, u32::MAX].map(|n| backoff.after(n).as_secs()).to_vec();
        assert_eq!(pauses, [1, 2, 32, 60, 60, 60, 60]);
    }
}
