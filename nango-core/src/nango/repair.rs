//! Giving back what somebody's reconnect has wiped.

use super::Nango;
use super::counters::Count;
use crate::client::{Refresh, Refused};
use crate::connection::{Connection, ConnectionRef};
use crate::error::{Error, ErrorKind};
use crate::kinds::Attribution;
use crate::reconcile::Repair;
use crate::store::Change;

impl Nango {
    /// Gives wiped tags and metadata back. The row says to look again in half a minute, whatever comes of it.
    pub(super) async fn give_back(&self, key: &ConnectionRef, repair: &Repair) {
        // The last of the rate limit is for those who wait, and nobody waits for this.
        if self.0.client.is_short() {
            return;
        }
        let integration = key.integration();
        // What said that they are wiped may be a replica, and somebody may have given them back already.
        let now = match self.0.client.look_up(key, Refresh::WhenDue).await {
            Ok(now) => now,
            Err(Refused::Credentials(now)) => *now,
            Err(Refused::Integration) => return,
            Err(Refused::Failed(error)) => {
                return self.note_repair(Err(error), Count::RepairsFailed, integration, "data");
            }
        };
        if now.key != *key || now.incarnation != repair.incarnation {
            return;
        }
        if let Some(tags) = repair.tags.as_ref().filter(|_| self.names_nobody(&now)) {
            let done = self.0.client.set_tags(key, tags).await;
            self.note_repair(done, Count::TagsRepaired, integration, "tags");
        }
        if let Some(metadata) = repair.metadata.as_ref().filter(|_| now.metadata.is_empty()) {
            // Merged, so that what somebody writes at this moment stays.
            let done = self.0.client.update_metadata(key, metadata).await;
            self.note_repair(done, Count::MetadataRepaired, integration, "metadata");
        }
    }

    /// [`give_back`](Self::give_back) for who does not have the turn, after a change that was applied some time ago: if
    /// somebody has written since, it is theirs to say whether anything is to be given back.
    pub(super) async fn give_back_after(&self, change: &Change, repair: &Repair) -> Result<(), Error> {
        let ticket = self.0.turns.queue(change.key());
        let _turn = ticket.alone().await;
        let row = self.row(change.key()).await?;
        if row.is_some_and(|row| change.next().is_some_and(|next| next.version == row.version)) {
            self.give_back(change.key(), repair).await;
        }
        Ok(())
    }

    fn note_repair(&self, done: Result<(), Error>, count: Count, integration: &str, what: &str) {
        match done {
            Ok(()) => {
                self.count(count);
                tracing::info!(integration, "gave a connection its wiped {what} back");
            }
            // It has ended since: nothing to give back to.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                self.count(Count::RepairsFailed);
                tracing::warn!(integration, %error, "could not give a connection its wiped {what} back");
            }
        }
    }

    fn names_nobody(&self, connection: &Connection) -> bool {
        matches!(self.0.kinds.attribute(&connection.tags), Attribution::Nobody(why) if why.is_silence())
    }
}
