//! Failures of a request.

use std::error::Error as StdError;
use std::fmt;

use nango_core::BoxError;

/// A request that failed. Not safe to log: the server quotes subjects.
#[derive(Debug)]
pub(crate) enum Failure {
    /// JetStream refused it.
    Api { code: u32, text: String },
    /// The client failed.
    Client(BoxError),
    /// There is no connection, and none was made in time.
    Disconnected,
    /// The key of the event cannot be part of a subject.
    InvalidKey,
    /// Nothing takes requests of this kind: there is no JetStream, no such stream, or no such consumer.
    NoResponders,
    /// No reply came in time.
    TimedOut,
    /// It is larger than the server allows.
    TooLarge,
    /// The reply is not one of JetStream's.
    Unreadable,
}

/// Codes of JetStream's errors, as its server lists them.
pub(crate) mod code {
    pub(crate) const CONSUMER_NOT_FOUND: u32 = 10014;
    pub(crate) const NO_MESSAGE_FOUND: u32 = 10037;
    pub(crate) const SEQUENCE_NOT_FOUND: u32 = 10043;
    pub(crate) const STREAM_MSG_DELETE_FAILED: u32 = 10057;
    pub(crate) const STREAM_NAME_IN_USE: u32 = 10058;
    pub(crate) const STREAM_NOT_FOUND: u32 = 10059;
    pub(crate) const WRONG_LAST_SEQUENCE: u32 = 10071;
}

impl Failure {
    fn code(&self) -> Option<u32> {
        match self {
            Self::Api { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Returns whether another writer was quicker.
    pub(crate) fn is_conflict(&self) -> bool {
        self.code() == Some(code::WRONG_LAST_SEQUENCE)
    }

    /// Returns whether the message that was asked for does not exist.
    pub(crate) fn is_no_message(&self) -> bool {
        // 2.9 answers the deletion of a missing message with the third code.
        let codes = [code::NO_MESSAGE_FOUND, code::SEQUENCE_NOT_FOUND, code::STREAM_MSG_DELETE_FAILED];
        self.code().is_some_and(|code| codes.contains(&code))
    }

    /// Returns whether a stream or the consumer may be missing.
    pub(crate) fn is_missing_stream(&self) -> bool {
        let codes = [code::STREAM_NOT_FOUND, code::CONSUMER_NOT_FOUND];
        matches!(self, Self::NoResponders) || self.code().is_some_and(|code| codes.contains(&code))
    }

    /// Returns whether the same request may work in a moment.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Disconnected | Self::NoResponders | Self::TimedOut)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api { code, text } => write!(f, "JetStream refused the request: {text} ({code})"),
            Self::Client(error) => write!(f, "the client failed: {error}"),
            Self::Disconnected => f.write_str("not connected"),
            Self::InvalidKey => f.write_str("the key cannot be part of a subject"),
            Self::NoResponders => f.write_str("no responders"),
            Self::TimedOut => f.write_str("timed out"),
            Self::TooLarge => f.write_str("too large"),
            Self::Unreadable => f.write_str("unreadable reply"),
        }
    }
}

impl StdError for Failure {}
