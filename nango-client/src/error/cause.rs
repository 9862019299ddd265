//! Causes of a failed call, as far as they can be shown.

use std::fmt;
use std::io;

use crate::debug::is_word;

/// The cause of an [`Error`](crate::Error): its [`source`](std::error::Error::source), where there
/// is one.
///
/// The text contains no URL, no id of a connection, no value of a request and no part of a
/// response but words of Nango's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The server does not accept the TCP connection.
    #[error("connection refused")]
    ConnectionRefused,
    /// The name of the server cannot be resolved.
    #[error("the name cannot be resolved")]
    Dns,
    /// Fields of the request that Nango does not accept.
    #[error("{}", Listed(.0))]
    InvalidFields(Vec<InvalidField>),
    /// The connection failed in another way.
    #[error("{0}")]
    Io(io::ErrorKind),
    /// The API key does not have a scope that the call needs. The text is Nango's name of the scope,
    /// or of several of which one is enough.
    #[error("the API key lacks the scope {0}")]
    MissingScope(String),
    /// The server answers with something else than HTTP, or breaks off.
    #[error("the response is not HTTP, or breaks off")]
    NotHttp,
    /// Something else than Nango answered: a gateway, another server, or a page.
    #[error("the response (status {status}) is not one of Nango's API")]
    NotNango {
        /// The status of the response.
        status: u16,
    },
    /// The provider's reply has an error status.
    #[error("the provider replied with status {status}")]
    ProviderStatus {
        /// The provider's status.
        status: u16,
    },
    /// The HTTP proxy on the way to the server does not let the request through.
    #[error("the HTTP proxy does not let the request through")]
    Proxy,
    /// The request cannot be sent. The text says why.
    #[error("{0}")]
    Request(&'static str),
    /// The server did not answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The TLS connection failed.
    #[error(transparent)]
    Tls(TlsFailure),
}

/// A field of a request that Nango does not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidField {
    /// The path of the field in the body, such as `allowed_integrations.1`. Parts that are not plain
    /// names are left out.
    pub path: String,
    /// Nango's reason, such as `custom` or `unrecognized_keys`.
    pub code: Option<String>,
    /// The id of the integration that does not exist, where that is the reason.
    pub unknown_integration: Option<String>,
}

/// A failure of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsFailure {
    /// The certificate has expired, or is not valid yet.
    #[error("the server's certificate has expired, or is not valid yet")]
    Expired,
    /// The certificate is for another name.
    #[error("the server's certificate is for another name")]
    OtherName,
    /// The handshake failed.
    #[error("the TLS handshake failed")]
    Handshake,
    /// The server answers without TLS.
    #[error("the server answers without TLS")]
    NotTls,
    /// The certificate is not of an authority that this machine trusts.
    #[error("the server's certificate is not of an authority that this machine trusts")]
    Untrusted,
}

impl fmt::Display for InvalidField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = Some(self.path.as_str()).filter(|path| !path.is_empty()).unwrap_or("the body");
        match (&self.unknown_integration, &self.code) {
            (Some(id), _) => write!(f, "{path}: the integration `{id}` does not exist"),
            (None, Some(code)) => write!(f, "{path}: {code}"),
            (None, None) => write!(f, "{path}: not accepted"),
        }
    }
}

struct Listed<'a>(&'a [InvalidField]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, field) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { ", " };
            write!(f, "{separator}{field}")?;
        }
        Ok(())
    }
}

impl Cause {
    /// Reads a scope, or several, from Nango's texts (observed on 0.71.4); `None` for any other text.
    pub(crate) fn missing_scope(text: &str) -> Option<Self> {
        let of_call = || {
            let scopes = text.strip_prefix("Insufficient scope. Required")?;
            scopes.strip_prefix(" one of: ").or_else(|| scopes.strip_prefix(": "))
        };
        // Of parameters of a call that the key may make without them.
        let of_options =
            || text.strip_prefix("Credential and refresh options require the ")?.strip_suffix(" scope");
        let scopes = of_call().or_else(of_options)?;
        let is_scope = |scope: &str| scope.split(':').all(is_word);
        (scopes.len() < 256 && scopes.split(" or ").all(is_scope))
            .then(|| Self::MissingScope(scopes.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scopes_are_repeated_from_nangos_text() {
        let scope = |text| Cause::missing_scope(text).map(|cause| cause.to_string());
        assert_eq!(
            scope("Insufficient scope. Required: environment:connections:list").unwrap(),
            "the API key lacks the scope environment:connections:list"
        );
        assert_eq!(
            scope("Insufficient scope. Required one of: environment:a or environment:b_c").unwrap(),
            "the API key lacks the scope environment:a or environment:b_c"
        );
        assert_eq!(
            scope(
                "Credential and refresh options require the environment:connections:read_credentials scope"
            )
            .unwrap(),
            "the API key lacks the scope environment:connections:read_credentials"
        );
        for text in
            ["", "c0ffee", "Insufficient scope. Required: C0FFEE", "Insufficient scope. Required: a b"]
        {
            assert_eq!(scope(text), None, "{text}");
        }
    }
}
