//! Looks at all connections of one owner, without waiting for a webhook.

use std::collections::{HashMap, HashSet};

use nango_client::ConnectionKey;

use super::engine::Engine;
use super::parts::Trigger;
use crate::error::{Error, ErrorKind};
use crate::owner::Owner;
use crate::reconcile::Observation;

const PAGE: u32 = 100;

/// More connections than one owner has. The rest is left to webhooks and to the sweep.
const MAX_PAGES: u32 = 10;

impl Engine {
    /// Brings an owner's rows in line with Nango's list of the owner's connections. Returns the
    /// number of those that cannot be read.
    ///
    /// Asks before each call to Nango whether it may be made, and ends early when it may not.
    pub(crate) async fn look_at_owner(
        &self,
        owner: &Owner,
        may_call: &(dyn Fn() -> bool + Sync),
    ) -> Result<usize, Error> {
        let tag = self.kinds.id_tag(owner.kind()).ok_or_else(|| Error::new(ErrorKind::UnknownKind))?;
        let page = |page| self.list.connections().tag(tag, owner.id()).limit(PAGE).page(page);
        let (mut listed, mut unreadable) = (HashSet::new(), 0);
        for number in 0..MAX_PAGES {
            // A row has to be read before the connection is, and the list says which rows to read:
            // so a page is read, then its rows, then the page again.
            if !may_call() {
                return Ok(unreadable);
            }
            let first = page(number).send().await?;
            // rule: sync-reading
            let is_last = first.len() < PAGE as usize;
            unreadable += first.unreadable.len();
            listed.extend(first.unreadable.iter().filter_map(|row| row.key.clone()));
            let keys: Vec<ConnectionKey> = first.into_iter().map(|connection| connection.key).collect();
            if !keys.is_empty() {
                if !may_call() {
                    return Ok(unreadable);
                }
                let rows = self.store.get(&keys).await?;
                let mut rows: HashMap<_, _> = keys.iter().cloned().zip(rows).collect();
                for found in page(number).send().await? {
                    // rule: sync-reading.2
                    let Some(row) = rows.remove(&found.key) else {
                        continue;
                    };
                    let key = found.key.clone();
                    match self.apply_look(&key, row, Observation::listed(found)).await? {
                        Some(looked) => self.notify(looked.row.as_ref()),
                        None => drop(self.look_and_notify(&key, Trigger::Request).await?),
                    }
                }
            }
            listed.extend(keys);
            if is_last {
                break;
            }
        }
        for row in self.store.list(owner).await? {
            // Absence from a filtered list proves nothing: the tags may have been wiped.
            if !listed.contains(&row.key) && may_call() {
                match self.look_and_notify(&row.key, Trigger::Request).await {
                    // A failure of this connection alone, whose row stays as it is.
                    Err(error) if error.kind().is_unreadable() => {
                        let integration = row.key.integration();
                        tracing::warn!(integration, %error, "a connection of an owner cannot be read; its state stays");
                    }
                    outcome => drop(outcome?),
                }
            }
        }
        Ok(unreadable)
    }
}
