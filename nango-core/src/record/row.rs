//! One row, its version, and a compare-and-set on it.

use std::num::NonZeroI64;

use nango_client::{ConnectionKey, Timestamp};

use super::attempts::Attempts;
use super::details::Details;
use super::health::Health;
use super::state::{Removal, State};
use crate::owner::Owner;

/// One row: the app's memory of one connection.
///
/// Exhaustive on purpose. A store has to keep every field, and a new field must stop every store
/// from compiling.
#[expect(clippy::exhaustive_structs, reason = "a new column has to break every store that does not keep it")]
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The primary key.
    pub key: ConnectionKey,
    /// A random number, new with every write.
    pub version: Version,
    /// The owner of the connection. A removed connection stops naming its owner once the removal
    /// was notified.
    pub owner: Option<Owner>,
    /// `true` if the connection is gone. The row stays for a while, as a tombstone.
    pub removed: bool,
    /// `true` if the app's handler was notified of this state.
    pub announced: bool,
    /// The time of the next look at Nango, if one is due.
    pub look_again_at: Option<Timestamp>,
    /// Everything else, as one JSON text.
    pub details: Details,
}

impl Record {
    /// A row that exists only to say that the connection has to be looked at.
    pub(crate) fn mark(key: ConnectionKey, now: Timestamp) -> Self {
        Self {
            key,
            version: Version::random(),
            owner: None,
            removed: true,
            announced: true,
            look_again_at: Some(now),
            details: State::unseen(now).into(),
        }
    }

    /// Returns the health at the last look.
    #[must_use]
    pub fn health(&self) -> Health {
        self.state().health.health
    }

    pub(crate) fn is_mark(&self) -> bool {
        self.state().is_unseen()
    }

    pub(crate) fn state(&self) -> &State {
        self.details.state()
    }

    /// Returns whether a row differs from `row` in nothing but having been written anew.
    pub(crate) fn is_renewal_of(&self, row: &Self) -> bool {
        let mut renewed = Self { version: row.version, ..self.clone() };
        renewed.details.edit().written_as = row.state().written_as;
        renewed == *row
    }

    /// Returns whether nothing but marks has come to a row since it was `before`.
    pub(crate) fn is_only_marked_since(&self, before: Option<&Self>) -> bool {
        let written_as = self.state().written_as;
        written_as != 0 && before.is_some_and(|before| before.state().written_as == written_as)
    }

    pub(crate) fn attempts(&self) -> &Attempts {
        &self.state().attempts
    }

    /// Returns whether a person may have chosen another account since the row was `asked`: in another
    /// connection, another attempt, or when the connection came back.
    pub(crate) fn is_of_other_account(&self, asked: &Self) -> bool {
        let account = |row: &Self| (row.state().incarnation, row.state().health.since);
        account(self) != account(asked) || self.attempts() != asked.attempts()
    }

    pub(crate) fn is_owned_by(&self, owner: &Owner) -> bool {
        self.owner.as_ref() == Some(owner)
    }

    /// Returns whether a notification of `other` says all that one of this row would. A tombstone
    /// without its owner says the same as before its owner was erased.
    pub(crate) fn is_same_notification(&self, other: &Self) -> bool {
        let state = |row: &Self| (row.removed, row.state().incarnation, row.state().health.health);
        let is_anonymous = self.removed && self.owner.is_none();
        state(self) == state(other) && (is_anonymous || self.owner == other.owner)
    }
}

/// The version of a row: a random number that is not zero. Compared for equality, never for order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version(NonZeroI64);

impl Version {
    /// Returns the version that a store kept; `None` for zero, which is not a version.
    #[must_use]
    pub fn from_raw(raw: i64) -> Option<Self> {
        NonZeroI64::new(raw).map(Self)
    }

    /// Returns the number to keep.
    #[must_use]
    pub fn raw(self) -> i64 {
        self.0.get()
    }

    /// Draws a new version, for [`ConnectionStore::mark`](crate::ConnectionStore::mark).
    #[must_use]
    pub fn random() -> Self {
        loop {
            if let Some(version) = Self::from_raw(rand::random()) {
                return version;
            }
        }
    }
}

/// A compare-and-set on one row. Only reconciliation creates one.
#[derive(Debug, Clone)]
pub struct Change {
    key: ConnectionKey,
    expected: Option<Version>,
    next: Option<Record>,
    transition: Option<Transition>,
}

/// The meaning of a change for the operator, who finds it in the log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Transition {
    Ended { removal: Removal, owner_kind: Option<String> },
    HealthChanged { from: Health },
    Made,
    Transferred,
}

impl Change {
    pub(crate) fn put(expected: Option<Version>, mut next: Record) -> Self {
        next.details.edit().written_as = next.version.raw();
        Self::replace(expected, next)
    }

    /// Writes a record as it is, with the details that it has.
    pub(crate) fn replace(expected: Option<Version>, next: Record) -> Self {
        Self { key: next.key.clone(), expected, next: Some(next), transition: None }
    }

    /// Marks a row to be looked at, from `at` on.
    pub(crate) fn mark(row: &Record, at: Timestamp) -> Self {
        let version = Version::random();
        let look_again_at = Some(row.look_again_at.map_or(at, |due| due.min(at)));
        Self::replace(Some(row.version), Record { version, look_again_at, ..row.clone() })
    }

    /// Keeps the mark that a row has got since the look began which led to this change; `None`
    /// where the row would be erased, and its mark with it.
    pub(crate) fn keeping_mark(self, marked: &Record) -> Option<Self> {
        let next = self.next?;
        let look_again_at = [next.look_again_at, marked.look_again_at].into_iter().flatten().min();
        Some(Self { next: Some(Record { look_again_at, ..next }), ..self })
    }

    pub(crate) fn erase(key: ConnectionKey, expected: Version) -> Self {
        Self { key, expected: Some(expected), next: None, transition: None }
    }

    pub(crate) fn with_transition(self, transition: Option<Transition>) -> Self {
        Self { transition, ..self }
    }

    pub(crate) fn transition(&self) -> Option<&Transition> {
        self.transition.as_ref()
    }

    /// Returns the key of the row.
    #[must_use]
    pub fn key(&self) -> &ConnectionKey {
        &self.key
    }

    /// Returns the version that the row must have; `None` when there must not be a row.
    #[must_use]
    pub fn expected(&self) -> Option<Version> {
        self.expected
    }

    /// Returns the whole row after the change; `None` when the row is erased, which always expects
    /// a version.
    #[must_use]
    pub fn next(&self) -> Option<&Record> {
        self.next.as_ref()
    }

    /// Like [`next`](Self::next), without a copy.
    pub(crate) fn into_next(self) -> Option<Record> {
        self.next
    }
}

/// The result of a [`Change`].
#[expect(clippy::exhaustive_enums, reason = "a compare-and-set has two results")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Applied {
    /// The row had the expected version and is now what the change said.
    Done,
    /// The row had another version. Nothing was written.
    Stale,
}
