//! Retries while the database is locked.

use std::time::{Duration, Instant};

use super::error::is_locked;

/// The longest wait for a lock of another process: half of the ten seconds that Nango gives a
/// webhook.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

const PAUSE: Duration = Duration::from_millis(20);

/// Retries what fails since the database is locked. SQLite's own busy time-out does not cover the
/// switch to WAL, which needs the file exclusively.
pub(super) async fn retry_while_locked<T, F>(attempt: impl Fn() -> F) -> sqlx::Result<T>
where
    F: Future<Output = sqlx::Result<T>>,
{
    let began = Instant::now();
    loop {
        match attempt().await {
            Err(error) if is_locked(&error) && began.elapsed() < LOCK_TIMEOUT => {
                tokio::time::sleep(PAUSE).await;
            }
            result => return result,
        }
    }
}
