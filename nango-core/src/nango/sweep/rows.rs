//! The way of a sweep through our rows: which of them has Nango not listed?

use tokio::task::JoinSet;

use super::walk::Walk;
use crate::client::Refresh;
use crate::connection::ConnectionRef;
use crate::error::{Error, ErrorKind};
use crate::nango::Nango;
use crate::reconcile::Seen;
use crate::store::Record;

/// How many of our rows are read at a time.
const ROWS: usize = 1000;

/// How many connections are looked up at the same time.
const LOOKS: usize = 4;

/// So many failures in a row are passed over; one more ends the sweep.
const GIVE_UP: usize = 3;

impl Walk {
    pub(super) async fn rows(&mut self) -> Result<(), Error> {
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
                self.report.erased += self.apply(&erase).await?.into_iter().filter(|done| *done).count();
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
        while let Some(mut rows) = self.next_rows(&mut after).await? {
            rows.retain(|row| !row.removed && !self.state.fingerprints.has(&row.key));
            let gone = self.look_at(rows.into_iter().map(|row| row.key).collect()).await?;
            for key in gone {
                self.report.missing_there.add(&key);
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

    /// Looks connections up by their ids, a few at a time, as far as the budget goes. Gives those that are gone.
    pub(super) async fn look_at(&mut self, keys: Vec<ConnectionRef>) -> Result<Vec<ConnectionRef>, Error> {
        let (mut looks, mut gone, mut failures) = (JoinSet::new(), Vec::new(), 0);
        let mut keys = keys.into_iter();
        loop {
            while looks.len() < LOOKS
                && self.can_spend(1)
                && let Some(key) = keys.next()
            {
                self.report.requests += 1;
                let (nango, dry_run) = (self.nango().clone(), self.request.dry_run);
                looks.spawn(async move { (nango.is_gone(&key, dry_run).await, key) });
            }
            match looks.join_next().await {
                None => break,
                Some(Ok((Ok(is_gone), key))) => {
                    failures = 0;
                    gone.extend(is_gone.then_some(key));
                }
                // Of one connection it says nothing about the others, whose next sweep is near.
                Some(Ok((Err(error), _))) if error.kind() == ErrorKind::Unavailable && failures < GIVE_UP => {
                    failures += 1;
                    self.report.unresolved += 1;
                }
                Some(Ok((Err(error), _))) => return Err(error),
                // The app's handler has panicked in a way that could not be caught, or the runtime is shutting down.
                Some(Err(_)) => return Err(Error::new(ErrorKind::Unavailable)),
            }
        }
        // Without budget they are left to the next sweep.
        self.report.unresolved += keys.len();
        Ok(gone)
    }
}

impl Nango {
    /// Looks a connection up that nobody waits for.
    async fn is_gone(&self, key: &ConnectionRef, dry_run: bool) -> Result<bool, Error> {
        if dry_run {
            let seen = self.looked_up(&self.0.client.patient(), key, Refresh::WhenDue).await?;
            return Ok(matches!(seen, Seen::Missing));
        }
        Ok(self.look_patiently(key).await?.is_none_or(|row| row.removed))
    }
}
