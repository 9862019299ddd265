//! The fields of [`Details`](super::Details), and the schedule of repairs.

use std::collections::BTreeMap;
use std::time::Duration;

use nango_client::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::attempts::Attempts;
use super::health::{Health, HealthState};
use super::label::{Label, Labelling};
use super::notified::NotifiedState;
use crate::backoff::Backoff;

/// The format that this version writes. Rows without the field are of the first one.
const FORMAT: u32 = 1;

/// All that is known of a connection beyond the columns of its row.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    /// The format of the newest version that wrote the row.
    #[serde(default = "first_format")]
    pub(crate) format: u32,
    /// Nango's numeric id.
    pub(crate) incarnation: i64,
    pub(crate) provider: String,
    pub(crate) created_at: Timestamp,
    pub(crate) health: HealthState,
    /// A copy of the tags, which are restored after a reconnect wiped them.
    pub(crate) tags: BTreeMap<String, String>,
    /// The attempts that the connection came from, where attempts are tracked.
    #[serde(default, skip_serializing_if = "Attempts::is_empty")]
    pub(crate) attempts: Attempts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<Label>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) labelling: Labelling,
    /// A copy of the metadata, where the app wants it kept.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) metadata: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) removal: Option<Removal>,
    /// The time of the last forced refresh, which limits the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) forced_at: Option<Timestamp>,
    /// The last repair of tags or metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) repaired: Option<Repaired>,
    /// The number of looks in a row that failed, for the pause before the next one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) failures: u32,
    /// The version with which the row was last written. A mark does not change it; a look that
    /// found nothing new does. Zero in rows of the time before it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) written_as: i64,
    /// A random number of the last change of which the app is notified, so that two notifications
    /// of one change have one key. Zero in rows of the time before it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) changed_as: i64,
    /// The state of which the app was last notified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notified: Option<NotifiedState>,
    /// Fields of a newer version. They are written back as they were read.
    #[serde(flatten)]
    pub(crate) unknown: Map<String, Value>,
}

nango_client::__debug_only!(State { provider, health, removal });

fn first_format() -> u32 {
    FORMAT
}

fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}

/// The way in which a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Removal {
    /// By the app: never comes back in this incarnation.
    Disconnected,
    /// Nango said that it is missing: comes back when Nango says that it exists.
    Gone,
    /// Never seen: the row is only a mark.
    Unseen,
}

impl State {
    pub(crate) fn new(
        incarnation: i64,
        provider: String,
        created_at: Timestamp,
        health: HealthState,
    ) -> Self {
        Self {
            format: FORMAT,
            incarnation,
            provider,
            created_at,
            health,
            tags: BTreeMap::new(),
            attempts: Attempts::default(),
            label: None,
            labelling: Labelling::default(),
            metadata: Map::new(),
            removal: None,
            forced_at: None,
            repaired: None,
            failures: 0,
            written_as: 0,
            changed_as: 0,
            notified: None,
            unknown: Map::new(),
        }
    }

    /// A copy without the provider, the tags and the metadata, which each look sets anew.
    pub(crate) fn without_copies(&self) -> Self {
        // Names every field, so that a new one cannot be forgotten here.
        Self {
            format: self.format,
            incarnation: self.incarnation,
            provider: String::new(),
            created_at: self.created_at,
            health: self.health.clone(),
            tags: BTreeMap::new(),
            attempts: self.attempts.clone(),
            label: self.label.clone(),
            labelling: self.labelling,
            metadata: Map::new(),
            removal: self.removal,
            forced_at: self.forced_at,
            repaired: self.repaired,
            failures: self.failures,
            written_as: self.written_as,
            changed_as: self.changed_as,
            notified: self.notified.clone(),
            unknown: self.unknown.clone(),
        }
    }

    /// The same state after a change of which the app is notified.
    pub(crate) fn changed(self) -> Self {
        Self { changed_as: rand::random(), ..self }
    }

    /// The state of a connection that was never seen.
    pub(super) fn unseen(now: Timestamp) -> Self {
        let health = HealthState::new(Health::Gone, now);
        Self { removal: Some(Removal::Unseen), ..Self::new(0, String::new(), now, health) }
    }

    pub(super) fn is_unseen(&self) -> bool {
        self.removal == Some(Removal::Unseen)
    }
}

/// The pauses between a repair and the look that confirms it. A refresh that was in flight can
/// write the wiped row back within half a minute (observed on 0.71.4).
const PAUSES: Backoff = Backoff::new(Duration::from_secs(30), Duration::from_secs(60 * 60));

/// The time of the last repair, and the number of repairs before it that did not last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Repaired {
    at: Timestamp,
    #[serde(default)]
    before: u32,
}

impl Repaired {
    /// Counts one more repair. One that never lasts, perhaps because the API key may not write, is
    /// looked at less and less often.
    pub(crate) fn again(last: Option<Self>, now: Timestamp) -> Self {
        match last {
            None => Self { at: now, before: 0 },
            Some(last) if now < last.look_again_at() => last,
            Some(last) => Self { at: now, before: last.before.saturating_add(1) },
        }
    }

    pub(crate) fn look_again_at(self) -> Timestamp {
        self.at.saturating_add(PAUSES.after(self.before))
    }
}
