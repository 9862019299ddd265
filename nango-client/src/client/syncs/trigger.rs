//! `POST /sync/trigger`.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};

use super::client::SyncClient;
use super::names::{SyncName, Syncs};
use super::status::{SyncState, SyncStatus};
use crate::client::pace::{Pace, Waited};
use crate::error::Error;
use crate::timestamp::Timestamp;
use crate::transport::Endpoint;

static TRIGGER: Endpoint = Endpoint::new(Method::POST, "/sync/trigger", "trigger syncs");

/// The records that a reset keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "Nango's parameter is a boolean")]
pub enum Reset {
    /// Deletes all records first, without a trace: no record is listed as deleted. Those that the sync
    /// saves again are new. A reader finds out what is gone with
    /// [`ListRecords::read_all`](crate::ListRecords::read_all).
    ClearRecords,
    /// Keeps the records, and forgets how far the sync has come.
    KeepRecords,
}

/// Syncs that are about to be run. [`SyncClient::trigger`] creates it.
#[must_use = "nothing runs before `send` or `run`"]
#[derive(Debug, Clone)]
pub struct TriggerSyncs<'a> {
    client: &'a SyncClient,
    syncs: Syncs,
    reset: Option<Reset>,
}

/// The runs that [`TriggerSyncs::run`] has waited for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[must_use]
pub struct SyncRuns {
    /// The syncs whose run has ended, successfully or not.
    pub ended: Vec<SyncStatus>,
    /// The syncs whose run had not ended when the time was over, with their last status.
    pub pending: Vec<SyncStatus>,
}

impl SyncClient {
    /// Runs syncs now, also paused ones, which stay paused.
    pub fn trigger(&self, syncs: impl Into<Syncs>) -> TriggerSyncs<'_> {
        TriggerSyncs { client: self, syncs: syncs.into(), reset: None }
    }
}

impl TriggerSyncs<'_> {
    /// Runs the syncs from the beginning: without the date of their last run and without checkpoint. A run
    /// that is active is ended.
    pub fn reset(mut self, reset: Reset) -> Self {
        self.reset = Some(reset);
        self
    }

    /// Triggers the syncs, without waiting for them.
    ///
    /// Success means that Nango has found them, and nothing else: for a sync that runs already, the call
    /// is dropped (observed on 0.71.4). With an unknown sync in the list, the ones before it have been
    /// triggered.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when no sync is named,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with the code `no_syncs_found` when one does not
    /// exist, [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the connection does not, and those
    /// of any call.
    pub async fn send(&self) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            provider_config_key: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            connection_id: Option<&'a str>,
            syncs: &'a [SyncName],
            #[serde(skip_serializing_if = "Option::is_none")]
            opts: Option<Opts>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Opts {
            reset: bool,
            // Without a reset Nango ignores it.
            empty_cache: bool,
        }
        #[derive(Deserialize)]
        struct Found {}

        let call = self.client.client.transport.call(&TRIGGER);
        let body = Body {
            provider_config_key: &self.client.integration,
            connection_id: self.client.connection_id.as_deref(),
            syncs: self.syncs.in_a_body().map_err(|error| call.named(error))?,
            opts: self.reset.map(|reset| Opts { reset: true, empty_cache: reset == Reset::ClearRecords }),
        };
        let Found {} = call.submit(call.url(&["sync", "trigger"])?, &body).await?;
        Ok(())
    }

    /// Triggers the syncs, and waits for the end of a run of each, for at most `limit` in all.
    ///
    /// Nango drops a trigger while the sync runs, so that a run which is active is waited for first,
    /// unless a reset ends it. Then the status is asked for, at first twice a second and then more
    /// slowly. Dropping the future ends the wait, and not the runs.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send) and [`SyncClient::status`]. After the syncs were triggered, failures of
    /// Nango that may pass do not end the wait before the time is over.
    pub async fn run(&self, limit: Duration) -> Result<SyncRuns, Error> {
        let (client, mut pace) = (self.client, Pace::new(limit));
        let mut latest = Vec::new();
        let mut is_idle = |found: &[SyncStatus]| {
            latest = found.to_vec();
            self.reset.is_some() || found.iter().all(|sync| sync.status != SyncState::Running)
        };
        let before = match client.wait_at(&self.syncs, &mut pace, &mut is_idle).await? {
            Waited::Done(before) => before,
            // Nothing was triggered.
            Waited::TimedOut => return Ok(SyncRuns { ended: Vec::new(), pending: latest }),
        };
        self.send().await?;
        let ends: BTreeMap<&str, Option<Timestamp>> =
            before.iter().map(|sync| (sync.id.as_str(), sync.finished_at)).collect();
        let has_ended = |sync: &SyncStatus| {
            let is_over = sync.status != SyncState::Running && sync.finished_at.is_some();
            is_over && ends.get(sync.id.as_str()).is_none_or(|before| *before != sync.finished_at)
        };
        let mut latest = before.clone();
        let mut have_ended = |found: &[SyncStatus]| {
            latest = found.to_vec();
            // One that is not listed any more was deleted meanwhile.
            found.iter().all(has_ended)
        };
        // The first status would mostly be that of before.
        let waited = if pace.pause(None).await {
            client.wait_at(&self.syncs, &mut pace, &mut have_ended).await?
        } else {
            Waited::TimedOut
        };
        let found = waited.done().unwrap_or(latest);
        let (ended, pending) = found.into_iter().partition(has_ended);
        Ok(SyncRuns { ended, pending })
    }
}
