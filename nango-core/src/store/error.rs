//! What can go wrong in a store.

use std::fmt;

use crate::BoxError;

/// A store that could not do what it was asked.
///
/// The text and the `Debug` output say only what kind of failure it is. [`source`](std::error::Error::source) has the database's own error, for
/// the app: the library never formats it, since databases quote keys and values.
#[derive(thiserror::Error)]
#[error("{}", .kind.text())]
pub struct StoreError {
    kind: StoreErrorKind,
    #[source]
    source: BoxError,
}

impl StoreError {
    /// Keeps the failure that a store met.
    ///
    /// ```
    /// use nango_core::{StoreError, StoreErrorKind};
    ///
    /// let error = StoreError::new(StoreErrorKind::Unavailable, std::io::Error::other("connection refused"));
    /// assert!(error.is_retryable());
    /// assert_eq!(error.to_string(), "the store cannot be reached");
    /// ```
    pub fn new(kind: StoreErrorKind, source: impl Into<BoxError>) -> Self {
        Self { kind, source: source.into() }
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Whether the same call may work later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.kind {
            StoreErrorKind::Unavailable => true,
            StoreErrorKind::Corrupt | StoreErrorKind::Other => false,
        }
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreError").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Kinds of [`StoreError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// A row cannot be read: it was not written by this library, or by a newer version of it.
    Corrupt,
    /// The database is away, locked or too busy. Retryable.
    Unavailable,
    /// Anything else.
    Other,
}

impl StoreErrorKind {
    fn text(self) -> &'static str {
        match self {
            Self::Corrupt => "the store holds a row that cannot be read",
            Self::Unavailable => "the store cannot be reached",
            Self::Other => "the store failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_said_is_in_the_source_only() {
        let error = StoreError::new(StoreErrorKind::Other, "duplicate key (c0ffee)");
        assert!(!format!("{error} {error:?}").contains("c0ffee"));
        assert!(std::error::Error::source(&error).is_some());
    }
}
