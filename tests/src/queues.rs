//! The queues of events that tests share.

use std::sync::Arc;
use std::time::Duration;

use nango_core::{BoxError, WorkQueue};
use nango_sqlx::{Options, PostgresEventQueue, SqliteEventQueue};

/// Opens the queue at a URL, with tables of this prefix.
///
/// # Errors
///
/// When it cannot be opened, or no queue has such a URL.
pub async fn open_queue(url: &str, prefix: &str, lease: Duration) -> Result<Arc<dyn WorkQueue>, BoxError> {
    let options = Options::new().table_prefix(prefix);
    let scheme = url.split(':').next();
    Ok(match scheme {
        Some("sqlite") => Arc::new(SqliteEventQueue::connect_with(url, &options).await?.lease(lease)),
        Some("postgres") => Arc::new(PostgresEventQueue::connect_with(url, &options).await?.lease(lease)),
        _ => return Err("no queue has such a URL".into()),
    })
}
