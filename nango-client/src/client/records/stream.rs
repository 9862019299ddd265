//! Records one by one, as a stream.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::de::DeserializeOwned;

use super::cursor::Cursor;
use super::list::ListRecords;
use super::page::RecordPage;
use super::pages::RecordPages;
use super::record::Record;
use crate::error::Error;

type Asking<'a, T> =
    Pin<Box<dyn Future<Output = (RecordPages<'a, T>, Result<Option<RecordPage<T>>, Error>)> + Send + 'a>>;

/// The records of a list, page after page. [`ListRecords::stream`] creates it.
///
/// It ends with the last record that there is at the moment, or after an error. A new stream that
/// begins after [`position`](Self::position) goes on from there.
#[must_use = "nothing is requested before it is polled"]
pub struct RecordStream<'a, T> {
    state: State<'a, T>,
    records: VecDeque<Record<T>>,
    position: Option<Cursor>,
}

enum State<'a, T> {
    Asking(Asking<'a, T>),
    Ended,
    Resting(RecordPages<'a, T>),
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
        RecordStream {
            position: self.cursor().cloned(),
            state: State::Resting(self.pages()),
            records: VecDeque::new(),
        }
    }
}

impl<T> RecordStream<'_, T> {
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
        loop {
            if let Some(record) = this.records.pop_front() {
                this.position = Some(record.cursor().clone());
                return Poll::Ready(Some(Ok(record)));
            }
            this.state = match std::mem::replace(&mut this.state, State::Ended) {
                State::Ended => return Poll::Ready(None),
                State::Resting(mut pages) => State::Asking(Box::pin(async move {
                    let page = pages.next_page().await;
                    (pages, page)
                })),
                State::Asking(mut asking) => {
                    let Poll::Ready((pages, page)) = asking.as_mut().poll(context) else {
                        this.state = State::Asking(asking);
                        return Poll::Pending;
                    };
                    match page {
                        Ok(Some(page)) => {
                            this.records = page.records.into();
                            State::Resting(pages)
                        }
                        Ok(None) => State::Ended,
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
            };
        }
    }
}

// Nothing in it is pinned but the boxed request.
impl<T> Unpin for RecordStream<'_, T> {}

impl<T> fmt::Debug for RecordStream<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordStream").field("position", &self.position).finish_non_exhaustive()
    }
}
