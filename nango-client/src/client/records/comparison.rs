//! Reading all records, to find out about those that are gone without a trace.

use std::fmt;

use serde::de::DeserializeOwned;

use super::cursor::Cursor;
use super::list::ListRecords;
use super::page::RecordPage;
use super::pages::RecordPages;
use super::record::RecordData;
use super::seen::Seen;
use crate::error::Error;
use crate::timestamp::Timestamp;

/// A walk over all records of a model, which ends in a [`Comparison`]. [`ListRecords::read_all`] creates it.
#[must_use = "nothing is requested before `next_page`"]
pub struct FullRead<'a, T> {
    pages: RecordPages<'a, T>,
    live: Seen,
    is_at_end: bool,
    is_whole: bool,
}

/// The records that exist, for a comparison with those of the app's own store.
pub struct Comparison {
    live: Seen,
    position: Option<Cursor>,
}

impl<'a, T: DeserializeOwned> ListRecords<'a, T> {
    /// Reads all records, and remembers which exist: 32 bytes or so for each.
    ///
    /// A reset with [`Reset::ClearRecords`](crate::Reset::ClearRecords) deletes records without a trace, and so
    /// does Nango with those of a model whose sync has not run for 60 days. It shows in a webhook with
    /// the type `INITIAL` only, which other runs have, too (observed on 0.71.4): after one, an app that
    /// mirrors records reads all of them, and deletes what is gone. No run should be active meanwhile.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, Record, Timestamp};
    /// # async fn store(_: impl IntoIterator<Item = Record<serde_json::Value>>) {}
    /// # async fn stored() -> Vec<(String, Timestamp)> { Vec::new() }
    /// # async fn delete(_: String) {}
    /// # async fn run(client: Client, github: ConnectionKey) -> Result<(), Error> {
    /// let mut all = client.records::<serde_json::Value>(&github, "Issue").limit(1000).read_all();
    /// while let Some(page) = all.next_page().await? {
    ///     store(page).await;
    /// }
    /// if let Some(comparison) = all.into_comparison() {
    ///     for (id, last_modified_at) in stored().await {
    ///         if comparison.is_gone(&id, last_modified_at) {
    ///             delete(id).await;
    ///         }
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn read_all(self) -> FullRead<'a, T> {
        let is_whole = self.is_whole();
        FullRead { pages: self.pages(), live: Seen::default(), is_at_end: false, is_whole }
    }
}

impl<T: DeserializeOwned> FullRead<'_, T> {
    /// Requests the next page; `None` after the last.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when the list is not of all records,
    /// and those of [`ListRecords::send`]. The next call requests the same page again.
    pub async fn next_page(&mut self) -> Result<Option<RecordPage<T>>, Error> {
        if !self.is_whole {
            let reason = "a comparison needs all records: without a position, a time, a filter and ids";
            return Err(Error::invalid_request(reason));
        }
        let page = self.pages.next_page().await?;
        for record in page.iter().flatten() {
            if matches!(record.data, RecordData::Deleted(_)) {
                self.live.remove(&record.id);
            } else {
                self.live.insert(&record.id, record.metadata.last_modified_at);
            }
        }
        self.is_at_end = page.is_none();
        Ok(page)
    }

    /// Returns the records that exist; `None` unless all pages were read.
    #[must_use]
    pub fn into_comparison(self) -> Option<Comparison> {
        let position = self.pages.position().cloned();
        self.is_at_end.then_some(Comparison { live: self.live, position })
    }
}

impl Comparison {
    /// Returns `true` if a stored record, last changed at this time, does not exist any more: it was
    /// deleted, with a trace or without one. A record that is newer than all that were read is not
    /// gone.
    #[must_use]
    pub fn is_gone(&self, id: &str, last_modified_at: Timestamp) -> bool {
        let end = self.position.as_ref().and_then(Cursor::time);
        !self.live.contains(id) && end.is_none_or(|end| last_modified_at <= end)
    }

    /// Returns the number of records that exist.
    #[must_use]
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// Returns `true` if no record exists.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the position after all records that were read, to read on from.
    #[must_use]
    pub fn position(&self) -> Option<&Cursor> {
        self.position.as_ref()
    }
}

impl fmt::Debug for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Comparison")
            .field("len", &self.len())
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for FullRead<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FullRead")
            .field("pages", &self.pages)
            .field("is_at_end", &self.is_at_end)
            .finish_non_exhaustive()
    }
}
