//! What was put off: looks that did not work, and changes that the app has not heard of.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::Nango;
use super::look::Reason;
use crate::connection::ConnectionRef;
use crate::error::{Error, ErrorKind};
use crate::store::Record;
use crate::time::Timestamp;

/// How many rows are taken at a time.
const BATCH: usize = 500;

/// How long a row waits after its first failure, and at most.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// After so many failures in a row a pass ends.
const GIVE_UP: usize = 3;

/// What one pass over the marks did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drained {
    /// Marks that were due, of the rows that one pass takes.
    pub due: usize,
    /// Of these, the marks that were looked after.
    pub looked: usize,
    /// Changes that the app has heard of now.
    pub announced: usize,
    /// Rows that have to wait: Nango is away, little is left of its rate limit, or the app's handler failed.
    pub left: usize,
    /// Whether there were more rows than one pass takes.
    pub more: bool,
    /// Whether Nango was asked and could not answer.
    pub away: bool,
    /// Whether there were more marks than one pass takes.
    pub(super) flooded: bool,
}

/// Which rows wait, after how many failures, until when. Each process has its own idea of it.
#[derive(Debug, Default)]
pub(super) struct Waiting(HashMap<ConnectionRef, (u32, Instant)>);

impl Waiting {
    fn waits(&self, key: &ConnectionRef) -> bool {
        self.0.get(key).is_some_and(|(_, until)| *until > Instant::now())
    }

    fn failed(&mut self, key: &ConnectionRef) {
        let (failures, until) = self.0.entry(key.clone()).or_insert((0, Instant::now()));
        let wait =
            FIRST_WAIT.saturating_mul(1_u32.checked_shl(*failures).unwrap_or(u32::MAX)).min(LONGEST_WAIT);
        *failures = failures.saturating_add(1);
        // Not all at once, if they failed all at once.
        *until = Instant::now() + wait.mul_f64(rand::random_range(0.75..1.25));
    }
}

impl Nango {
    /// Looks after every mark that is due, and tells the app of every change that it has not heard of.
    ///
    /// [`spawn_sweeper`](Self::spawn_sweeper) does this once a second. Any number of instances may do it at once.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked. What fails because of Nango or of the app's handler is left for the next time.
    pub async fn drain(&self) -> Result<Drained, Error> {
        self.drain_except(&mut Waiting::default()).await
    }

    pub(super) async fn drain_except(&self, waiting: &mut Waiting) -> Result<Drained, Error> {
        let now = Timestamp::now();
        let rows = self.0.store.pending(now, BATCH).await?;
        let all = rows.len() < BATCH;
        if all {
            self.0.budget.unknown_marks_are(rows.iter().filter(|row| row.is_mark()).count());
            waiting.0.retain(|key, _| rows.iter().any(|row| row.key == *key));
        }
        let is_due = |row: &Record| row.look_again_at.is_some_and(|at| at <= now);
        let due = rows.iter().filter(|row| is_due(row)).count();
        let mut drained = Drained { due, more: !all, flooded: due == BATCH, ..Drained::default() };
        let mut in_a_row = 0;
        for row in rows {
            let due = is_due(&row);
            // When nothing works, the rest would not either; and the last of the rate limit is for those who wait.
            if in_a_row == GIVE_UP || waiting.waits(&row.key) || (due && self.0.client.is_short()) {
                drained.left += 1;
                continue;
            }
            let done = if due {
                self.look_after(&row.key).await?
            } else {
                // The batch may be old by now, and the app is told the latest.
                let latest = self.row(&row.key).await?;
                self.announce(latest).await?.is_none_or(|row| row.announced)
            };
            match (done, due) {
                (false, _) => {
                    waiting.failed(&row.key);
                    drained.away |= due;
                    drained.left += 1;
                    in_a_row += 1;
                    continue;
                }
                (true, true) => drained.looked += 1,
                (true, false) => drained.announced += 1,
            }
            in_a_row = 0;
        }
        Ok(drained)
    }

    /// Whether there is nothing left to do.
    async fn look_after(&self, key: &ConnectionRef) -> Result<bool, Error> {
        match self.observe(key, Reason::Due).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::Store => Err(error),
            // It will not look for this one tomorrow either.
            Err(error) if error.kind() == ErrorKind::Refused => {
                tracing::warn!(integration = key.integration(), %error, "nango refuses to look at a marked connection");
                self.unmark(key).await?;
                Ok(true)
            }
            Err(error) => {
                tracing::debug!(integration = key.integration(), %error, "could not look at a marked connection");
                Ok(false)
            }
        }
    }

    async fn unmark(&self, key: &ConnectionRef) -> Result<(), Error> {
        if let Some(row) = self.row(key).await? {
            // Stale: somebody has looked, or marked it again.
            self.apply(&self.context().unmarked(&row)).await?;
        }
        Ok(())
    }
}
