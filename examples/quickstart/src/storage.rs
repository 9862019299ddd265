//! What the processes of the app share: the store, the queue of events, and the table of those handled.

use std::sync::Arc;

use nango_core::{BoxError, ConnectionStore, WorkQueue};

use crate::args::Args;
use crate::database::Database;
use crate::inbox::Inbox;
use crate::queue::QueueUrl;

pub struct Storage {
    pub store: Arc<dyn ConnectionStore>,
    pub queue: Arc<dyn WorkQueue>,
    pub inbox: Inbox,
}

impl Storage {
    /// Opens all three. The queue is in the store's database, unless `--queue` names another one or the
    /// database is MySQL, where it is a file of SQLite.
    pub async fn open(args: &Args, database: &Database) -> Result<Self, BoxError> {
        let elsewhere = args.queue.as_deref().map(QueueUrl::parse).transpose()?;
        let (store, own_queue) = database.open(elsewhere.is_none()).await?;
        database.create_folder()?;
        let queue = match (elsewhere, own_queue) {
            (Some(url), _) => url.connect().await?,
            (None, Some(queue)) => queue,
            (None, None) => QueueUrl::file(&database.companion("events.db")).connect().await?,
        };
        let inbox = Inbox::open(database).await?;
        Ok(Self { store, queue, inbox })
    }
}
