//! Giving back what somebody's reconnect has wiped.

use super::Nango;
use super::counters::Count;
use crate::client::{Refresh, Refused};
use crate::connection::{Connection, ConnectionRef};
use crate::error::{Error, ErrorKind};
use crate::kinds::Attribution;
use crate::reconcile::Repair;

impl Nango {
    /// Gives wiped tags and metadata back. The row says to look again in half a minute, whatever comes of it.
    pub(super) async fn give_back(&self, key: &ConnectionRef, repair: &Repair) {
        // What said that they are wiped may be a replica, and somebody may have given them back already.
        let now = match self.0.client.look_up(key, Refresh::WhenDue).await {
            Ok(now) => now,
            Err(Refused::Credentials(now)) => *now,
            Err(Refused::Integration | Refused::Failed(_)) => return,
        };
        let integration = key.integration();
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
