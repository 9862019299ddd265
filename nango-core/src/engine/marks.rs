//! Marks: work that was deferred, in rows. Looks that did not work, and notifications that did not
//! succeed.

use std::collections::HashMap;
use std::time::Duration;

use nango_client::{ConnectionKey, Timestamp};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::budget::MAX_UNKNOWN_MARKS;
use super::engine::Engine;
use super::notify::Notified;
use super::parts::Trigger;
use super::row::WRITE_ATTEMPTS;
use super::turns::MAX_HANDLERS;
use crate::backoff::{Backoff, jittered};
use crate::error::{Error, ErrorKind};
use crate::record::{Applied, Change, Record};
use crate::report::BackgroundFailure;

/// The number of looks, and of notifications, that one pass takes.
const BATCH: usize = 500;

/// The pauses of a row after failures in a row.
const PAUSES: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));

/// The number of looks that one pass makes at a time.
const PARALLEL: usize = 16;

/// The number of failures in a row after which a pass leaves an integration alone.
const GIVE_UP_AFTER: usize = 3;

/// The outcome of one pass over the marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DrainReport {
    /// Changes of which the handler was notified.
    pub announced: usize,
    /// Rows that wait: Nango is unavailable, its rate limit is nearly used up, the handler failed, or
    /// another task has just called it for them.
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

/// The rows whose notification failed and waits for its next attempt, in this process.
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

/// The looks of one pass at the connections of one integration.
#[derive(Debug, Default)]
struct Progress {
    in_flight: usize,
    failures_in_a_row: usize,
}

impl Progress {
    /// Returns whether further looks of this pass would fail, too. While some are in flight, one
    /// failure is enough: where they hang, each further one would hold the pass up as long.
    fn is_given_up(&self) -> bool {
        self.failures_in_a_row >= GIVE_UP_AFTER || (self.failures_in_a_row > 0 && self.in_flight > 0)
    }
}

impl Engine {
    /// Marks a connection to be looked at later. Concurrent marks of one connection are one write,
    /// however often a delivery is replayed.
    pub(super) async fn mark(&self, key: &ConnectionKey) -> Result<(), Error> {
        let waiter = self.marks.join(key);
        let mut guard = match waiter.wait(|_| true).await {
            Ok(shared) => return shared,
            Err(guard) => guard,
        };
        guard.begin();
        let outcome = self.mark_locked(key).await;
        guard.finish(&outcome);
        outcome
    }

    /// Marks a connection that the store has to be looked at after a while; one that it does not
    /// have stays unknown.
    pub(crate) async fn mark_known(&self, key: &ConnectionKey, after: Duration) -> Result<(), Error> {
        // rule: intent
        let at = Timestamp::now().saturating_add(after);
        self.store.mark(std::slice::from_ref(key), at).await?;
        Ok(())
    }

    async fn mark_locked(&self, key: &ConnectionKey) -> Result<(), Error> {
        for _ in 0..WRITE_ATTEMPTS {
            let now = Timestamp::now();
            if self.store.mark(std::slice::from_ref(key), now).await?.first() == Some(&true) {
                self.leave_to_sweeper();
                return Ok(());
            }
            if !self.budget.take_unknown_mark() {
                break;
            }
            let change = Change::put(None, Record::mark(key.clone(), now));
            if self.apply(&change).await? == Applied::Done {
                return Ok(());
            }
            // It is known by now.
            self.budget.return_unknown_mark();
        }
        Err(Error::because(
            ErrorKind::Unavailable,
            "too many unknown connections are marked, or other writers were quicker; retry",
        ))
    }

    /// Makes the looks that are due, several at a time, and notifies the handler of changes that are
    /// pending.
    pub(crate) async fn drain(&self, waiting: &mut Waiting) -> Result<DrainReport, Error> {
        let now = Timestamp::now();
        let (rows, more) = self.batch(now, waiting).await?;
        let is_due = |row: &Record| row.look_again_at.is_some_and(|at| at <= now);
        let (mut due, mut pending): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_due);
        // rule: unknown-last
        due.sort_by_key(Record::is_mark);
        due.truncate(BATCH);
        pending.truncate(BATCH);
        let batch_was_full = due.len() == BATCH;
        let mut report = DrainReport { due: due.len(), more, batch_was_full, ..DrainReport::default() };
        self.look_at_due(due, &mut report).await?;
        self.notify_of_pending(pending, waiting, &mut report).await?;
        Ok(report)
    }

    /// Reads the rows for one pass, and whether there may be more than it takes.
    ///
    /// A holder of a signing key can fill the store with marks of connections that do not exist.
    /// They come after all other looks, so where one is met, as many are read as there may be.
    async fn batch(&self, now: Timestamp, waiting: &mut Waiting) -> Result<(Vec<Record>, bool), Error> {
        let mut limit = BATCH;
        let mut rows = self.store.pending(now, limit).await?;
        if rows.len() == limit && rows.iter().any(Record::is_mark) {
            limit += MAX_UNKNOWN_MARKS;
            rows = self.store.pending(now, limit).await?;
        }
        if rows.len() < limit {
            self.budget.set_unknown_marks(rows.iter().filter(|row| row.is_mark()).count());
            waiting.0.retain(|key, _| rows.iter().any(|row| row.key == *key));
        }
        let more = rows.len() >= BATCH;
        Ok((rows, more))
    }

    async fn look_at_due(&self, due: Vec<Record>, report: &mut DrainReport) -> Result<(), Error> {
        let mut integrations: HashMap<String, Progress> = HashMap::new();
        let (mut due, mut looks) = (due.into_iter(), JoinSet::new());
        loop {
            while looks.len() < PARALLEL
                && let Some(row) = due.next()
            {
                let progress = integrations.entry(row.key.integration().to_owned()).or_default();
                // The last of the rate limit is for callers that wait.
                if progress.is_given_up() || self.client.is_near_rate_limit() {
                    report.deferred += 1;
                    continue;
                }
                progress.in_flight += 1;
                let engine = self.clone();
                looks.spawn(async move { (engine.look_at_marked(&row).await, row) });
            }
            let Some(looked) = looks.join_next().await else { return Ok(()) };
            // A panic, or a runtime that is shutting down.
            let (looked, row) =
                looked.map_err(|_| Error::because(ErrorKind::Unavailable, "a look was interrupted"))?;
            let progress = integrations.entry(row.key.integration().to_owned()).or_default();
            progress.in_flight -= 1;
            if looked? {
                progress.failures_in_a_row = 0;
                report.looked += 1;
            } else {
                progress.failures_in_a_row += 1;
                report.nango_unavailable = true;
                report.deferred += 1;
            }
        }
    }

    /// Notifies the handler of pending rows, several at a time. The batch may be stale by now, and
    /// the handler is notified of the latest state.
    async fn notify_of_pending(
        &self,
        pending: Vec<Record>,
        waiting: &mut Waiting,
        report: &mut DrainReport,
    ) -> Result<(), Error> {
        let (mut pending, mut calls) = (pending.into_iter(), JoinSet::new());
        let (mut failures_in_a_row, mut failed) = (0, Ok(()));
        loop {
            while calls.len() < MAX_HANDLERS
                && let Some(row) = pending.next()
            {
                if failures_in_a_row >= GIVE_UP_AFTER || failed.is_err() || waiting.is_waiting(&row.key) {
                    report.deferred += 1;
                    continue;
                }
                let engine = self.clone();
                calls.spawn(async move { (engine.notify_and_wait(&row.key).await, row.key) });
            }
            let Some(called) = calls.join_next().await else { return failed };
            // A panic, or a runtime that is shutting down.
            let (called, key) = called
                .map_err(|_| Error::because(ErrorKind::Unavailable, "a notification was interrupted"))?;
            match called {
                Ok(Notified::Announced) => {
                    failures_in_a_row = 0;
                    report.announced += 1;
                }
                Ok(Notified::Already) => {}
                Ok(Notified::InFlight) => report.deferred += 1,
                Ok(Notified::Failed) => {
                    waiting.record_failure(&key);
                    failures_in_a_row += 1;
                    report.deferred += 1;
                }
                // The handlers that run are not cancelled for it.
                Err(error) => failed = Err(error),
            }
        }
    }

    /// Looks at a marked connection, and returns whether the mark is dealt with. If not, the row says
    /// when to look again.
    async fn look_at_marked(&self, marked: &Record) -> Result<bool, Error> {
        let (key, integration) = (&marked.key, marked.key.integration());
        match self.look(key, Trigger::Mark).await {
            Ok(looked) => {
                if looked.row.is_some_and(|row| !row.announced) {
                    // If it fails, the row stays pending.
                    let _ = self.notify_and_wait(key).await?;
                }
            }
            Err(error) if error.kind() == ErrorKind::Store => return Err(error),
            // A retry would fail as well, and says nothing about other connections.
            Err(error)
                if error.kind().is_unreadable()
                    || matches!(error.kind(), ErrorKind::Refused | ErrorKind::InvalidRequest) =>
            {
                tracing::warn!(integration, %error, "a marked connection cannot be looked at; the mark is removed");
                self.unmark(key).await?;
            }
            Err(error) => {
                let integration = integration.to_owned();
                self.reporter.report(BackgroundFailure::Look { integration, error });
                // One of an unknown connection comes last in any case, and is counted while it is
                // due.
                if !marked.is_mark() {
                    self.postpone(key).await?;
                }
                return Ok(false);
            }
        }
        if marked.is_mark() {
            self.budget.return_unknown_mark();
        }
        Ok(true)
    }

    async fn postpone(&self, key: &ConnectionKey) -> Result<(), Error> {
        // rule: postponed
        let update = self.update(key, None, |row| {
            row.filter(|row| row.look_again_at.is_some_and(|at| at <= Timestamp::now()))
                .map(|row| self.context().postponed(row, jittered(PAUSES.after(row.state().failures))))
        });
        update.await.map(drop)
    }

    async fn unmark(&self, key: &ConnectionKey) -> Result<(), Error> {
        if let Some(row) = self.row(key).await? {
            // Not repeated where the row has changed: it was looked at, or marked again.
            self.apply(&self.context().unmarked(&row)).await?;
        }
        Ok(())
    }
}
