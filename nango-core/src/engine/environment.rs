//! Evidence that the API key is one of the environment that the store's connections are in.

use std::sync::atomic::Ordering;

use nango_client::{ConnectionKey, Refresh};

use super::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::owner::Owner;
use crate::reconcile::Observation;
use crate::record::Record;

/// The number of rows that are read at a time, and of times, to find a connection of another owner.
const ROWS: usize = 200;
const PAGES: usize = 5;

impl Engine {
    /// Returns an error where Nango's absence of a stored connection proves nothing.
    ///
    /// To a key of another environment every connection is missing, and each would be taken for gone.
    /// Until this process has found a stored connection at Nango, an absence is therefore believed
    /// only once a connection of another owner has been found, or there is none to look for.
    pub(super) async fn check_absence(
        &self,
        row: Option<&Record>,
        observation: &Observation,
    ) -> Result<(), Error> {
        let Some(row) = row.filter(|row| !row.removed) else { return Ok(()) };
        if matches!(observation, Observation::Found(_)) {
            self.seen.store(true, Ordering::Relaxed);
        }
        // rule: other-environment
        let is_believed = !matches!(observation, Observation::Missing) || self.seen.load(Ordering::Relaxed);
        if is_believed {
            return Ok(());
        }
        // In a box for the same reason as a look by id.
        Box::pin(self.check_witness(row)).await
    }

    /// Looks at a connection of another owner than the row's: an error if Nango does not have it either.
    async fn check_witness(&self, row: &Record) -> Result<(), Error> {
        let Some(witness) = self.connection_of_another(row.owner.as_ref()).await? else { return Ok(()) };
        if self.is_at_nango(&witness).await? {
            self.seen.store(true, Ordering::Relaxed);
            return Ok(());
        }
        Err(Error::new(ErrorKind::OtherEnvironment))
    }

    /// Returns a stored connection of another owner than this one.
    async fn connection_of_another(&self, owner: Option<&Owner>) -> Result<Option<ConnectionKey>, Error> {
        let mut after = None;
        for _ in 0..PAGES {
            let rows = self.store.page(after.as_ref(), ROWS).await?;
            let is_of_another =
                |row: &&Record| !row.removed && row.owner.is_some() && row.owner.as_ref() != owner;
            if let Some(row) = rows.iter().find(is_of_another) {
                return Ok(Some(row.key.clone()));
            }
            let Some(last) = rows.last().filter(|_| rows.len() == ROWS) else { break };
            after = Some(last.key.clone());
        }
        Ok(None)
    }

    /// Returns whether Nango has a connection. The list is asked first: it neither refreshes the
    /// credentials nor counts as a use of the connection.
    async fn is_at_nango(&self, key: &ConnectionKey) -> Result<bool, Error> {
        if self.find_in_list(key).await?.is_some() {
            return Ok(true);
        }
        let observation = self.observe_by_id(&self.client, key, Refresh::WhenDue).await?;
        Ok(matches!(observation, Observation::Found(_)))
    }
}
