//! Retries of transactions that a server has rolled back in favour of others.

use std::time::Duration;

/// Of transactions that conflict, at least one commits in each round: only a crowd that keeps
/// growing can need more.
const MAX_RETRIES: u64 = 16;

/// Retries what fails with a conflict. The server has written nothing then, so a retry cannot apply
/// a change twice.
pub(crate) async fn retry_conflicts<T, F>(
    is_conflict: fn(&sqlx::Error) -> bool,
    attempt: impl Fn() -> F,
) -> sqlx::Result<T>
where
    F: Future<Output = sqlx::Result<T>>,
{
    for retry in 1..=MAX_RETRIES {
        match attempt().await {
            Err(error) if is_conflict(&error) => tokio::time::sleep(Duration::from_millis(retry)).await,
            result => return result,
        }
    }
    attempt().await
}
