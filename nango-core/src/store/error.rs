//! Errors of a store.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::boxed::BoxError;
use crate::record::DetailsError;

/// A store that could not do what it was asked. Cheap to clone.
///
/// The text and the `Debug` output name only the kind of the failure.
/// [`source`](std::error::Error::source) has the database's own error, for the app: the library
/// never formats it, since databases quote keys and values.
#[derive(Clone)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Arc<dyn StdError + Send + Sync>,
}

impl StoreError {
    /// Wraps the failure of a database.
    ///
    /// ```
    /// use nango_core::{StoreError, StoreErrorKind};
    ///
    /// let error = StoreError::new(StoreErrorKind::Unavailable, std::io::Error::other("connection refused"));
    /// assert!(error.is_retryable());
    /// assert_eq!(error.to_string(), "the store is unavailable");
    /// ```
    pub fn new(kind: StoreErrorKind, source: impl Into<BoxError>) -> Self {
        Self { kind, source: source.into().into() }
    }

    /// Returns the kind of the failure.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Returns whether the same call may work later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.kind {
            StoreErrorKind::Unavailable => true,
            StoreErrorKind::Corrupt | StoreErrorKind::Other => false,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Corrupt => "the store holds a row that cannot be read",
            StoreErrorKind::Unavailable => "the store is unavailable",
            StoreErrorKind::Other => "the store failed",
        })
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

impl From<DetailsError> for StoreError {
    fn from(error: DetailsError) -> Self {
        Self::new(StoreErrorKind::Corrupt, error)
    }
}

nango_client::__debug_only!(StoreError { kind });

/// Kinds of [`StoreError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// A row cannot be read: it was not written by this library, or by a newer version of it.
    Corrupt,
    /// The database is unreachable, locked or too busy. Retryable.
    Unavailable,
    /// Anything else.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_the_database_is_in_the_source_only() {
        let error = StoreError::new(StoreErrorKind::Other, "duplicate key (c0ffee)");
        assert!(!format!("{error} {error:?}").contains("c0ffee"));
        assert!(std::error::Error::source(&error).is_some());
    }
}
