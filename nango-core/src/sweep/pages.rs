//! The first half of a sweep: Nango's pages.

use std::collections::HashMap;

use nango_client::{Connection, ConnectionKey, ConnectionPage, UnreadableConnection};

use super::ahead::{PageAhead, request};
use super::run::SweepRun;
use crate::error::Error;
use crate::reconcile::{Finding, Observation, Reconciled, Repair};
use crate::record::{Change, Record};

/// A listed connection, compared with its row.
struct Verdict {
    reconciled: Reconciled,
    /// `true` if the change has nothing but a new version.
    is_same: bool,
}

/// The requests for a page: it may have to be read twice, and half a page is worse than none.
const READINGS: u32 = 2;

/// The changes that are in memory at once. A page in which all differ would take that of the page once more.
const PIECE: usize = 500;

/// The changes that a page calls for, each with what Nango has to get back.
#[derive(Default)]
struct Plan {
    changes: Vec<Change>,
    repairs: Vec<Option<Repair>>,
}

impl SweepRun {
    /// Brings the rows of all pages in line; `false` when the budget is used up before the last
    /// page. Requests a page while the one before it is worked on; the cursor is at the latter.
    pub(super) async fn sweep_pages(&mut self) -> Result<bool, Error> {
        let mut ahead: Option<PageAhead> = None;
        loop {
            let listed = match ahead.take() {
                Some(ahead) => {
                    self.reserved = 0;
                    self.counted(ahead.received().await)?
                }
                None if self.can_spend(READINGS) => self.list().await?,
                None => {
                    self.is_stopped = true;
                    return Ok(false);
                }
            };
            let is_last = listed.len() < self.options.page as usize;
            // Beside the second reading of this page.
            if !is_last && self.can_spend(1 + READINGS) {
                ahead = Some(PageAhead::request(&self.engine, self.cursor.page + 1, self.options.page));
                self.reserved = READINGS;
            }
            self.sweep_page(listed).await?;
            self.report_progress();
            self.cursor.page += 1;
            if is_last {
                return Ok(true);
            }
        }
    }

    async fn list(&mut self) -> Result<ConnectionPage, Error> {
        let page = request(&self.engine, self.cursor.page, self.options.page).await;
        self.counted(page)
    }

    fn counted(&mut self, page: Result<ConnectionPage, Error>) -> Result<ConnectionPage, Error> {
        self.report.requests += page.as_ref().map_or(1, |page| page.requests);
        page
    }

    /// Counts connections that Nango has and that cannot be read.
    fn count_unreadable(&mut self, rows: &[UnreadableConnection]) {
        for row in rows {
            let is_new = match &row.key {
                Some(key) => self.cursor.fingerprints.insert(key),
                None => {
                    self.cursor.unnamed += 1;
                    true
                }
            };
            self.report.unreadable += usize::from(is_new);
            self.report.listed += usize::from(is_new);
        }
    }

    async fn sweep_page(&mut self, page: ConnectionPage) -> Result<(), Error> {
        // rule: unreadable
        self.count_unreadable(&page.unreadable);
        let mut listed = page.connections;
        listed.retain(|found| self.cursor.fingerprints.insert(&found.key));
        let keys: Vec<_> = listed.iter().map(|found| found.key.clone()).collect();
        let rows = self.engine.store.get(&keys).await?;
        let mut rows: HashMap<_, _> = keys.into_iter().zip(rows).collect();
        self.report.listed += listed.len();
        let mut differing = HashMap::new();
        for found in listed {
            let key = found.key.clone();
            let row = rows.remove(&key).flatten();
            let verdict = self.compare(row.as_ref(), found);
            self.count(row.as_ref(), &verdict, &key);
            // rule: second-reading
            if verdict.differs() {
                differing.insert(key, row);
            }
        }
        // rule: dry-run
        if differing.is_empty() || self.options.dry_run {
            return Ok(());
        }
        // This list was read before the rows and proves nothing about them: differing connections
        // are looked at again.
        let mut plan = Plan::default();
        for found in self.list().await? {
            if let Some(row) = differing.remove(&found.key) {
                plan.add(self.compare(row.as_ref(), found));
            }
            if plan.changes.len() == PIECE {
                self.carry_out(std::mem::take(&mut plan)).await?;
            }
        }
        self.carry_out(plan).await?;
        // These slipped to another page between the two readings. The next page may have them, but
        // they count as read.
        self.look_by_id(differing.into_keys().collect()).await
    }

    async fn carry_out(&mut self, plan: Plan) -> Result<(), Error> {
        let written = self.apply(&plan.changes).await?;
        for ((change, repair), written) in plan.changes.iter().zip(&plan.repairs).zip(written) {
            // Beyond the budget it is left to the mark in the row.
            if let Some(repair) =
                repair.as_ref().filter(|repair| written && self.can_spend(repair.requests()))
            {
                self.report.requests += repair.requests();
                self.engine.repair_after(change, repair).await?;
            }
        }
        Ok(())
    }

    fn compare(&self, row: Option<&Record>, found: Connection) -> Verdict {
        let reconciled = self.engine.context().reconcile(row, &Observation::swept(found));
        let is_same = match (row, reconciled.change.as_ref().and_then(Change::next)) {
            (Some(row), Some(next)) => next.is_renewal_of(row),
            _ => false,
        };
        Verdict { reconciled, is_same }
    }

    fn count(&mut self, row: Option<&Record>, verdict: &Verdict, key: &ConnectionKey) {
        let Reconciled { change, finding, .. } = &verdict.reconciled;
        let next = change.as_ref().and_then(Change::next);
        let owner = next.or(row).filter(|row| !row.removed).and_then(|row| row.owner.as_ref());
        if owner.is_some_and(|owner| !self.cursor.fingerprints.insert_owned(owner, key.integration())) {
            self.report.duplicate.add(key);
        }
        match finding {
            Finding::Quarantined(_) | Finding::OwnerConflict => self.report.owner_unknown.add(key),
            Finding::Changed if row.is_none_or(|row| row.removed) => self.report.missing_in_store.add(key),
            _ if verdict.differs() => self.report.updated += 1,
            _ => {}
        }
    }
}

impl Verdict {
    fn differs(&self) -> bool {
        self.reconciled.change.is_some() && !self.is_same
    }
}

impl Plan {
    fn add(&mut self, verdict: Verdict) {
        let differs = verdict.differs();
        let Reconciled { change, repair, .. } = verdict.reconciled;
        if let Some(change) = change.filter(|_| differs) {
            self.changes.push(change);
            self.repairs.push(repair);
        }
    }
}
