//! `GET /sync/status`.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::client::SyncClient;
use super::names::{SyncName, Syncs};
use crate::client::pace::{Pace, Waited};
use crate::client::reply::{Reply, reply, words};
use crate::error::Error;
use crate::timestamp::Timestamp;
use crate::transport::Endpoint;

static STATUS: Endpoint = Endpoint::new(Method::GET, "/sync/status", "read the status of syncs");

reply! {
    /// The status of a sync of one connection.
    #[derive(Clone, PartialEq)]
    SyncStatus {
        /// Nango's id of the sync of this connection.
        id: String,
        /// The connection.
        connection_id: String,
        /// The name.
        name: String,
        /// The variant, mostly `base`.
        variant: String,
        /// The state. A paused sync is [`Paused`](SyncState::Paused) also if its last run has failed, and a paused
        /// one that runs is [`Running`](SyncState::Running) (observed on 0.71.4).
        status: SyncState,
        /// The end of the last run; `None` while one is active, and before the first.
        #[serde(rename = "finishedAt")]
        finished_at: Option<Timestamp>,
        /// The time of the next run; `None` for a paused sync.
        #[serde(rename = "nextScheduledSyncAt")]
        next_scheduled_at: Option<Timestamp>,
        /// The interval, such as `every hour`.
        frequency: Option<String>,
        /// The changes of the last run, by model.
        #[serde(rename = "latestResult")]
        latest_result: BTreeMap<String, SyncCounts>,
        /// The outcome of the last run.
        #[serde(rename = "latestExecutionStatus")]
        latest_execution: Option<ExecutionStatus>,
        /// The records that exist, by model: those of all variants together (observed on 0.71.4).
        #[serde(rename = "recordCount")]
        record_count: BTreeMap<String, u64>,
        /// The checkpoint that the sync has saved.
        checkpoint: Option<Map<String, Value>>,
        /// `INITIAL` or `INCREMENTAL`. Deprecated: most syncs are `INITIAL` in every run.
        #[serde(rename = "type")]
        kind: Option<String>,
    }
}

crate::__debug_only!(SyncStatus { name, variant, status, finished_at, next_scheduled_at, latest_result });

reply! {
    /// The changes of one model in a run.
    #[derive(Clone, PartialEq)]
    SyncCounts {
        /// New records.
        added: u64,
        /// Changed records.
        updated: u64,
        /// Deleted records.
        #[serde(default)]
        deleted: u64,
    }
}

crate::__debug_only!(SyncCounts { added, updated, deleted });

words! {
    /// The state of a sync.
    SyncState {
        /// The last run has failed.
        Error = "ERROR",
        /// The sync does not run by itself.
        Paused = "PAUSED",
        /// A run is active. One that was lost with its machine counts as active for five minutes.
        Running = "RUNNING",
        /// The sync was stopped.
        Stopped = "STOPPED",
        /// The last run has succeeded, or there was none yet.
        Success = "SUCCESS",
    }
}

words! {
    /// The outcome of a run.
    ExecutionStatus {
        /// The run is active.
        Running = "RUNNING",
        /// The run has failed.
        Stopped = "STOPPED",
        /// The run has succeeded.
        Success = "SUCCESS",
    }
}

/// `{"syncs": […]}`.
pub(in crate::client) struct Statuses(pub(in crate::client) Vec<SyncStatus>);

impl<'de> Deserialize<'de> for Reply<Statuses> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            syncs: Reply<Vec<SyncStatus>>,
        }
        let Wire { syncs: Reply(syncs) } = Wire::deserialize(deserializer)?;
        Ok(Self(Statuses(syncs)))
    }
}

impl SyncStatus {
    /// Returns the name with the variant, for calls.
    #[must_use]
    pub fn sync_name(&self) -> SyncName {
        SyncName::new(&*self.name).variant(&*self.variant)
    }
}

impl SyncClient {
    /// Returns the status of syncs. Nango leaves out those that it does not have.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, Syncs};
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// for sync in client.syncs(&key).status(Syncs::All).await? {
    ///     println!("{}: {:?}", sync.name, sync.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when a name is not one that Nango allows,
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such connection, and those of
    /// any call.
    pub async fn status(&self, syncs: impl Into<Syncs>) -> Result<Vec<SyncStatus>, Error> {
        self.status_of(&syncs.into()).await
    }

    async fn status_of(&self, syncs: &Syncs) -> Result<Vec<SyncStatus>, Error> {
        let call = self.client.transport.call(&STATUS);
        let names = syncs.in_a_query().map_err(|error| call.named(error))?;
        let mut url = call.url(&["sync", "status"])?;
        url.query_pairs_mut()
            .append_pair("syncs", &names)
            .append_pair("provider_config_key", &self.integration)
            .extend_pairs(self.connection_id.iter().map(|id| ("connection_id", id)));
        let Reply(Statuses(found)): Reply<Statuses> = call.send(url).await?;
        Ok(found)
    }

    /// Asks for the status until a condition holds, at first twice a second and then more slowly, and
    /// for at most `limit`. Failures of Nango that may pass do not end it before. Dropping the future
    /// ends the wait.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use nango_client::{Client, ConnectionKey, Error, SyncState, Syncs};
    /// # async fn run(client: Client, github: ConnectionKey) -> Result<(), Error> {
    /// let syncs = client.syncs(&github);
    /// syncs.pause(Syncs::All).await?; // the current run goes on
    /// let is_idle = |found: &[_]| found.iter().all(|sync: &nango_client::SyncStatus| sync.status != SyncState::Running);
    /// let idle = syncs.wait_until(Syncs::All, Duration::from_secs(60), is_idle).await?;
    /// # let _ = idle;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`status`](Self::status).
    pub async fn wait_until(
        &self,
        syncs: impl Into<Syncs>,
        limit: Duration,
        mut condition: impl FnMut(&[SyncStatus]) -> bool,
    ) -> Result<Waited<Vec<SyncStatus>>, Error> {
        let mut pace = Pace::new(limit);
        self.wait_at(&syncs.into(), &mut pace, &mut condition).await
    }

    pub(super) async fn wait_at(
        &self,
        syncs: &Syncs,
        pace: &mut Pace,
        condition: &mut impl FnMut(&[SyncStatus]) -> bool,
    ) -> Result<Waited<Vec<SyncStatus>>, Error> {
        loop {
            let failure = match self.status_of(syncs).await {
                Ok(found) if condition(&found) => return Ok(Waited::Done(found)),
                Ok(_) => None,
                Err(error) if error.is_retryable() => Some(error),
                Err(error) => return Err(error),
            };
            if !pace.pause(failure.as_ref().and_then(Error::retry_after)).await {
                return failure.map_or(Ok(Waited::TimedOut), Err);
            }
        }
    }
}
