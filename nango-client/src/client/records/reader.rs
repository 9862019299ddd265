//! Reading on, again and again, without missing a record.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::clock::LeastClock;
use super::cursor::Cursor;
use super::list::ListRecords;
use super::page::RecordPage;
use super::pages::RecordPages;
use super::seen::Seen;
use crate::error::Error;
use crate::timestamp::Timestamp;

/// Nango takes times of the last 12 months; a position may be older.
const OLDEST_TIME: Duration = Duration::from_secs(360 * 24 * 60 * 60);

/// The least number of known records from which on those that are too old are dropped.
const MANY: usize = 10_000;

/// Reads the records of a model round after round. [`ListRecords::reader`] creates it.
///
/// A record's time is that at which its transaction began to save it, so that one which commits late can
/// get a position that a reader has passed already: 3 of 15,450 records with eight saves at a time
/// (observed on 0.71.4). So a round begins the [`overlap`](Self::overlap) before the last one began, as far
/// as the times of records show it, and leaves out what this reader has met in the same state. A round that
/// follows a steady writer for longer than the overlap ends, and the next one begins at once. So a
/// stored position is at most two overlaps ahead of what is certain, and another reader begins that much
/// before it. Once a round has begun an overlap after the position was reached, no record can appear before
/// it, and the next begins there: of a model that does not change, nothing is read again and again.
#[must_use = "nothing is requested before `next_page`"]
pub struct RecordReader<'a, T> {
    list: ListRecords<'a, T>,
    overlap: Duration,
    position: Option<Cursor>,
    round: Option<Round<'a, T>>,
    /// When the last round began that has ended: all that had been committed by then was met.
    last_began: Option<Instant>,
    clock: Option<LeastClock>,
    known: Seen,
    /// The number of known records at which old ones are dropped next.
    prune_at: usize,
}

struct Round<'a, T> {
    pages: RecordPages<'a, T>,
    began: Instant,
    /// The time of the reader's position when it began.
    from: Option<Timestamp>,
}

impl<'a, T: DeserializeOwned> ListRecords<'a, T> {
    /// Reads on from the position, with an overlap: for a task that mirrors the records for good.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use nango_client::{Client, ConnectionKey, Cursor, Error, Record};
    /// # async fn store(_: impl IntoIterator<Item = Record<serde_json::Value>>, _: Option<&Cursor>) {}
    /// # async fn next_webhook_or_minute() {}
    /// # async fn run(client: Client, github: ConnectionKey, stored: Option<Cursor>) -> Result<(), Error> {
    /// let list = client.records::<serde_json::Value>(&github, "Issue").after(stored).limit(1000);
    /// let mut reader = list.reader();
    /// loop {
    ///     while let Some(page) = reader.next_page().await? {
    ///         store(page, reader.position()).await; // in one transaction, by id, never an older state over a newer
    ///     }
    ///     next_webhook_or_minute().await;
    /// }
    /// # }
    /// ```
    pub fn reader(self) -> RecordReader<'a, T> {
        let position = self.cursor().cloned();
        RecordReader {
            clock: position.as_ref().and_then(Cursor::time).map(LeastClock::new),
            position,
            list: self,
            overlap: RecordReader::<T>::DEFAULT_OVERLAP,
            round: None,
            last_began: None,
            known: Seen::default(),
            prune_at: MANY,
        }
    }
}

impl<'a, T: DeserializeOwned> RecordReader<'a, T> {
    /// Five minutes: longer than a save waits for another one.
    pub const DEFAULT_OVERLAP: Duration = Duration::from_secs(5 * 60);

    /// Sets the time by which a round begins before the position; zero turns the overlap off. It has to be
    /// longer than a save of the sync waits for another one.
    ///
    /// What has changed within two such times is kept in memory, with 32 bytes or so for each record.
    pub fn overlap(mut self, span: Duration) -> Self {
        self.overlap = span;
        self
    }

    /// Marks a state of a record as processed, so that the first round leaves it out: for records that
    /// an app finds in its own store. Without it they are met once more after a restart, which does
    /// no harm if they are stored by id.
    pub fn mark_as_known(&mut self, id: &str, last_modified_at: Timestamp) {
        self.known.insert(id, last_modified_at);
    }

    /// Requests the next page that has something new. Returns `None` once there is no more; the next call
    /// begins another round.
    ///
    /// A page counts as processed once it was returned. After a page whose effects were not committed,
    /// create another reader from the stored position.
    ///
    /// # Errors
    ///
    /// Those of [`ListRecords::send`]. The next call requests the same page again.
    pub async fn next_page(&mut self) -> Result<Option<RecordPage<T>>, Error> {
        if self.round.is_none() {
            self.round = Some(self.new_round());
        }
        while let Some(round) = &mut self.round {
            let Some(mut page) = round.pages.next_page().await? else {
                self.end_round();
                break;
            };
            let reached = page.position().and_then(Cursor::time);
            if let Some(time) = reached {
                self.clock.get_or_insert_with(|| LeastClock::new(time)).note(time);
            }
            let is_long = reached.is_some_and(|reached| self.follows_for_long(reached));
            if let Some(reached) = page.position().cloned() {
                // The pages of an overlap lie before the position, which never goes back.
                self.position = Some(match self.position.take() {
                    Some(position) => position.later_of(reached),
                    None => reached,
                });
            }
            page.records.retain(|record| {
                let (id, time) = (&record.id, record.metadata.last_modified_at);
                let is_new = !self.known.contains_state(id, time);
                self.known.insert(id, time);
                is_new
            });
            if is_long {
                self.end_round();
                self.round = Some(self.new_round());
            } else if self.known.len() >= self.prune_at {
                self.forget_old();
            }
            if !page.records.is_empty() {
                return Ok(Some(page));
            }
        }
        Ok(None)
    }

    /// Returns the position after all records that were returned, to be stored together with their
    /// effects; at first that of the cursor of the list.
    #[must_use]
    pub fn position(&self) -> Option<&Cursor> {
        self.position.as_ref()
    }

    fn new_round(&self) -> Round<'a, T> {
        let mut list = self.list.clone();
        match self.overlap_start() {
            Some(time) => list.begin_at(time),
            None => list.begin_after(self.position.clone()),
        }
        let from = self.position.as_ref().and_then(Cursor::time);
        Round { pages: list.pages(), began: Instant::now(), from }
    }

    fn end_round(&mut self) {
        self.last_began = self.round.take().map(|round| round.began);
        self.forget_old();
    }

    /// Returns `true` once a round has gone on for longer than the overlap and has led that far, so that
    /// each round leads further than the one before.
    fn follows_for_long(&self, reached: Timestamp) -> bool {
        let has_led = |from: Timestamp| reached > from.saturating_add(self.overlap);
        let is_long = |round: &Round<'a, T>| round.began.elapsed() > self.overlap;
        !self.overlap.is_zero()
            && self.round.as_ref().is_some_and(|round| is_long(round) && round.from.is_none_or(has_led))
    }

    /// Returns the time before which no record can appear any more that was not committed when a round began.
    fn certain_at(&self, began: Option<Instant>) -> Option<Timestamp> {
        Some(self.clock?.at(began?).saturating_sub(self.overlap))
    }

    /// Returns the time before the position at which a round begins; `None` if it begins at the position.
    fn overlap_start(&self) -> Option<Timestamp> {
        let position = self.position.as_ref()?.time()?;
        let start = self
            .certain_at(self.last_began)
            .unwrap_or_else(|| position.saturating_sub(self.overlap.saturating_mul(2)));
        let is_taken = Timestamp::now().since(start) < OLDEST_TIME;
        (!self.overlap.is_zero() && start < position && is_taken).then_some(start)
    }

    /// Drops records that no later round meets in the same state.
    fn forget_old(&mut self) {
        let began = self.round.as_ref().map(|round| round.began).or(self.last_began);
        if let Some(position) = self.position.as_ref().and_then(Cursor::time) {
            let start = self.certain_at(began).map_or(position, |certain| certain.min(position));
            // Nango cuts the time of a round to milliseconds.
            self.known.forget_before(start.saturating_sub(Duration::from_millis(1)));
        }
        self.prune_at = MANY.max(2 * self.known.len());
    }
}

impl<T> fmt::Debug for RecordReader<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordReader")
            .field("overlap", &self.overlap)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}
