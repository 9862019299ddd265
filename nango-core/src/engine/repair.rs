//! Repairs: restoring what a reconnect wiped at Nango.

use nango_client::{Connection, ConnectionKey, ErrorKind as NangoErrorKind, Lookup, Refresh};

use super::counters::Count;
use super::engine::Engine;
use crate::error::Error;
use crate::owner::Attribution;
use crate::reconcile::Repair;
use crate::record::Change;
use crate::report::BackgroundFailure;

impl Engine {
    /// Restores wiped tags and metadata. The row says to look again in half a minute, whatever the
    /// outcome.
    pub(super) async fn repair(&self, key: &ConnectionKey, repair: &Repair) {
        // The last of the rate limit is for callers that wait, and no caller waits for a repair.
        if self.client.is_near_rate_limit() {
            return;
        }
        let integration = key.integration();
        // The observation may come from a replica, and the data may have been restored already.
        let current = match self.reading(&self.client).look_up(key, Refresh::WhenDue).await {
            Ok(Lookup::Working(current) | Lookup::Broken(current)) => current,
            Ok(Lookup::Missing | Lookup::UnknownIntegration) => return,
            Err(error) => return self.record_repair(Err(error), Count::RepairsFailed, integration, "data"),
        };
        // rule: blind-repair
        // rule: other-incarnation
        if current.incarnation != repair.incarnation {
            return;
        }
        // The app's name is added to the tags that the connection has now.
        let named = self.kinds.with_app_name(&self.kinds.without_attempt(&current.tags));
        let wiped = repair.tags.clone().filter(|_| self.is_unnamed(&current));
        if let Some(tags) = repair.tags.as_ref().and_then(|_| named.or(wiped)) {
            let done = self.client.set_tags(key, &tags).await;
            self.record_repair(done, Count::TagsRepaired, integration, "tags");
        }
        if let Some(metadata) = repair.metadata.as_ref().filter(|_| current.metadata.is_empty()) {
            // Merged, so that a concurrent write of another key stays.
            let done = self.client.update_metadata(key, metadata).await;
            self.record_repair(done, Count::MetadataRepaired, integration, "metadata");
        }
    }

    /// Like [`repair`](Self::repair), for callers without the lock, after a change that was applied
    /// some time ago: if the row has changed since, that writer decides on repairs.
    pub(crate) async fn repair_after(&self, change: &Change, repair: &Repair) -> Result<(), Error> {
        let waiter = self.looks.join(change.key());
        let _guard = waiter.lock().await;
        let row = self.row(change.key()).await?;
        if row.is_some_and(|row| change.next().is_some_and(|next| next.version == row.version)) {
            self.repair(change.key(), repair).await;
        }
        Ok(())
    }

    fn record_repair(
        &self,
        done: Result<(), nango_client::Error>,
        count: Count,
        integration: &str,
        what: &'static str,
    ) {
        match done {
            Ok(()) => {
                self.count(count);
                tracing::info!(
                    integration,
                    "restored the {what} of a connection: a reconnect had wiped them, or the app's name was missing"
                );
            }
            // The connection has ended since.
            Err(error) if error.kind() == NangoErrorKind::NotFound => {}
            Err(error) => {
                self.count(Count::RepairsFailed);
                let (integration, error) = (integration.to_owned(), error.into());
                self.reporter.report(BackgroundFailure::Repair { integration, what, error });
            }
        }
    }

    fn is_unnamed(&self, connection: &Connection) -> bool {
        // rule: overwrites.2
        matches!(self.kinds.attribute(&connection.tags), Attribution::Failed(why) if why.is_unnamed())
    }
}
