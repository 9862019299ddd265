//! What can go wrong before or while an emulator runs.

use std::{io, net::SocketAddr, path::PathBuf};

/// Why an [`Emulator`](crate::Emulator) could not start, or a flow driven by it did not finish.
///
/// No variant carries a key, a token, a credential or a connection id.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// The address is taken or may not be bound.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// A setting has an impossible value.
    #[error("invalid setting {setting}: {reason}")]
    Setting {
        /// The builder method, flag or key of the configuration file.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A configuration, provider or data file cannot be read or written.
    #[error("cannot use file {}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A configuration, provider or data file does not have the expected shape.
    #[error("cannot understand file {}: {reason}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// Where it goes wrong.
        reason: String,
    },
    /// The outgoing HTTP client could not be made, or a call of its own to a provider failed.
    #[error("the emulator's own HTTP client failed")]
    Client(#[source] reqwest::Error),
    /// A connect flow was refused; `code` is Nango's error code or WebSocket error type.
    #[error("the connect flow was refused with {code}")]
    Refused {
        /// For example `integration_not_allowed`, `connection_test_failed`, `callback_err`.
        code: String,
    },
    /// There is no such integration or connection in this emulator.
    #[error("no such {what}")]
    Unknown {
        /// `integration` or `connection`.
        what: &'static str,
    },
}
