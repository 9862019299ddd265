//! The queues of events that tests share.

use std::sync::Arc;
use std::time::Duration;

use nango_core::{BoxError, WorkQueue};
use nango_nats::{NatsEventQueue, NatsOptions, async_nats};
use nango_sqlx::{Options, PostgresEventQueue, SqliteEventQueue};

/// Opens the queue at a URL, with tables or streams of this prefix.
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
        Some("nats") => {
            let options = NatsOptions::new().prefix(prefix).lease(lease);
            Arc::new(NatsEventQueue::connect_with(url, &options).await?)
        }
        _ => return Err("no queue has such a URL".into()),
    })
}

/// Deletes the tables or streams of a queue, from a test that has ended or is in its runtime.
pub fn delete_queue(url: &str, prefix: &str) {
    let (url, prefix) = (url.to_owned(), prefix.to_owned());
    crate::block_on_thread(async move {
        match url.split(':').next() {
            Some("postgres") => {
                for table in ["connections", "leases", "migrations", "events_queue", "events_migrations"] {
                    crate::execute(&url, format!("DROP TABLE IF EXISTS {prefix}{table}")).await;
                }
            }
            Some("nats") => {
                let Ok(client) = async_nats::connect(url).await else { return };
                for stream in ["events", "claims", "dead"] {
                    let call = format!("$JS.API.STREAM.DELETE.{prefix}_{stream}");
                    // Fails where there is none.
                    let _ = client.request(call, "".into()).await;
                }
            }
            // A file, which its folder takes with it.
            _ => {}
        }
    });
}
