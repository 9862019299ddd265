//! The pools that stores make for themselves.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::{PoolConnectionMetadata, PoolOptions};
use sqlx::{Connection as _, Database};

/// The longest wait for a connection of the pool: half of the ten seconds that Nango gives a
/// webhook.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// The time after which an idle connection is tested before its next use. Servers, poolers and
/// firewalls close connections that are idle for longer.
const TEST_AFTER: Duration = Duration::from_secs(1);

/// The time of a store's last failure. A lost connection seldom comes alone: every connection that
/// was last used before it is tested.
#[derive(Clone, Default)]
pub(crate) struct LastFailure(Arc<Mutex<Option<Instant>>>);

impl LastFailure {
    pub(crate) fn record(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Returns true for a connection that was idle for this time if it may be lost.
    fn is_in_doubt(&self, idle_for: Duration) -> bool {
        let failed_at = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle_for >= TEST_AFTER || failed_at.is_some_and(|at| at.elapsed() <= idle_for)
    }
}

/// Creates the options of a pool that tests a connection only where it may be lost. The pools of
/// sqlx test it before each use by default, which is a round trip before each statement.
pub(crate) fn pool_options<DB: Database>(last_failure: &LastFailure) -> PoolOptions<DB> {
    let last_failure = last_failure.clone();
    PoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT).test_before_acquire(false).before_acquire(
        move |connection: &mut DB::Connection, PoolConnectionMetadata { idle_for, .. }| {
            let is_in_doubt = last_failure.is_in_doubt(idle_for);
            Box::pin(async move { Ok(!is_in_doubt || connection.ping().await.is_ok()) })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_in_doubt_after_a_second_and_after_a_failure() {
        let last_failure = LastFailure::default();
        let (short, long) = (Duration::from_millis(500), TEST_AFTER);
        assert!(!last_failure.is_in_doubt(short) && last_failure.is_in_doubt(long));
        last_failure.record();
        assert!(last_failure.is_in_doubt(short), "it was used before the failure");
        std::thread::sleep(Duration::from_millis(2));
        assert!(!last_failure.is_in_doubt(Duration::from_millis(1)), "it was used after the failure");
    }
}
