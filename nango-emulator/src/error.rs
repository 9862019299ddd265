//! Errors from starting or driving an emulator.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// An error of starting an [`Emulator`](crate::Emulator), or of a flow that it drives.
///
/// No variant carries a key, a token, a credential or a connection id. `Debug` shows the text of
/// `Display`, so that an error that `main` returns is readable.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// The address is in use or may not be bound.
    #[error(
        "cannot listen on {address}: {source}; choose another address, or end the program that listens there"
    )]
    Bind {
        /// The address of the `listen` setting.
        address: SocketAddr,
        /// The operating system's error.
        source: io::Error,
    },
    /// The HTTP client could not be created, or its request to a provider failed.
    #[error("the emulator's HTTP client failed: {0}")]
    Http(#[source] HttpError),
    /// A setting has an impossible value.
    #[error("invalid setting {setting}: {reason}")]
    InvalidSetting {
        /// The builder method, the flag or the key of the configuration file.
        setting: &'static str,
        /// The rule that the value breaks.
        reason: String,
    },
    /// A configuration, provider or data file cannot be read.
    #[error("cannot read file {}: {source}", path.display())]
    Io {
        /// The path of the file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The emulator has no such connection, integration or sync.
    #[error("{what} not found; check its id and its integration")]
    NotFound {
        /// The kind of the missing object: `connection`, `integration` or `sync`.
        what: &'static str,
    },
    /// A configuration, provider or data file does not have the expected shape.
    #[error("cannot parse file {}: {reason}", path.display())]
    Parse {
        /// The path of the file.
        path: PathBuf,
        /// The position of the error, or the name of an unknown field.
        reason: String,
    },
    /// Nango's API refused a call of a connect flow.
    #[error("the connect flow was refused with {code}")]
    Refused {
        /// Nango's error code or WebSocket error type, such as `integration_not_allowed`,
        /// `connection_test_failed`, `callback_err`.
        code: String,
    },
}

impl fmt::Debug for EmulatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An error of the emulator's HTTP client. Names no URL.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct HttpError(reqwest::Error);

impl HttpError {
    pub(crate) fn new(error: reqwest::Error) -> Self {
        Self(error.without_url())
    }
}
