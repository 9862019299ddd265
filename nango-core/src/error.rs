//! What goes wrong when the app asks for something.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::BoxError;
use crate::store::StoreError;
use crate::tags::TagError;

/// A call that could not do what the app asked.
///
/// No text of it, and of no error below it that this library makes, has a key, a connection id, a credential, a URL or a
/// piece of Nango's answer in it.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    code: Option<String>,
    retry_after: Option<Duration>,
    source: Option<BoxError>,
}

/// Kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The owner has several connections of this integration. Name one by its handle.
    Ambiguous,
    /// Nango could not refresh the credentials of the connection. Offer a reconnect.
    InvalidCredentials,
    /// A call that cannot be made as it is: its path leads out of the provider's API, or a header or a body cannot be sent.
    InvalidCall,
    /// The session would allow an integration that the app does not.
    NotAllowed,
    /// The credentials of the connection are not one token. Use its proxy.
    NoToken,
    /// The owner has no such connection, or Nango has it no more.
    NotFound,
    /// The connection is somebody else's.
    OwnerConflict,
    /// Nango refused our request: [`Error::code`] has its reason. Retrying does not help.
    Refused,
    /// Nango is asked too often. Retryable, after [`Error::retry_after`].
    RateLimited,
    /// The store failed. Retryable if the [`StoreError`] is.
    Store,
    /// The entity's tags break a rule. The source is a [`TagError`].
    Tags,
    /// Nango takes our API key for wrong, or for one that may not do this.
    Unauthorized,
    /// Nango cannot be reached, is out of order, or something else answers in its place. Retryable.
    Unavailable,
    /// What came back is not JSON, or not of the shape that was asked for.
    Unreadable,
    /// The entity's kind is not registered: `.entity::<E>()` is missing in the builder.
    UnknownKind,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { kind, code: None, retry_after: None, source: None }))
    }

    /// The same failure for somebody else who waited for the same. What the store said is told once.
    pub(crate) fn share(&self) -> Self {
        let store = self.0.source.as_deref().and_then(|source| source.downcast_ref::<StoreError>());
        let source = store.map(|error| StoreError::new(error.kind(), "it failed for another call").into());
        Self(Box::new(Inner {
            kind: self.0.kind,
            code: self.0.code.clone(),
            retry_after: self.0.retry_after,
            source,
        }))
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_code(mut self, code: Option<String>) -> Self {
        self.0.code = code;
        self
    }

    pub(crate) fn with_retry_after(mut self, span: Option<Duration>) -> Self {
        self.0.retry_after = span;
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Nango's own code for it, such as `invalid_body`, where Nango gave one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// How long Nango asks us to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may work later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::RateLimited | ErrorKind::Unavailable => true,
            ErrorKind::Store => self
                .0
                .source
                .as_deref()
                .and_then(|source| source.downcast_ref::<StoreError>())
                .is_some_and(StoreError::is_retryable),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.kind {
            ErrorKind::Ambiguous => "the owner has several connections of this integration",
            ErrorKind::InvalidCredentials => "nango could not refresh the credentials of the connection",
            ErrorKind::InvalidCall => "the call cannot be sent as it is",
            ErrorKind::NoToken => "the credentials of the connection are not one token",
            ErrorKind::NotAllowed => "the integration is not allowed here",
            ErrorKind::NotFound => "no such connection",
            ErrorKind::OwnerConflict => "the connection belongs to another owner",
            ErrorKind::Refused => "nango refused the request",
            ErrorKind::RateLimited => "nango asks us to slow down",
            ErrorKind::Store => "the connection store failed",
            ErrorKind::Tags => "the owner cannot be written as tags",
            ErrorKind::Unauthorized => "nango does not accept the API key for this",
            ErrorKind::Unavailable => "nango cannot be reached",
            ErrorKind::Unreadable => "the answer does not have the shape that was asked for",
            ErrorKind::UnknownKind => "the entity is not registered; add `.entity::<..>()` to the builder",
        })?;
        match &self.0.code {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("code", &self.0.code)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<StoreError> for Error {
    fn from(source: StoreError) -> Self {
        Self::new(ErrorKind::Store).with_source(source)
    }
}

impl From<TagError> for Error {
    fn from(source: TagError) -> Self {
        Self::new(ErrorKind::Tags).with_source(source)
    }
}
