//! The error type of [`Nango`](crate::Nango)'s methods.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use nango_client::TagError;

use crate::store::StoreError;

/// A call that could not do what the app asked.
///
/// The text names what failed and where, the cause, and what to do; `Debug` shows the same, so that
/// an error that `main` returns is readable. It contains no key, connection id, credential or URL,
/// and no part of a response but words of Nango's own. The same holds for all
/// [sources](StdError::source); [`raw_source`](Self::raw_source) is the exception. Cheap to clone.
#[derive(Clone)]
pub struct Error {
    kind: ErrorKind,
    cause: Option<Arc<Cause>>,
}

enum Cause {
    Nango(nango_client::Error),
    Reason(&'static str),
    Store(StoreError),
    Tags(TagError),
}

/// Kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The owner has several connections of this integration. Name one by its handle.
    Ambiguous,
    /// A reply is not JSON, or does not have the requested shape; or Nango describes the connection
    /// in a way that cannot be read.
    Decode,
    /// Nango could not refresh the credentials of the connection. Offer a reconnect.
    InvalidCredentials,
    /// Nango cannot read the position from which records were to be read. A retry does not help: read
    /// from the beginning, or from a position that is known to be right.
    InvalidCursor,
    /// A call cannot be sent: its path leads out of the provider's API, or a header or a body is
    /// invalid.
    InvalidRequest,
    /// The session would allow an integration that the app does not.
    NotAllowed,
    /// The credentials of the connection are not one token. Use its proxy.
    NotATokenCredential,
    /// The owner does not have such a connection, or Nango does not have it any more.
    NotFound,
    /// Nango has neither the connection nor one of another owner, though the store has both: the API
    /// key is probably of another environment. Nothing was removed from the store.
    OtherEnvironment,
    /// The connection is another owner's.
    OwnerConflict,
    /// Nango is asked too often. Retryable, after [`Error::retry_after`].
    RateLimited,
    /// Nango refused the request: [`Error::code`] has its reason. A retry does not help.
    Refused,
    /// An action of the app's own ran and failed. A retry runs it again.
    ScriptFailed,
    /// The store failed. Retryable if the [`StoreError`] is.
    Store,
    /// The entity's tags break a rule. The source is a [`TagError`].
    Tags,
    /// A reply is larger than the limit, which a proxied call can set. A retry does not help.
    TooLarge,
    /// Nango refuses the API key, for this call at least.
    Unauthorized,
    /// Nango cannot be reached, is out of order, or something else answers in its place. Retryable.
    Unavailable,
    /// The entity's kind is not registered: `.entity::<E>()` is missing in the builder.
    UnknownKind,
}

impl ErrorKind {
    /// Returns `true` if Nango has the connection and its description cannot be read: a failure of
    /// that connection alone, which a retry repeats.
    pub(crate) fn is_unreadable(self) -> bool {
        matches!(self, Self::Decode | Self::TooLarge)
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self { kind, cause: None }
    }

    /// Creates an error of which the kind is not the whole story.
    pub(crate) fn because(kind: ErrorKind, reason: &'static str) -> Self {
        Self::with_cause(kind, Cause::Reason(reason))
    }

    fn with_cause(kind: ErrorKind, cause: Cause) -> Self {
        Self { kind, cause: Some(Arc::new(cause)) }
    }

    /// Returns the kind of the failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns Nango's own code, such as `invalid_body`, where Nango gave one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.nango().and_then(nango_client::Error::code)
    }

    /// Returns the pause that Nango asks for.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.nango().and_then(nango_client::Error::retry_after)
    }

    /// Returns whether the same call may work later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match (self.kind, self.cause.as_deref()) {
            (ErrorKind::RateLimited | ErrorKind::Unavailable, _) => true,
            (_, Some(Cause::Store(error))) => error.is_retryable(),
            _ => false,
        }
    }

    /// Returns the error of the library below, such as the database driver's, where there is one.
    ///
    /// Not for logs and replies: its text is another library's, and databases quote keys and values.
    #[must_use]
    pub fn raw_source(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        match self.cause.as_deref()? {
            Cause::Nango(error) => error.raw_source(),
            Cause::Store(error) => Some(error.raw_source()),
            Cause::Reason(_) | Cause::Tags(_) => None,
        }
    }

    /// Returns whether the API key lacks the scope for this call, and may be right for others.
    pub(crate) fn is_missing_scope(&self) -> bool {
        matches!(
            self.nango().and_then(nango_client::Error::cause),
            Some(nango_client::Cause::MissingScope(_))
        )
    }

    fn nango(&self) -> Option<&nango_client::Error> {
        match self.cause.as_deref() {
            Some(Cause::Nango(error)) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = self.nango() {
            return error.fmt(f);
        }
        if let Some(Cause::Store(error)) = self.cause.as_deref() {
            return error.fmt(f);
        }
        f.write_str(match self.kind {
            ErrorKind::Ambiguous => {
                "the owner has several connections of this integration; name one by its handle"
            }
            ErrorKind::Decode => "the reply does not have the requested shape",
            ErrorKind::InvalidCredentials => "nango could not refresh the credentials; offer a reconnect",
            ErrorKind::InvalidCursor => "nango cannot read the position; read from the beginning",
            ErrorKind::InvalidRequest => "the request cannot be sent as it is",
            ErrorKind::NotATokenCredential => "the credentials are not one token; use the proxy",
            ErrorKind::NotAllowed => {
                "the app does not allow the integration; add it to `.allowed_integrations([..])`"
            }
            ErrorKind::NotFound => "the connection does not exist",
            ErrorKind::OtherEnvironment => {
                "nango has none of the stored connections that were looked up, so that none was removed: check that the API \
                 key (NANGO_SECRET_KEY) and the Nango host (NANGO_HOST) are of the environment that the store is of; if they \
                 are, a sweep removes what is gone"
            }
            ErrorKind::OwnerConflict => "the connection belongs to another owner",
            ErrorKind::RateLimited => "nango's rate limit is exceeded; retry later",
            ErrorKind::Refused => "nango refused the request",
            ErrorKind::ScriptFailed => "the action has failed",
            ErrorKind::Store => "the connection store failed",
            ErrorKind::Tags => "the owner cannot be written as tags",
            ErrorKind::TooLarge => "the reply is larger than the limit",
            ErrorKind::Unauthorized => "nango refuses the API key for this call",
            ErrorKind::Unavailable => "unavailable",
            ErrorKind::UnknownKind => "the entity is not registered; add `.entity::<..>()` to the builder",
        })?;
        match self.cause.as_deref() {
            Some(Cause::Reason(reason)) => write!(f, ": {reason}"),
            Some(Cause::Tags(error)) => write!(f, ": {error}"),
            Some(Cause::Nango(_) | Cause::Store(_)) | None => Ok(()),
        }
    }
}

nango_client::__debug_as_display!(Error);

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self.cause.as_deref()? {
            // The client's and the store's errors have spoken already: their causes come next.
            Cause::Nango(error) => error.source(),
            Cause::Store(error) => error.source(),
            Cause::Reason(_) => None,
            Cause::Tags(error) => Some(error),
        }
    }
}

impl From<nango_client::Error> for Error {
    fn from(error: nango_client::Error) -> Self {
        use nango_client::ErrorKind as Client;
        let kind = match error.kind() {
            Client::Decode => ErrorKind::Decode,
            Client::InvalidCredentials => ErrorKind::InvalidCredentials,
            Client::InvalidCursor => ErrorKind::InvalidCursor,
            Client::InvalidRequest => ErrorKind::InvalidRequest,
            Client::NotATokenCredential => ErrorKind::NotATokenCredential,
            Client::NotFound => ErrorKind::NotFound,
            Client::RateLimited => ErrorKind::RateLimited,
            Client::Refused => ErrorKind::Refused,
            Client::ScriptFailed => ErrorKind::ScriptFailed,
            Client::Tags => ErrorKind::Tags,
            Client::TooLarge => ErrorKind::TooLarge,
            Client::Unauthorized => ErrorKind::Unauthorized,
            _ => ErrorKind::Unavailable,
        };
        Self::with_cause(kind, Cause::Nango(error))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::with_cause(ErrorKind::Store, Cause::Store(error))
    }
}

impl From<TagError> for Error {
    fn from(error: TagError) -> Self {
        Self::with_cause(ErrorKind::Tags, Cause::Tags(error))
    }
}
