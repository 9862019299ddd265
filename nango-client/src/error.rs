//! The one error of all calls to Nango.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::tags::TagError;

/// A call that failed. Cloning it is cheap.
///
/// Its texts, and those of its sources, contain no key, connection id, credential, URL or part of a
/// response's body.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    code: Option<String>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// Kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The response is not JSON, or does not have the requested shape; or it describes the
    /// requested connection in a way that cannot be read, such as metadata nested too deep.
    Decode,
    /// Nango could not refresh the credentials of the connection. Offer a reconnect.
    InvalidCredentials,
    /// The request cannot be sent as it is: its path leaves the provider's API, or a parameter,
    /// header or body is not allowed.
    InvalidRequest,
    /// The credentials of the connection are not a single token. Use the proxy.
    NotATokenCredential,
    /// Nango does not have the connection, or no longer.
    NotFound,
    /// The rate limit is used up. Retryable, after [`Error::retry_after`].
    RateLimited,
    /// The request was refused; [`Error::code`] has the reason where it is known. A retry does not
    /// help.
    Refused,
    /// The tags break a rule. The source is a [`TagError`].
    Tags,
    /// The response is larger than the limit: that of Nango's own API is 32 MiB, and a proxied
    /// call has [one of its own](crate::ProxyRequest::response_limit). A retry does not help.
    TooLarge,
    /// Nango does not accept the API key, or the key lacks the scope for this call.
    Unauthorized,
    /// Nango cannot be reached, fails, or something else responds in its place. Retryable.
    Unavailable,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Arc::new(Inner { kind, code: None, retry_after: None, source: None }))
    }

    pub(crate) fn with_source(self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.source = Some(Arc::new(source)))
    }

    pub(crate) fn with_code(self, code: impl Into<Option<String>>) -> Self {
        self.with(|inner| inner.code = code.into())
    }

    pub(crate) fn with_retry_after(self, span: Option<Duration>) -> Self {
        self.with(|inner| inner.retry_after = span)
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Returns the kind of failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns Nango's own code, such as `invalid_body`, where Nango sent one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the time to wait before a retry, where the response asks for one.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns `true` if the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.0.kind, ErrorKind::RateLimited | ErrorKind::Unavailable)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.kind {
            ErrorKind::Decode => "the response does not have the requested shape",
            ErrorKind::InvalidCredentials => "nango could not refresh the credentials of the connection",
            ErrorKind::InvalidRequest => "the request cannot be sent as it is",
            ErrorKind::NotATokenCredential => "the credentials of the connection are not a single token",
            ErrorKind::NotFound => "nango does not have the connection",
            ErrorKind::RateLimited => "the rate limit is used up",
            ErrorKind::Refused => "the request was refused",
            ErrorKind::Tags => "the tags break a rule of Nango",
            ErrorKind::TooLarge => "the response is larger than the limit",
            ErrorKind::Unauthorized => "nango does not accept the API key for this call",
            ErrorKind::Unavailable => "nango is unavailable",
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

impl From<TagError> for Error {
    fn from(source: TagError) -> Self {
        Self::new(ErrorKind::Tags).with_source(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_code_and_source() {
        let error = Error::from(TagError::NotAnEmail).with_code("word".to_owned()).clone();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Tags, Some("word")));
        let source = error.source().and_then(|source| source.downcast_ref::<TagError>());
        assert_eq!(source, Some(&TagError::NotAnEmail));
        assert_eq!(error.to_string(), "the tags break a rule of Nango (word)");
    }

    const _: () = {
        const fn is_shared_freely<T: Clone + Send + Sync>() {}
        is_shared_freely::<Error>();
    };
}
