//! The app's queue of events. The command never creates or alters its table or its streams.

use nango_core::{BoxError, StoreError, WorkQueue};
use nango_nats::{NatsEventQueue, NatsOptions};
use nango_sqlx::{PostgresStore, SqliteStore};

use crate::args::DatabaseArgs;
use crate::database::{options, scheme};

/// Opens the queue.
pub(crate) async fn open(args: &DatabaseArgs) -> Result<Box<dyn WorkQueue>, BoxError> {
    let (url, options) = (&args.url, options(args));
    Ok(match scheme(url) {
        Some("sqlite") => {
            let store = SqliteStore::connect_with(url, &options).await?;
            Box::new(store.event_queue(&options).await.map_err(explain)?)
        }
        Some("postgres" | "postgresql") => {
            let store = PostgresStore::connect_with(url, &options).await?;
            Box::new(store.event_queue(&options).await.map_err(explain)?)
        }
        Some("nats" | "tls") => {
            // Streams have the queue's name without a table's.
            let options = NatsOptions::new().prefix(format!("{}events", args.table_prefix)).create(false);
            Box::new(NatsEventQueue::connect_with(url, &options).await.map_err(|error| name_places(&error))?)
        }
        Some("mysql" | "mariadb") => {
            return Err(
                "there is no queue of events in MySQL; an app whose store is there keeps its queue in \
                SQLite, in a file of its own (--database sqlite://FILE), in PostgreSQL or in NATS JetStream"
                    .into(),
            );
        }
        // Without the text, which may contain a password.
        _ => return Err("--database takes sqlite://FILE, postgres://USER@HOST/NAME or nats://HOST".into()),
    })
}

/// The store's tables are there. That the queue's are not is mostly a question of the place.
fn explain(error: StoreError) -> BoxError {
    if error.is_retryable() {
        return error.into();
    }
    name_places(&error)
}

fn name_places(error: &StoreError) -> BoxError {
    let places = "check --database and --table-prefix, and whether the app has an `.event_queue(..)` there";
    format!("the app's queue of events cannot be read: {error}; {places}").into()
}
