//! State of each sync of each connection.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::counts::Results;

/// Identifies a sync of a connection. The integration is the connection's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct SyncKey {
    /// Numeric id of the connection.
    pub(crate) connection: u64,
    pub(crate) name: String,
    pub(crate) variant: String,
}

/// State of one sync of one connection.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SyncState {
    pub(crate) key: SyncKey,
    pub(crate) id: String,
    /// Replaces the frequency of the deployment.
    pub(crate) frequency: Option<String>,
    pub(crate) paused: bool,
    pub(crate) created_at: Timestamp,
    /// Time of the next scheduled run. It passes without a run while the sync is paused.
    pub(crate) next_at: Timestamp,
    /// Start of the last run that succeeded. Without one the next run is an initial one.
    pub(crate) last_success: Option<Timestamp>,
    pub(crate) checkpoint: Option<Map<String, Value>>,
    pub(crate) latest: Option<Job>,
}

/// A run that has ended.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) kind: JobKind,
    pub(crate) finished_at: Timestamp,
    pub(crate) success: bool,
    pub(crate) results: Results,
}

/// Kind of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum JobKind {
    Initial,
    Incremental,
    /// Run of the sync's code for a webhook of the provider.
    Webhook,
}

impl JobKind {
    /// Returns the `syncType` of webhooks.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Initial => "INITIAL",
            Self::Incremental => "INCREMENTAL",
            Self::Webhook => "WEBHOOK",
        }
    }

    /// Returns the `type` of a status. It is `INITIAL` for every scheduled and triggered run
    /// (observed on Nango 0.71.4).
    pub(crate) fn status_type(self) -> &'static str {
        if self == Self::Webhook { "INCREMENTAL" } else { "INITIAL" }
    }
}

impl SyncState {
    /// Moves the next run to the first time after `now` that is a whole number of periods after the
    /// creation.
    pub(crate) fn schedule(&mut self, period: Duration, now: Timestamp) {
        let period = i64::try_from(period.as_millis()).unwrap_or(i64::MAX).max(1);
        let passed = now.as_millisecond() - self.created_at.as_millisecond();
        let left = period - passed.rem_euclid(period);
        self.next_at = now.checked_add(SignedDuration::from_millis(left)).unwrap_or(Timestamp::MAX);
    }

    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        !self.paused && self.next_at <= now
    }
}

/// States of all syncs. Those of one connection are in the order of names and variants.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "Vec<SyncState>")]
pub(crate) struct Syncs(BTreeMap<SyncKey, SyncState>);

impl From<Vec<SyncState>> for Syncs {
    fn from(saved: Vec<SyncState>) -> Self {
        Self(saved.into_iter().map(|state| (state.key.clone(), state)).collect())
    }
}

impl Serialize for Syncs {
    /// Serializes as a list without copying the states.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.values())
    }
}

impl Syncs {
    pub(crate) fn get(&self, key: &SyncKey) -> Option<&SyncState> {
        self.0.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &SyncKey) -> Option<&mut SyncState> {
        self.0.get_mut(key)
    }

    pub(crate) fn put(&mut self, state: SyncState) {
        self.0.insert(state.key.clone(), state);
    }

    pub(crate) fn remove(&mut self, key: &SyncKey) -> Option<SyncState> {
        self.0.remove(key)
    }

    pub(crate) fn of(&self, connection: u64) -> impl Iterator<Item = &SyncState> {
        let first = SyncKey { connection, name: String::new(), variant: String::new() };
        let range = self.0.range((Bound::Included(first), Bound::Unbounded));
        range.map(|(_, state)| state).take_while(move |state| state.key.connection == connection)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &SyncState> {
        self.0.values()
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&SyncKey) -> bool) {
        self.0.retain(|key, _| keep(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sync as a real Nango server scheduled it: every half hour, counted from its creation.
    #[test]
    fn schedule_counts_periods_from_the_creation() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut state = SyncState {
            key: SyncKey { connection: 1, name: "tickets".into(), variant: "base".into() },
            id: String::new(),
            frequency: None,
            paused: false,
            created_at: at("2026-11-28T01:04:43.078Z"),
            next_at: Timestamp::MIN,
            last_success: None,
            checkpoint: None,
            latest: None,
        };
        state.schedule(Duration::from_secs(1800), at("2026-11-28T01:09:25Z"));
        assert_eq!(state.next_at, at("2026-11-28T01:34:43.078Z"));
        state.schedule(Duration::from_secs(1800), state.next_at);
        assert_eq!(state.next_at, at("2026-11-28T02:04:43.078Z"));
    }
}
