//! Trying again what a database gave up for the sake of another transaction.

#[cfg(any(feature = "postgres", feature = "mysql"))]
use std::time::Duration;

/// Rows in one statement: enough to be worth its round trip, few enough for every server's longest packet. On PostgreSQL four
/// times as many measured no faster.
pub(crate) const MANY: usize = 1000;

/// Each time, at least one of those who are in each other's way gets through.
#[cfg(any(feature = "postgres", feature = "mysql"))]
const MOST: u32 = 16;

/// The pauses between tries of one call. Nothing is written by one that failed in this way, so trying again is exact.
#[cfg(any(feature = "postgres", feature = "mysql"))]
#[derive(Default)]
pub(crate) struct Retries(u32);

#[cfg(any(feature = "postgres", feature = "mysql"))]
impl Retries {
    /// Waits, and says whether to try again.
    pub(crate) async fn again(&mut self) -> bool {
        self.0 += 1;
        if self.0 > MOST {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(u64::from(self.0))).await;
        true
    }
}
