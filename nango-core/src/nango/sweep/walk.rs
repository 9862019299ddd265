//! The way of a sweep through Nango's pages.

use std::collections::HashMap;

use super::report::{ResumePoint, SweepProgress, SweepReport};
use super::{Nango, SweepRequest};
use crate::client::ConnectionFilter;
use crate::connection::Connection;
use crate::error::Error;
use crate::reconcile::{Finding, Reconciled, Repair, Seen};
use crate::store::{Applied, Change, Record};

pub(super) struct Walk {
    pub(super) request: SweepRequest,
    pub(super) state: ResumePoint,
    pub(super) report: SweepReport,
}

/// What a page of Nango's calls for.
#[derive(Default)]
struct Todo {
    changes: Vec<Change>,
    /// Of each change, what Nango has to get back.
    repairs: Vec<Option<Repair>>,
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

    pub(super) fn nango(&self) -> &Nango {
        &self.request.nango
    }

    async fn list(&mut self) -> Result<Vec<Connection>, Error> {
        self.report.requests += 1;
        let client = self.nango().0.list.patient();
        client.connections(&ConnectionFilter::new(), self.state.page, self.request.page).await
    }

    pub(super) fn can_spend(&self, requests: u32) -> bool {
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
        let differing = todo.changes.iter().map(|change| change.key().clone());
        let mut differing: HashMap<_, _> = differing.filter_map(|key| rows.remove_entry(&key)).collect();
        let mut todo = Todo::default();
        for found in self.list().await? {
            if let Some(row) = differing.remove(&found.key) {
                self.judge(row.as_ref(), found, &mut todo, false);
            }
        }
        let done = self.apply(&todo.changes).await?;
        for ((change, repair), done) in todo.changes.iter().zip(&todo.repairs).zip(done) {
            // Without budget it is left to the mark in the row.
            if let Some(repair) = repair.as_ref().filter(|repair| done && self.can_spend(repair.requests())) {
                self.report.requests += repair.requests();
                self.nango().give_back_after(change, repair).await?;
            }
        }
        // They slipped to another page between the two readings. The next page may have them, but they count as read.
        for key in self.look_at(differing.into_keys().collect()).await? {
            self.report.missing_there.add(&key);
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
            todo.repairs.push(repair);
        }
    }

    /// Of each change, whether it was done. If not, somebody has looked since, and knows better.
    pub(super) async fn apply(&self, changes: &[Change]) -> Result<Vec<bool>, Error> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let applied = self.nango().0.store.apply(changes).await?;
        Ok(applied.into_iter().map(|applied| applied == Applied::Done).collect())
    }

    fn stopped(mut self) -> SweepReport {
        self.state.listed = self.report.listed;
        self.report.resume = Some(self.state);
        self.report
    }

    pub(super) fn tell(&self) {
        if let Some(call) = &self.request.progress {
            let SweepReport { listed, rows, requests, .. } = self.report;
            call(SweepProgress { listed, rows, requests });
        }
    }
}
