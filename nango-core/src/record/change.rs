//! A compare-and-set on one row.

use nango_client::ConnectionKey;

use super::row::Record;
use super::version::Version;

/// A compare-and-set on one row. Only reconciliation creates one.
#[derive(Debug, Clone)]
pub struct Change {
    key: ConnectionKey,
    expected: Option<Version>,
    next: Option<Record>,
}

impl Change {
    pub(crate) fn put(expected: Option<Version>, next: Record) -> Self {
        Self { key: next.key.clone(), expected, next: Some(next) }
    }

    pub(crate) fn erase(key: ConnectionKey, expected: Version) -> Self {
        Self { key, expected: Some(expected), next: None }
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
