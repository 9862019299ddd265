//! Kinds of failed calls.

/// Kinds of [`Error`](crate::Error).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The response is not JSON, or does not have the requested shape; or it describes the
    /// requested connection in a way that cannot be read, such as metadata nested too deep.
    Decode,
    /// Nango could not refresh the credentials of the connection. Offer a reconnect.
    InvalidCredentials,
    /// Nango cannot read the cursor. A retry does not help: read from the beginning, or from a
    /// position that is known to be right.
    InvalidCursor,
    /// The request cannot be sent as it is: its path leaves the provider's API, or a parameter,
    /// header or body is not allowed.
    InvalidRequest,
    /// The credentials of the connection are not a single token. Use the proxy.
    NotATokenCredential,
    /// Nango does not have the connection, or no longer; or another thing that the call names, such as
    /// an integration or an action.
    NotFound,
    /// The rate limit is used up. Retryable, after [`Error::retry_after`](crate::Error::retry_after).
    RateLimited,
    /// The request was refused; [`Error::code`](crate::Error::code) has the reason where it is known. A retry does not
    /// help.
    Refused,
    /// A function of the app's own, an action for example, ran and failed. A retry runs it again.
    ScriptFailed,
    /// The tags break a rule. The source is a [`TagError`](crate::TagError).
    Tags,
    /// The response is larger than the limit: that of Nango's own API is 32 MiB, and a proxied
    /// call has [one of its own](crate::ProxyRequest::response_limit). A retry does not help.
    TooLarge,
    /// Nango does not accept the API key, or the key lacks the scope for this call.
    Unauthorized,
    /// Nango cannot be reached, fails, or something else responds in its place. Retryable.
    Unavailable,
}
