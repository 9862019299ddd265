//! Errors of a store.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use super::cause::StoreCause;
use crate::boxed::BoxError;
use crate::record::DetailsError;

/// A store that could not do what it was asked. Cheap to clone.
///
/// The text says what failed, why, and what to do, as far as the store knows; `Debug` prints the
/// same, so that `main` may return it. [`source`](StdError::source) is the [`StoreCause`]. All of
/// these are safe to log: the database's own error, which quotes keys and values, is behind
/// [`raw_source`](Self::raw_source) alone.
#[derive(Clone)]
pub struct StoreError {
    kind: StoreErrorKind,
    facts: Arc<Facts>,
}

#[derive(Clone)]
struct Facts {
    attempt: Option<&'static str>,
    place: Option<Cow<'static, str>>,
    cause: Option<StoreCause>,
    remedy: Option<Cow<'static, str>>,
    raw: Arc<dyn StdError + Send + Sync>,
}

impl StoreError {
    /// Wraps the failure of a database.
    ///
    /// The text of `source` is not shown. Only a [`StoreCause`], a [`DetailsError`], and the kind
    /// of a [`std::io::Error`] are known to be safe, and become the cause.
    ///
    /// ```
    /// use nango_core::{StoreCause, StoreError, StoreErrorKind};
    ///
    /// let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    /// let error = StoreError::new(StoreErrorKind::Unavailable, refused)
    ///     .with_attempt("read connections")
    ///     .with_place("db.internal:5432")
    ///     .with_remedy("is the server running there?");
    /// assert!(error.is_retryable());
    /// assert_eq!(
    ///     error.to_string(),
    ///     "could not read connections at db.internal:5432: connection refused; is the server running there?",
    /// );
    ///
    /// let error = StoreError::new(StoreErrorKind::Other, "duplicate key (owner, c0ffee)");
    /// assert_eq!(error.to_string(), "the store failed");
    /// let error = error.with_cause(StoreCause::new("duplicate key"));
    /// assert_eq!(error.to_string(), "the store failed: duplicate key");
    /// ```
    pub fn new(kind: StoreErrorKind, source: impl Into<BoxError>) -> Self {
        let raw: Arc<dyn StdError + Send + Sync> = source.into().into();
        let cause = StoreCause::of(&*raw);
        Self { kind, facts: Arc::new(Facts { attempt: None, place: None, cause, remedy: None, raw }) }
    }

    /// Sets what the store attempted, as it follows "could not": `read connections`.
    #[must_use]
    pub fn with_attempt(mut self, attempt: &'static str) -> Self {
        Arc::make_mut(&mut self.facts).attempt = Some(attempt);
        self
    }

    /// Sets the database's place, as it follows "at": a host with its port, or the name of a file.
    /// Never a URL, which can have a password.
    #[must_use]
    pub fn with_place(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        Arc::make_mut(&mut self.facts).place = Some(place.into());
        self
    }

    /// Sets the cause.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<StoreCause>) -> Self {
        Arc::make_mut(&mut self.facts).cause = Some(cause.into());
        self
    }

    /// Sets what to do about it.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<Cow<'static, str>>) -> Self {
        Arc::make_mut(&mut self.facts).remedy = Some(remedy.into());
        self
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

    /// Returns what the store attempted.
    #[must_use]
    pub fn attempt(&self) -> Option<&'static str> {
        self.facts.attempt
    }

    /// Returns the database's place.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.facts.place.as_deref()
    }

    /// Returns the cause, which is also the [`source`](StdError::source).
    #[must_use]
    pub fn cause(&self) -> Option<&StoreCause> {
        self.facts.cause.as_ref()
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.facts.remedy.as_deref()
    }

    /// Returns the database's own error. **Not safe to log**: databases quote keys, connection ids
    /// and values of rows in their texts, and drivers quote parts of a URL.
    #[must_use]
    pub fn raw_source(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.facts.raw
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Facts { attempt, place, cause, remedy, raw: _ } = &*self.facts;
        match attempt {
            Some(attempt) => write!(f, "could not {attempt}")?,
            None => f.write_str("the store")?,
        }
        if let Some(place) = place {
            write!(f, " at {place}")?;
        }
        match (attempt, cause, self.kind) {
            (None, _, StoreErrorKind::Corrupt) => f.write_str(" holds a row that cannot be read")?,
            (None, _, StoreErrorKind::Unavailable) => f.write_str(" is unavailable")?,
            (None, _, StoreErrorKind::Other) => f.write_str(" failed")?,
            (Some(_), None, StoreErrorKind::Corrupt) => f.write_str(": a row cannot be read")?,
            (Some(_), None, StoreErrorKind::Unavailable) => f.write_str(": the store is unavailable")?,
            (Some(_), _, _) => {}
        }
        if let Some(cause) = cause {
            write!(f, ": {cause}")?;
        }
        match remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.cause()?)
    }
}

impl From<DetailsError> for StoreError {
    fn from(error: DetailsError) -> Self {
        Self::new(StoreErrorKind::Corrupt, error)
    }
}

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
    use std::io;

    use super::StoreErrorKind::{Corrupt, Other, Unavailable};
    use super::*;

    /// Everything that a log could print of an error.
    fn printed(error: &StoreError) -> String {
        let mut text = format!("{error} {error:?} {error:#?}");
        let mut next = error.source();
        while let Some(cause) = next {
            text.push_str(&format!(" {cause} {cause:?}"));
            next = cause.source();
        }
        text
    }

    #[test]
    fn the_text_of_the_database_is_in_the_raw_source_only() {
        for source in [
            BoxError::from("duplicate key (c0ffee)"),
            io::Error::other("duplicate key (c0ffee)").into(),
            io::Error::new(io::ErrorKind::TimedOut, "duplicate key (c0ffee)").into(),
        ] {
            let error = StoreError::new(Other, source).with_attempt("write connections");
            assert!(!printed(&error).contains("c0ffee"), "{error}");
            assert!(error.raw_source().to_string().contains("c0ffee"));
        }
        let quoting = crate::Details::from_json(r#"{"incarnation":"c0ffee"}"#).unwrap_err();
        assert!(!printed(&quoting.into()).contains("c0ffee"));
    }

    #[test]
    fn each_text_reads_well_with_what_is_known() {
        let error = |kind| StoreError::new(kind, "raw");
        let attempted = |kind| error(kind).with_attempt("read connections");
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        for (error, text) in [
            (error(Corrupt), "the store holds a row that cannot be read"),
            (error(Unavailable), "the store is unavailable"),
            (error(Other), "the store failed"),
            (error(Unavailable).with_place("db:1"), "the store at db:1 is unavailable"),
            (StoreError::new(Unavailable, refused), "the store is unavailable: connection refused"),
            (StoreError::new(Other, StoreCause::new("no")), "the store failed: no"),
            (error(Other).with_remedy("wait"), "the store failed; wait"),
            (attempted(Corrupt), "could not read connections: a row cannot be read"),
            (attempted(Unavailable), "could not read connections: the store is unavailable"),
            (attempted(Other), "could not read connections"),
            (
                attempted(Other).with_place("db:1").with_cause(StoreCause::new("no")).with_remedy("wait"),
                "could not read connections at db:1: no; wait",
            ),
        ] {
            assert_eq!(error.to_string(), text);
            assert_eq!(format!("{error:?}"), text);
        }
    }

    #[test]
    fn a_clone_shares_its_facts_until_one_is_changed() {
        let error = StoreError::new(Other, StoreCause::new("no").with_code("42P01"));
        let other = error.clone().with_attempt("read connections");
        assert_eq!((error.attempt(), other.attempt()), (None, Some("read connections")));
        assert_eq!(other.cause().and_then(StoreCause::code), Some("42P01"));
        assert!(std::ptr::eq(error.raw_source(), other.raw_source()));
    }
}
