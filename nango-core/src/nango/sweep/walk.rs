//! The way of a sweep: Nango's pages first, then ours.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::sleep;

use super::report::{ResumePoint, SweepProgress, SweepReport};
use super::{Nango, SweepRequest};
use crate::client::{ConnectionFilter, Page, Refresh};
use crate::connection::{Connection, ConnectionRef};
use crate::error::Error;
use crate::nango::look::Reason;
use crate::reconcile::{Finding, Reconciled, Seen};
use crate::store::{Applied, Change, Record};
use crate::tags::Tags;

/// How many of our rows are read at a time.
const ROWS: usize = 1000;

/// What is left of the account's rate limit for everybody else.
const RESERVE: u32 = 5;

/// A sweep never waits longer than this for the rate limit to be lifted; Nango's window is a minute.
const LONGEST_PAUSE: Duration = Duration::from_secs(61);

pub(super) struct Walk {
    request: SweepRequest,
    state: ResumePoint,
    report: SweepReport,
}

/// What a page of Nango's calls for.
#[derive(Default)]
struct Todo {
    changes: Vec<Change>,
    repairs: Vec<(ConnectionRef, Tags)>,
}

impl Walk {
    pub(super) fn new(mut request: SweepRequest) -> Self {
        let state = request.resume.take().unwrap_or_default();
        let report = SweepReport { listed: state.listed, ..SweepReport::default() };
        Self { request, state, report }
    }

    pub(super) async fn run(mut self) -> Result<SweepReport, Error> {
        loop {
            // A page may have to be read twice, and half a page is worse than none.
            if !self.can_spend(2) {
                return Ok(self.stopped());
            }
            let listed = self.list().await?;
            let last = listed.len() < self.request.page as usize;
            self.page(listed).await?;
            self.tell();
            self.state.page += 1;
            if last {
                break;
            }
        }
        self.rows().await?;
        Ok(self.report)
    }

    fn nango(&self) -> &Nango {
        &self.request.nango
    }

    async fn list(&mut self) -> Result<Vec<Connection>, Error> {
        self.report.requests += 1;
        let client = self.nango().0.list.patient();
        let Page { connections, rate } =
            client.page(&ConnectionFilter::new(), self.state.page, self.request.page).await?;
        if let Some(reset) = rate.filter(|rate| rate.remaining < RESERVE).map(|rate| rate.resets_in) {
            sleep(reset.min(LONGEST_PAUSE)).await;
        }
        Ok(connections)
    }

    fn can_spend(&self, requests: u32) -> bool {
        self.report.requests.saturating_add(requests) <= self.request.budget
    }

    /// Brings the rows of a page in line.
    async fn page(&mut self, mut listed: Vec<Connection>) -> Result<(), Error> {
        listed.retain(|found| self.state.fingerprints.is_new(&found.key));
        let keys: Vec<_> = listed.iter().map(|found| found.key.clone()).collect();
        let rows = self.nango().0.store.get(&keys).await?;
        let mut rows: HashMap<_, _> = keys.into_iter().zip(rows).collect();
        self.report.listed += listed.len();
        let mut todo = Todo::default();
        for found in listed {
            let row = rows.get(&found.key).cloned().flatten();
            self.judge(row.as_ref(), found, &mut todo, true);
        }
        if todo.changes.is_empty() || self.request.dry_run {
            return Ok(());
        }
        // What was seen before the rows were read proves nothing about them: what differs is looked at again.
        let differing: HashSet<_> = todo.changes.iter().map(|change| change.key().clone()).collect();
        let mut todo = Todo::default();
        for found in self.list().await?.into_iter().filter(|found| differing.contains(&found.key)) {
            let row = rows.remove(&found.key).flatten();
            self.judge(row.as_ref(), found, &mut todo, false);
        }
        self.apply(&todo.changes).await?;
        for (key, tags) in &todo.repairs {
            // Without budget it is left to the mark in the row.
            if self.can_spend(2) {
                self.report.requests += 2;
                self.nango().give_back(key, tags).await;
            }
        }
        Ok(())
    }

    /// What a listed connection means for its row. Counted once, at the first look.
    fn judge(&mut self, row: Option<&Record>, found: Connection, todo: &mut Todo, count: bool) {
        let key = found.key.clone();
        let Reconciled { change, finding, repair } =
            self.nango().context().reconcile(row, &Seen::swept(found));
        let next = change.as_ref().and_then(Change::next);
        let owner = next.or(row).filter(|row| !row.removed).and_then(|row| row.owner.as_ref());
        if count
            && let Some(owner) = owner
            && !self.state.fingerprints.is_first_of(owner, key.integration())
        {
            self.report.duplicate.add(&key);
        }
        let same = match (row, next) {
            (Some(row), Some(next)) => Record { version: row.version, ..next.clone() } == *row,
            _ => false,
        };
        if count {
            match (&finding, row) {
                (Finding::Quarantined(_) | Finding::OwnerConflict, _) => self.report.owner_unknown.add(&key),
                (Finding::Changed, row) if row.is_none_or(|row| row.removed) => {
                    self.report.missing_here.add(&key);
                }
                _ if !same && change.is_some() => self.report.updated += 1,
                _ => {}
            }
        }
        if let Some(change) = change.filter(|_| !same) {
            todo.changes.push(change);
        }
        todo.repairs.extend(repair.map(|tags| (key, tags)));
    }

    async fn apply(&self, changes: &[Change]) -> Result<usize, Error> {
        if changes.is_empty() {
            return Ok(0);
        }
        // Stale: somebody has looked since, and knows better.
        let applied = self.nango().0.store.apply(changes).await?;
        Ok(applied.into_iter().filter(|applied| *applied == Applied::Done).count())
    }

    /// Our rows: which of them has Nango not listed?
    async fn rows(&mut self) -> Result<(), Error> {
        let (mut live, mut unlisted) = (0, 0);
        let mut after = None;
        while let Some(rows) = self.next_rows(&mut after).await? {
            let mut erase = Vec::new();
            for row in &rows {
                if row.removed {
                    erase.extend(self.nango().context().forgotten(row));
                } else {
                    live += 1;
                    unlisted += usize::from(!self.state.fingerprints.has(&row.key));
                }
            }
            if !self.request.dry_run {
                self.report.erased += self.apply(&erase).await?;
            }
            self.report.rows += rows.len();
            self.tell();
        }
        if unlisted > (live / 20).max(10) && !self.request.allow_mass_removal {
            tracing::warn!(
                unlisted,
                "a sweep would remove so many connections that it removes none: wrong environment or key?"
            );
            self.report.removals_withheld = unlisted;
        } else if unlisted > 0 {
            self.look_for_unlisted().await?;
        }
        Ok(())
    }

    /// Whether what was in no page is gone. Pages shift, so that nothing follows from having missed it.
    async fn look_for_unlisted(&mut self) -> Result<(), Error> {
        let mut after = None;
        while let Some(rows) = self.next_rows(&mut after).await? {
            for row in rows {
                if row.removed || self.state.fingerprints.has(&row.key) || !self.can_spend(1) {
                    continue;
                }
                self.report.requests += 1;
                let gone = if self.request.dry_run {
                    matches!(self.nango().looked_up(&row.key, Refresh::WhenDue).await?, Seen::Missing)
                } else {
                    let observed = self.nango().observe(&row.key, Reason::Asked).await?;
                    observed.row.is_none_or(|row| row.removed)
                };
                if gone {
                    self.report.missing_there.add(&row.key);
                }
            }
        }
        Ok(())
    }

    async fn next_rows(&self, after: &mut Option<ConnectionRef>) -> Result<Option<Vec<Record>>, Error> {
        let rows = self.nango().0.store.page(after.as_ref(), ROWS).await?;
        match rows.last() {
            Some(last) => {
                *after = Some(last.key.clone());
                Ok(Some(rows))
            }
            None => Ok(None),
        }
    }

    fn stopped(mut self) -> SweepReport {
        self.state.listed = self.report.listed;
        self.report.resume = Some(self.state);
        self.report
    }

    fn tell(&self) {
        if let Some(call) = &self.request.progress {
            let SweepReport { listed, rows, requests, .. } = self.report;
            call(SweepProgress { listed, rows, requests });
        }
    }
}
