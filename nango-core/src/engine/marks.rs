//! Marks: work that was deferred, in rows. Looks that did not work, and notifications that did not
//! succeed.

use std::collections::HashMap;
use std::time::Duration;

use nango_client::{ConnectionKey, Timestamp};
use tokio::time::Instant;

use super::engine::Engine;
use super::parts::Trigger;
use super::row::Update;
use crate::backoff::{Backoff, jittered};
use crate::error::{Error, ErrorKind};
use crate::record::Record;

/// The number of rows that one pass takes.
const BATCH: usize = 500;

/// The pauses of a row after failures in a row.
const PAUSES: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));

/// The number of failures in a row that ends a pass.
const GIVE_UP_AFTER: usize = 3;

/// The outcome of one pass over the marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct DrainReport {
    /// Changes of which the handler was notified.
    pub announced: usize,
    /// Rows that wait: Nango is unavailable, its rate limit is nearly used up, or the handler
    /// failed.
    pub deferred: usize,
    /// Marks that were due, among the rows that one pass takes.
    pub due: usize,
    /// Due marks whose look was made.
    pub looked: usize,
    /// `true` if there were more rows than one pass takes.
    pub more: bool,
    /// `true` if Nango was asked and did not answer.
    pub nango_unavailable: bool,
    /// `true` if the whole batch was due marks.
    pub(crate) batch_was_full: bool,
}

/// The rows that wait after a failure, in this process.
#[derive(Debug, Default)]
pub(crate) struct Waiting(HashMap<ConnectionKey, (u32, Instant)>);

impl Waiting {
    fn is_waiting(&self, key: &ConnectionKey) -> bool {
        self.0.get(key).is_some_and(|(_, until)| *until > Instant::now())
    }

    fn record_failure(&mut self, key: &ConnectionKey) {
        let (failures, until) = self.0.entry(key.clone()).or_insert((0, Instant::now()));
        *until = Instant::now() + jittered(PAUSES.after(*failures));
        *failures = failures.saturating_add(1);
    }
}

impl Engine {
    /// Marks a connection to be looked at later.
    pub(super) async fn mark(&self, key: &ConnectionKey) -> Result<(), Error> {
        let mut is_full = false;
        let marked = self.update(key, None, |row| {
            is_full = row.is_none() && !self.budget.take_unknown_mark();
            (!is_full).then(|| self.context().marked(key, row))
        });
        match marked.await? {
            Update::Written(_) => Ok(()),
            Update::Unchanged(_) | Update::Contended(_) => Err(Error::new(ErrorKind::Unavailable)),
        }
    }

    /// Makes the looks that are due, and notifies the handler of changes that are pending.
    pub(crate) async fn drain(&self, waiting: &mut Waiting) -> Result<DrainReport, Error> {
        let now = Timestamp::now();
        let rows = self.store.pending(now, BATCH).await?;
        let is_whole = rows.len() < BATCH;
        if is_whole {
            self.budget.set_unknown_marks(rows.iter().filter(|row| row.is_mark()).count());
            waiting.0.retain(|key, _| rows.iter().any(|row| row.key == *key));
        }
        let is_due = |row: &Record| row.look_again_at.is_some_and(|at| at <= now);
        let due = rows.iter().filter(|row| is_due(row)).count();
        let batch_was_full = due == BATCH;
        let mut report = DrainReport { due, more: !is_whole, batch_was_full, ..DrainReport::default() };
        let mut failures_in_a_row = 0;
        for row in rows {
            let due = is_due(&row);
            // After failures in a row the rest would fail, too; and the last of the rate limit is
            // for callers that wait.
            if failures_in_a_row == GIVE_UP_AFTER
                || waiting.is_waiting(&row.key)
                || (due && self.client.is_near_rate_limit())
            {
                report.deferred += 1;
                continue;
            }
            let done = if due {
                self.look_at_marked(&row.key).await?
            } else {
                // The batch may be stale by now, and the handler is notified of the latest state.
                let latest = self.row(&row.key).await?;
                self.notify(latest).await?.is_none_or(|row| row.announced)
            };
            match (done, due) {
                (false, _) => {
                    waiting.record_failure(&row.key);
                    report.nango_unavailable |= due;
                    report.deferred += 1;
                    failures_in_a_row += 1;
                    continue;
                }
                (true, true) => report.looked += 1,
                (true, false) => report.announced += 1,
            }
            failures_in_a_row = 0;
        }
        Ok(report)
    }

    /// Looks at a marked connection, and returns whether the mark is dealt with.
    async fn look_at_marked(&self, key: &ConnectionKey) -> Result<bool, Error> {
        let integration = key.integration();
        match self.look_and_notify(key, Trigger::Mark).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::Store => Err(error),
            // A retry would fail as well, and says nothing about other connections.
            Err(error)
                if error.kind().is_unreadable()
                    || matches!(error.kind(), ErrorKind::Refused | ErrorKind::InvalidRequest) =>
            {
                tracing::warn!(integration, %error, "a marked connection cannot be looked at; the mark is removed");
                self.unmark(key).await?;
                Ok(true)
            }
            Err(error) => {
                tracing::debug!(integration, %error, "could not look at a marked connection; it is retried");
                Ok(false)
            }
        }
    }

    async fn unmark(&self, key: &ConnectionKey) -> Result<(), Error> {
        if let Some(row) = self.row(key).await? {
            // Not repeated where the row has changed: it was looked at, or marked again.
            self.apply(&self.context().unmarked(&row)).await?;
        }
        Ok(())
    }
}
