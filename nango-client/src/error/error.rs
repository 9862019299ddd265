//! The one error of all calls to Nango.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::cause::{Cause, InvalidField};
use super::inner::{Attempt, Inner, Source};
use super::kind::ErrorKind;
use super::text;
use crate::tags::TagError;

/// A call that failed. Cloning it is cheap.
///
/// The text names what was attempted and where, the cause, and what to do. `Debug` shows the same, so
/// that an error that `main` returns is readable. The text, and those of all
/// [sources](StdError::source), contain no key, connection id, credential or URL, and no part of a
/// response but words of Nango's own; [`raw_source`](Self::raw_source) is the exception.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use nango_client::{Cause, Client, ErrorKind};
///
/// let client = Client::new("http://localhost:1", "key")?;
/// let error = client.integrations().await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Unavailable);
/// assert_eq!(error.cause(), Some(&Cause::ConnectionRefused));
/// assert_eq!(
///     error.to_string(),
///     "could not list integrations at localhost:1: connection refused; check the Nango host (NANGO_HOST), and \
///      whether Nango runs there"
/// );
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Arc::new(Inner {
            kind,
            attempt: None,
            code: None,
            request_id: None,
            retry_after: None,
            source: None,
            raw: None,
            is_unsent: false,
        }))
    }

    /// Creates the error of a request that cannot be sent, for this reason.
    pub(crate) fn invalid_request(reason: &'static str) -> Self {
        Self::new(ErrorKind::InvalidRequest).with_cause(Cause::Request(reason))
    }

    pub(crate) fn with_cause(self, cause: impl Into<Option<Cause>>) -> Self {
        self.with(|inner| inner.source = cause.into().map(Source::Cause))
    }

    pub(crate) fn with_raw(self, raw: Arc<dyn StdError + Send + Sync>) -> Self {
        self.with(|inner| inner.raw = Some(raw))
    }

    pub(crate) fn with_unsent(self, is_unsent: bool) -> Self {
        self.with(|inner| inner.is_unsent = is_unsent)
    }

    /// Returns `true` if the server cannot have received the request.
    pub(crate) fn is_unsent(&self) -> bool {
        self.0.is_unsent
    }

    /// Names what was attempted, unless that is known.
    pub(crate) fn attempting(
        self,
        what: &'static str,
        missing: &'static str,
        host: &Arc<str>,
        is_proxied: bool,
    ) -> Self {
        let attempt = || Attempt { what, missing, host: host.clone(), is_proxied };
        self.with(|inner| _ = inner.attempt.get_or_insert_with(attempt))
    }

    pub(crate) fn with_code(self, code: impl Into<Option<String>>) -> Self {
        self.with(|inner| inner.code = code.into())
    }

    pub(crate) fn with_request_id(self, id: Option<String>) -> Self {
        self.with(|inner| inner.request_id = id)
    }

    pub(crate) fn with_retry_after(self, span: Option<Duration>) -> Self {
        self.with(|inner| inner.retry_after = span)
    }

    /// Edits the fields that Nango did not accept.
    pub(crate) fn with_invalid_fields(self, edit: impl FnMut(&mut InvalidField)) -> Self {
        self.with(|inner| {
            if let Some(Source::Cause(Cause::InvalidFields(fields))) = &mut inner.source {
                fields.iter_mut().for_each(edit);
            }
        })
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

    /// Returns the id of the request, where the response names one: that which Nango's support asks for after
    /// an unexpected failure, or the header `X-Request-Id` of a gateway.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the time to wait before a retry, where the response asks for one.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the cause, where it is known. It is the [source](StdError::source), too.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match &self.0.source {
            Some(Source::Cause(cause)) => Some(cause),
            _ => None,
        }
    }

    /// Returns the server, as host and port; `None` for an error that is not of a call.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.0.attempt.as_ref().map(|attempt| &*attempt.host)
    }

    /// Returns the error of the HTTP client below, where there is one.
    ///
    /// Not for logs and replies: its text is another library's, and can quote what a server sent.
    #[must_use]
    pub fn raw_source(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.0.raw.as_deref()
    }

    /// Returns `true` if the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.0.kind, ErrorKind::RateLimited | ErrorKind::Unavailable)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(&self.0, f)
    }
}

crate::__debug_as_display!(Error);

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self.0.source.as_ref()? {
            Source::Cause(cause) => Some(cause),
            Source::Tags(error) => Some(error),
        }
    }
}

impl From<TagError> for Error {
    fn from(source: TagError) -> Self {
        Self::new(ErrorKind::Tags).with(|inner| inner.source = Some(Source::Tags(source)))
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
        assert!(error.to_string().starts_with("the tags break a rule of Nango (word): "), "{error}");
        assert_eq!(format!("{error:?}"), error.to_string());
    }

    const _: () = {
        const fn is_shared_freely<T: Clone + Send + Sync>() {}
        is_shared_freely::<Error>();
    };
}
