//! The connections of all owners, for work that has no owner.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use nango_client::ConnectionKey;

use super::owned::{OwnedConnection, Shared};
use crate::engine::Trigger;
use crate::error::{Error, ErrorKind};
use crate::record::{Health, Record};
use crate::store::StoreError;

/// The rows that are read at a time.
const PAGE: usize = 100;

/// The connections of all owners to one integration. [`Nango::connections_of`](crate::Nango::connections_of)
/// creates it.
#[must_use = "nothing is read before the stream is polled"]
#[derive(Clone)]
pub struct ConnectionsOf {
    shared: Shared,
    integration: String,
    after: ConnectionKey,
    health: Option<Vec<Health>>,
    page: usize,
}

nango_client::__debug_only!(ConnectionsOf { integration, health, page });

impl ConnectionsOf {
    pub(crate) fn new(shared: Shared, integration: String) -> Self {
        // Before every connection of the integration: no id is empty.
        let after = ConnectionKey::new(&*integration, "");
        Self { shared, integration, after, health: None, page: PAGE }
    }

    /// Keeps only connections that had one of these healths at the last look. The store reads all rows of
    /// the integration all the same.
    pub fn health(mut self, health: impl IntoIterator<Item = Health>) -> Self {
        self.health = Some(health.into_iter().collect());
        self
    }

    /// Begins after a connection, which need not exist any more: for a job that goes on where an earlier
    /// one ended.
    pub fn after(mut self, key: &ConnectionKey) -> Self {
        // One of another integration would lead out of this one, or be before all of it.
        if key.integration() == self.integration {
            self.after = key.clone();
        }
        self
    }

    /// Sets the number of rows that are read, and kept in memory, at a time: 100 by default, at least one.
    /// A shorter page is less out of date when its last connection is reached.
    pub fn page_size(mut self, rows: usize) -> Self {
        self.page = rows.max(1);
        self
    }

    /// Streams the connections, sorted by connection id.
    #[must_use = "nothing is read before it is polled"]
    pub fn stream(self) -> AllConnections {
        AllConnections { walk: self, found: VecDeque::new(), reading: None, is_over: false }
    }

    fn read(&self) -> Reading {
        let (engine, after, rows) = (self.shared.engine.clone(), self.after.clone(), self.page);
        Box::pin(async move { engine.store.page(Some(&after), rows).await })
    }

    /// Takes a page. Returns its connections, and whether it was the last one.
    fn take(&mut self, rows: &[Record]) -> (VecDeque<OwnedConnection>, bool) {
        let is_last = rows.len() < self.page;
        let is_ours = |row: &Record| row.key.integration() == self.integration;
        let has_left = rows.last().is_some_and(|row| !is_ours(row));
        if let Some(last) = rows.last() {
            self.after = last.key.clone();
        }
        let is_wanted = |row: &&Record| {
            is_ours(row)
                && !row.removed
                && self.health.as_ref().is_none_or(|health| health.contains(&row.health()))
        };
        let found =
            rows.iter().filter(is_wanted).filter_map(|row| OwnedConnection::of_row(&self.shared, row));
        (found.collect(), is_last || has_left)
    }
}

type Reading = Pin<Box<dyn Future<Output = Result<Vec<Record>, StoreError>> + Send>>;

/// Connections of all owners, one by one. [`ConnectionsOf::stream`] creates it.
///
/// It holds one page in memory. After an error it ends; [`ConnectionsOf::after`] goes on.
#[must_use = "nothing is read before it is polled"]
pub struct AllConnections {
    walk: ConnectionsOf,
    found: VecDeque<OwnedConnection>,
    reading: Option<Reading>,
    is_over: bool,
}

impl Stream for AllConnections {
    type Item = Result<OwnedConnection, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(connection) = this.found.pop_front() {
                return Poll::Ready(Some(Ok(connection)));
            }
            if this.is_over {
                return Poll::Ready(None);
            }
            let reading = this.reading.get_or_insert_with(|| this.walk.read());
            let rows = ready!(reading.as_mut().poll(context));
            this.reading = None;
            match rows {
                Ok(rows) => (this.found, this.is_over) = this.walk.take(&rows),
                Err(error) => {
                    this.is_over = true;
                    return Poll::Ready(Some(Err(error.into())));
                }
            }
        }
    }
}

impl fmt::Debug for AllConnections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllConnections").field("walk", &self.walk).finish_non_exhaustive()
    }
}

/// Returns the connection with this key, if the store has it, whoever owns it.
///
/// A row that is only a mark is looked at: its first look has failed, or is still to come. An unknown key is
/// not: the environment may have connections of other apps, whose events arrive here, too.
pub(crate) async fn find(shared: &Shared, key: &ConnectionKey) -> Result<OwnedConnection, Error> {
    let engine = &shared.engine;
    let mut row = if key.is_possible() { engine.row(key).await? } else { None };
    if row.as_ref().is_some_and(Record::is_mark) {
        row = engine.look_and_notify(key, Trigger::Request).await?.row;
    }
    row.filter(|row| !row.removed)
        .and_then(|row| OwnedConnection::of_row(shared, &row))
        .ok_or_else(|| Error::new(ErrorKind::NotFound))
}
