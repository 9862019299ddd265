//! Records one by one, as a stream.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use serde::de::DeserializeOwned;

use super::cursor::Cursor;
use super::list::ListRecords;
use super::pages::RecordPages;
use super::record::Record;
use crate::client::rows::{Pager, Rows};
use crate::error::Error;

/// The records of a list, page after page. [`ListRecords::stream`] creates it.
///
/// It ends with the last record that there is at the moment, or after an error. A new stream that
/// begins after [`position`](Self::position) goes on from there.
#[must_use = "nothing is requested before it is polled"]
pub struct RecordStream<'a, T: DeserializeOwned + Send + 'a> {
    rows: Rows<'a, RecordPages<'a, T>>,
    position: Option<Cursor>,
}

impl<T: DeserializeOwned + Send> Pager for RecordPages<'_, T> {
    type Row = Record<T>;

    async fn next_rows(&mut self) -> Result<Option<VecDeque<Record<T>>>, Error> {
        Ok(self.next_page().await?.map(|page| page.records.into()))
    }
}

impl<'a, T: DeserializeOwned + Send + 'a> ListRecords<'a, T> {
    /// Streams the records of all pages that there are at the moment.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, Cursor};
    /// use futures_util::StreamExt as _;
    ///
    /// # async fn run(client: Client, github: ConnectionKey, stored: Option<Cursor>) -> Result<(), Error> {
    /// let mut records = client.records::<serde_json::Value>(&github, "Issue").after(stored).stream();
    /// while let Some(record) = records.next().await {
    ///     println!("{}", record?.id);
    /// }
    /// let to_be_stored = records.position();
    /// # let _ = to_be_stored;
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> RecordStream<'a, T> {
        RecordStream { position: self.cursor().cloned(), rows: Rows::new(self.pages()) }
    }
}

impl<T: DeserializeOwned + Send> RecordStream<'_, T> {
    /// Returns the position after the last record that was yielded: that of the cursor of the list until
    /// there was one. Store it together with the effects of the records up to it.
    #[must_use]
    pub fn position(&self) -> Option<&Cursor> {
        self.position.as_ref()
    }
}

impl<'a, T: DeserializeOwned + Send + 'a> Stream for RecordStream<'a, T> {
    type Item = Result<Record<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let row = ready!(this.rows.poll_row(context));
        if let Some(Ok(record)) = &row {
            this.position = Some(record.cursor().clone());
        }
        Poll::Ready(row)
    }
}

impl<T: DeserializeOwned + Send> fmt::Debug for RecordStream<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordStream").field("position", &self.position).finish_non_exhaustive()
    }
}
