//! Looking for one owner's connections, without waiting for a webhook.

use std::collections::HashMap;

use super::look::Reason;
use super::{Caller, Nango, OwnedConnection};
use crate::client::ConnectionFilter;
use crate::connection::ConnectionRef;
use crate::error::{Error, ErrorKind};
use crate::reconcile::Seen;

const PAGE: u32 = 100;

/// More connections than a person has. Whoever has more waits for the webhook, or for the sweep.
const MAX_PAGES: u32 = 10;

impl Nango {
    /// Looks which connections Nango has for an owner, and gives them as they are now.
    ///
    /// It makes local development work without a tunnel for webhooks, and closes the race between the browser's `connect`
    /// event and the webhook. At most 1000 connections are looked at.
    ///
    /// # Errors
    ///
    /// When Nango or the store cannot be asked, or the entity is not registered.
    pub async fn sync(&self, owner: impl Into<Caller>) -> Result<Vec<OwnedConnection>, Error> {
        let caller = self.known(owner.into())?;
        let tag =
            self.0.kinds.id_tag(caller.owner().kind()).ok_or_else(|| Error::new(ErrorKind::UnknownKind))?;
        let filter = ConnectionFilter::new().tag(tag, caller.owner().id());
        let mut listed = Vec::new();
        for page in 0..MAX_PAGES {
            // What is written down has to be seen after the rows were read, and which rows to read is not known before: so a
            // page is read, then the rows, then the page again.
            let first = self.0.list.connections(&filter, page, PAGE).await?;
            let last_page = first.len() < PAGE as usize;
            let keys: Vec<ConnectionRef> = first.into_iter().map(|connection| connection.key).collect();
            if !keys.is_empty() {
                let rows = self.0.store.get(&keys).await?;
                let mut rows: HashMap<_, _> = keys.iter().cloned().zip(rows).collect();
                for found in self.0.list.connections(&filter, page, PAGE).await? {
                    let Some(row) = rows.remove(&found.key) else {
                        continue;
                    };
                    let key = found.key.clone();
                    let seen = Seen::listed(found);
                    match self.write_down_alone(&key, row, seen).await? {
                        Some(observed) => drop(self.announce(observed.row).await?),
                        None => drop(self.observe(&key, Reason::Asked).await?),
                    }
                }
            }
            listed.extend(keys);
            if last_page {
                break;
            }
        }
        for row in self.0.store.list(caller.owner()).await? {
            // Absence from a filtered list proves nothing: the tags may have been wiped.
            if !listed.contains(&row.key) {
                self.observe(&row.key, Reason::Asked).await?;
            }
        }
        self.connections(&caller).await
    }
}
