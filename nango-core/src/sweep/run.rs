//! The state of a running sweep, and its second half: the rows that Nango has not listed.

use nango_client::{ConnectionKey, Refresh};
use tokio::task::JoinSet;

use super::report::{SweepCursor, SweepProgress, SweepReport};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::reconcile::Observation;
use crate::record::{Applied, Change, Record};

/// The number of looks by id that run at the same time.
const LOOKS: usize = 4;

/// The number of failures in a row that a sweep passes over. One more ends it.
const GIVE_UP_AFTER: usize = 3;

pub(super) struct Options {
    pub(super) dry_run: bool,
    pub(super) budget: u32,
    pub(super) page: u32,
    pub(super) allow_mass_removal: bool,
    pub(super) progress: Option<Box<dyn Fn(SweepProgress) + Send + Sync>>,
}

nango_client::__debug_only!(Options { dry_run, budget, page, allow_mass_removal });

pub(super) struct SweepRun {
    pub(super) engine: Engine,
    pub(super) options: Options,
    pub(super) cursor: SweepCursor,
    pub(super) report: SweepReport,
    /// Requests that are left to the page ahead: its own, and its second reading.
    pub(super) reserved: u32,
    /// `true` if the budget was used up before the last page.
    pub(super) is_stopped: bool,
}

impl SweepRun {
    pub(super) fn new(engine: Engine, options: Options, cursor: SweepCursor) -> Self {
        let SweepCursor { listed, unreadable, .. } = cursor;
        let report = SweepReport { listed, unreadable, ..SweepReport::default() };
        Self { engine, options, cursor, report, reserved: 0, is_stopped: false }
    }

    pub(super) fn into_report(mut self) -> SweepReport {
        if self.is_stopped {
            self.cursor.listed = self.report.listed;
            self.cursor.unreadable = self.report.unreadable;
            self.report.resume = Some(self.cursor);
        }
        self.report
    }

    pub(super) fn can_spend(&self, requests: u32) -> bool {
        let spent = self.report.requests.saturating_add(self.reserved);
        spent.saturating_add(requests) <= self.options.budget
    }

    pub(super) fn report_progress(&self) {
        if let Some(callback) = &self.options.progress {
            let SweepReport { listed, rows, requests, .. } = self.report;
            callback(SweepProgress { listed, rows, requests });
        }
    }

    /// Applies changes, and returns for each whether it was written. A row that has changed since
    /// was looked at later.
    pub(super) async fn apply(&self, changes: &[Change]) -> Result<Vec<bool>, Error> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let applied = self.engine.apply_all(changes).await?;
        Ok(applied.into_iter().map(|applied| applied == Applied::Done).collect())
    }

    /// Looks at connections by their ids, a few at a time, as far as the budget goes. Adds those
    /// that are gone to the report.
    pub(super) async fn look_by_id(&mut self, keys: Vec<ConnectionKey>) -> Result<(), Error> {
        let (mut looks, mut failures_in_a_row) = (JoinSet::new(), 0);
        let mut keys = keys.into_iter();
        loop {
            while looks.len() < LOOKS
                && self.can_spend(1)
                && let Some(key) = keys.next()
            {
                self.report.requests += 1;
                let (engine, dry_run) = (self.engine.clone(), self.options.dry_run);
                looks.spawn(async move { (is_gone(&engine, &key, dry_run).await, key) });
            }
            match looks.join_next().await {
                None => break,
                Some(Ok((Ok(is_gone), key))) => {
                    failures_in_a_row = 0;
                    if is_gone {
                        self.report.missing_at_nango.add(&key);
                    }
                }
                // One failure says nothing about the other connections, and the next sweep is near.
                Some(Ok((Err(error), _)))
                    if error.kind() == ErrorKind::Unavailable && failures_in_a_row < GIVE_UP_AFTER =>
                {
                    failures_in_a_row += 1;
                    self.report.unresolved += 1;
                }
                Some(Ok((Err(error), _))) if error.kind().is_unreadable() => self.report.unresolved += 1,
                Some(Ok((Err(error), _))) => return Err(error),
                // A panic, or a runtime that is shutting down.
                Some(Err(_)) => return Err(Error::because(ErrorKind::Unavailable, "a look was interrupted")),
            }
        }
        // Beyond the budget they are left to the next sweep.
        self.report.unresolved += keys.len();
        Ok(())
    }
}

/// Looks at a connection as a background call.
async fn is_gone(engine: &Engine, key: &ConnectionKey, dry_run: bool) -> Result<bool, Error> {
    if dry_run {
        let client = engine.client.background();
        let observation = engine.observe_by_id(&client, key, Refresh::WhenDue).await?;
        return Ok(matches!(observation, Observation::Missing));
    }
    // rule: unlisted
    Ok(engine.look_in_background(key).await?.is_none_or(|row| row.removed))
}

/// The number of rows that are read at a time.
const ROWS: usize = 1000;

impl SweepRun {
    pub(super) async fn sweep_rows(&mut self) -> Result<(), Error> {
        let (mut live, mut unlisted) = (0, 0);
        let mut after = None;
        while let Some(rows) = self.next_rows(&mut after).await? {
            let mut expired = Vec::new();
            for row in &rows {
                if row.removed {
                    expired.extend(self.engine.context().expired(row));
                } else {
                    live += 1;
                    unlisted += usize::from(!self.cursor.fingerprints.contains(&row.key));
                }
            }
            if !self.options.dry_run {
                self.report.erased +=
                    self.apply(&expired).await?.into_iter().filter(|written| *written).count();
            }
            self.report.rows += rows.len();
            self.report_progress();
        }
        if self.cursor.unnamed > 0 {
            tracing::warn!(
                connections = self.cursor.unnamed,
                unlisted,
                "a sweep cannot read the key of connections that nango lists, and removed none; look for one with metadata \
                 of more than 32 MiB"
            );
            self.report.removals_skipped = true;
            return Ok(());
        }
        // rule: mass-removal
        if unlisted > (live / 20).max(10) && !self.options.allow_mass_removal {
            tracing::warn!(
                unlisted,
                "a sweep withheld the removal of many connections; check the environment and the API key"
            );
            self.report.removals_withheld = unlisted;
        } else if unlisted > 0 {
            self.look_at_unlisted().await?;
        }
        Ok(())
    }

    /// Looks at the connections that were on no page. Pages shift, so absence from them proves
    /// nothing.
    async fn look_at_unlisted(&mut self) -> Result<(), Error> {
        let mut after = None;
        while let Some(mut rows) = self.next_rows(&mut after).await? {
            rows.retain(|row| !row.removed && !self.cursor.fingerprints.contains(&row.key));
            self.look_by_id(rows.into_iter().map(|row| row.key).collect()).await?;
        }
        Ok(())
    }

    async fn next_rows(&self, after: &mut Option<ConnectionKey>) -> Result<Option<Vec<Record>>, Error> {
        let rows = self.engine.store.page(after.as_ref(), ROWS).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        *after = Some(last.key.clone());
        Ok(Some(rows))
    }
}
