//! The cause of a store's failure, in a text that may be logged.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::{fmt, io};

use crate::record::DetailsError;

/// The reason of a store's failure, in a text that is safe to log: without keys, ids, passwords, and
/// values of rows.
///
/// It is the [`source`](StdError::source) of a [`StoreError`](crate::StoreError).
///
/// ```
/// use nango_core::StoreCause;
///
/// let cause = StoreCause::new("undefined table (SQLSTATE 42P01)").with_code("42P01");
/// assert_eq!(cause.code(), Some("42P01"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreCause {
    text: Cow<'static, str>,
    code: Option<Cow<'static, str>>,
    io_kind: Option<io::ErrorKind>,
}

impl StoreCause {
    /// Creates a cause of a text that is safe to log: lower case at its start, no full stop. The
    /// message of a database is not: databases quote keys and values.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), code: None, io_kind: None }
    }

    /// Adds the database's own code for the failure. The text is left as it is.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Adds the kind of a failed input or output. The text is left as it is.
    #[must_use]
    pub fn with_io_kind(mut self, kind: io::ErrorKind) -> Self {
        self.io_kind = Some(kind);
        self
    }

    /// Returns the database's own code, such as an SQLSTATE.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Returns the kind of a failed input or output.
    #[must_use]
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        self.io_kind
    }

    /// Returns the cause in an error whose text is known to be safe.
    pub(super) fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
        if let Some(cause) = error.downcast_ref::<Self>() {
            return Some(cause.clone());
        }
        if let Some(error) = error.downcast_ref::<DetailsError>() {
            return Some(Self::new(error.to_string()));
        }
        let kind = error.downcast_ref::<io::Error>()?.kind();
        // This kind says nothing, and the text beside it can be anything.
        (kind != io::ErrorKind::Other).then(|| kind.into())
    }
}

impl fmt::Display for StoreCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for StoreCause {}

impl From<io::ErrorKind> for StoreCause {
    fn from(kind: io::ErrorKind) -> Self {
        Self::new(kind.to_string()).with_io_kind(kind)
    }
}
