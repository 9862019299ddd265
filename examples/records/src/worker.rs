//! The worker: reads what is due.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use nango_client::{Client, Error, ErrorKind, ListRecords, RecordReader, Timestamp};
use tokio::sync::Notify;
use tokio::time::{interval, sleep};

use crate::BoxError;
use crate::args::Args;
use crate::table::{BASE, Issue, MODEL, Mirror, Table};

/// The pause before what has failed is tried again.
const PAUSE: Duration = Duration::from_secs(10);

pub struct Worker {
    client: Client,
    table: Table,
    bell: Arc<Notify>,
    args: Args,
}

/// Readers of the mirrors, with the version of the mirror that they have read up to. They know what lies
/// within the overlap, so that it is not stored again in each round.
type Readers<'a> = HashMap<i64, (i64, RecordReader<'a, Issue>)>;

impl Worker {
    pub fn new(client: &Client, table: Table, bell: Arc<Notify>, args: Args) -> Self {
        // Leaves the rest of Nango's rate limit to the app.
        Self { client: client.background(), table, bell, args }
    }

    pub async fn run(&self) {
        let mut readers = Readers::new();
        let mut sweep = interval(Duration::from_secs(self.args.sweep_every));
        loop {
            let outcome = tokio::select! {
                _ = sweep.tick() => self.sweep().await,
                () = self.bell.notified() => Ok(()),
                () = sleep(PAUSE) => Ok(()),
            };
            if let Err(error) = outcome {
                tracing::warn!("cannot sweep: {error}");
            }
            if let Err(error) = self.read_due(&mut readers).await {
                tracing::error!("cannot use the database: {error}");
            }
        }
    }

    /// Asks for all that is mirrored to be read, and finds new connections.
    async fn sweep(&self) -> Result<(), BoxError> {
        self.table.ask_for_all().await?;
        let mut pages = self.client.connections().integration(&self.args.integration).pages();
        while let Some(page) = pages.next_page().await? {
            for connection in page {
                self.table.ask(&connection.key, BASE, false).await?;
            }
        }
        Ok(())
    }

    /// Reads one mirror after the other.
    async fn read_due<'a>(&'a self, readers: &mut Readers<'a>) -> Result<(), sqlx::Error> {
        for mut mirror in self.table.due().await? {
            let outcome = self.read(&mut mirror, readers).await;
            let Err(error) = outcome else {
                self.table.read_done(&mirror).await?;
                continue;
            };
            match error.downcast_ref().map(Error::kind) {
                // The connection was deleted at Nango, and its records with it.
                Some(ErrorKind::NotFound) => self.table.remove(&mirror).await?,
                Some(ErrorKind::InvalidCursor) => self.table.forget_position(&mirror).await?,
                _ => {
                    tracing::warn!("cannot read the records of a connection: {error}");
                    self.table.put_off(&mirror, Timestamp::now().saturating_add(PAUSE)).await?;
                }
            }
        }
        Ok(())
    }

    async fn read<'a>(&'a self, mirror: &mut Mirror, readers: &mut Readers<'a>) -> Result<(), BoxError> {
        if mirror.is_to_be_compared() {
            self.compare(mirror).await?;
        }
        let mut reader = match readers.remove(&mirror.id) {
            Some((version, reader)) if version == mirror.version => reader,
            _ => self.list(mirror).after(mirror.cursor.clone()).reader(),
        };
        while let Some(page) = reader.next_page().await? {
            let records = page.records.len();
            let changed = self.table.store(mirror, page, reader.position()).await?;
            tracing::info!("read {records} records, which changed {changed} rows");
        }
        readers.insert(mirror.id, (mirror.version, reader));
        Ok(())
    }

    /// Reads all records from the beginning, then deletes the rows whose records are gone.
    async fn compare(&self, mirror: &mut Mirror) -> Result<(), BoxError> {
        let mut all = self.list(mirror).read_all();
        while let Some(page) = all.next_page().await? {
            self.table.store(mirror, page, None).await?;
        }
        if let Some(comparison) = all.into_comparison() {
            let next_at = Timestamp::now().saturating_add(Duration::from_secs(self.args.compare_every));
            let gone = self.table.delete_gone(mirror, &comparison, next_at).await?;
            tracing::info!("compared all {} records, and deleted {gone} rows", comparison.len());
        }
        Ok(())
    }

    fn list(&self, mirror: &Mirror) -> ListRecords<'_, Issue> {
        let list = self.client.records(&mirror.key, MODEL).limit(self.args.page_size);
        if mirror.variant == BASE { list } else { list.variant(&mirror.variant) }
    }
}
