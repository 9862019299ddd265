//! A row, and the change of one.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroI64;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{StoreError, StoreErrorKind};
use crate::connection::ConnectionRef;
use crate::entity::Owner;
use crate::health::{Health, HealthState};
use crate::reconcile::Repaired;
use crate::time::Timestamp;

/// One row: what we remember of one connection.
///
/// Exhaustive on purpose. A store has to keep every field, and a new one must stop every store from compiling.
#[expect(clippy::exhaustive_structs, reason = "a new column has to break every store that does not keep it")]
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The primary key.
    pub key: ConnectionRef,
    /// Drawn anew with every write.
    pub version: Version,
    /// Whose it is. Removed connections stop naming their owner some time after they are gone.
    pub owner: Option<Owner>,
    /// Whether the connection is gone. The row stays for a while, as a tombstone.
    pub removed: bool,
    /// Whether the app's handler has heard of this state.
    pub announced: bool,
    /// When somebody has to look at Nango again, if at all.
    pub look_again_at: Option<Timestamp>,
    /// Everything else, as one JSON text.
    pub details: Details,
}

/// The version of a row: a random number that is not zero. Compared for equality, never for order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version(NonZeroI64);

impl Version {
    /// The version that a store kept; `None` for zero, which no version is.
    #[must_use]
    pub fn from_raw(raw: i64) -> Option<Self> {
        NonZeroI64::new(raw).map(Self)
    }

    /// The number to keep.
    #[must_use]
    pub fn raw(self) -> i64 {
        self.0.get()
    }

    pub(crate) fn draw() -> Self {
        loop {
            if let Some(version) = Self::from_raw(rand::random()) {
                return version;
            }
        }
    }
}

/// What only this library reads in a row. To a store it is a JSON text.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// Nango's numeric id.
    pub(crate) incarnation: i64,
    pub(crate) provider: String,
    pub(crate) created_at: Timestamp,
    pub(crate) health: HealthState,
    /// Our copy of the tags, to give them back when somebody's reconnect has wiped them.
    pub(crate) tags: BTreeMap<String, String>,
    /// Our copy of the metadata, where the app wants it kept.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) metadata: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) removal: Option<Removal>,
    /// When a refresh was last forced, for the distance between two of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) forced_at: Option<Timestamp>,
    /// When tags or metadata were last given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) repaired: Option<Repaired>,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Removal {
    /// By us: never comes back in this incarnation.
    Disconnected,
    /// Nango said that it has none: comes back when Nango says that it has.
    Gone,
    /// Never seen: the row is only a mark that somebody has to look.
    Unseen,
}

impl Record {
    /// A row that is only there to say that somebody has to look.
    pub(crate) fn mark(key: ConnectionRef, now: Timestamp) -> Self {
        let details = Details {
            incarnation: 0,
            provider: String::new(),
            created_at: now,
            health: HealthState::new(Health::Gone, now),
            tags: BTreeMap::new(),
            metadata: Map::new(),
            removal: Some(Removal::Unseen),
            forced_at: None,
            repaired: None,
        };
        Self {
            key,
            version: Version::draw(),
            owner: None,
            removed: true,
            announced: true,
            look_again_at: Some(now),
            details,
        }
    }

    /// Whether the app, having heard of `other`, knows all that it would hear of this. A tombstone from which the owner was
    /// taken says the same as before.
    pub(crate) fn is_the_news_of(&self, other: &Self) -> bool {
        let news = |row: &Self| (row.removed, row.details.incarnation, row.details.health.health);
        let is_anonymous = self.removed && self.owner.is_none();
        news(self) == news(other) && (is_anonymous || self.owner == other.owner)
    }

    pub(crate) fn is_mark(&self) -> bool {
        self.details.removal == Some(Removal::Unseen)
    }
}

impl Details {
    /// The text to keep.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Nothing in here can fail to serialise: every key of a map is a string.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a text back that [`to_json`](Self::to_json) gave.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::Corrupt`] when the text is something else.
    pub fn from_json(json: &str) -> Result<Self, StoreError> {
        serde_json::from_str(json).map_err(|source| StoreError::new(StoreErrorKind::Corrupt, source))
    }
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Details")
            .field("provider", &self.provider)
            .field("health", &self.health)
            .field("removal", &self.removal)
            .finish_non_exhaustive()
    }
}

/// What a store is asked to do with one row. Only reconciliation makes one.
#[derive(Debug, Clone)]
pub struct Change {
    key: ConnectionRef,
    expected: Option<Version>,
    next: Option<Record>,
}

impl Change {
    pub(crate) fn put(expected: Option<Version>, next: Record) -> Self {
        Self { key: next.key.clone(), expected, next: Some(next) }
    }

    pub(crate) fn erase(key: ConnectionRef, expected: Version) -> Self {
        Self { key, expected: Some(expected), next: None }
    }

    /// The row that this is about.
    #[must_use]
    pub fn key(&self) -> &ConnectionRef {
        &self.key
    }

    /// The version that the row must have; `None` when there must be no row.
    #[must_use]
    pub fn expected(&self) -> Option<Version> {
        self.expected
    }

    /// What the row becomes, whole; `None` when it is erased, which happens only with a version expected.
    #[must_use]
    pub fn next(&self) -> Option<&Record> {
        self.next.as_ref()
    }
}

/// What became of a [`Change`].
#[expect(clippy::exhaustive_enums, reason = "a compare-and-set has two results")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The row had the expected version and is now what the change said.
    Done,
    /// It had another one. Nothing was written.
    Stale,
}
