//! Failures in texts that are safe to log. The server's own texts quote subjects and are never shown.

use std::borrow::Cow;
use std::io;

use async_nats::{ConnectError, ConnectErrorKind};
use nango_core::{StoreCause, StoreErrorKind};

use super::failure::Failure;
use StoreErrorKind::{Other, Unavailable};

/// The facts about a failure.
pub(crate) struct Diagnosis {
    pub(super) kind: StoreErrorKind,
    pub(super) cause: StoreCause,
    pub(super) remedy: Cow<'static, str>,
}

const UNREACHABLE: &str = "is the NATS server running there, with JetStream (`-js`)?";

const AUTHENTICATION: &str = "correct the user, the password or the token of the URL; for other credentials, connect \
                              an `async_nats::Client` and pass it to `NatsEventQueue::new`";

const TLS: &str = "compare the server's certificate and its host name with the URL; for a certificate of your own, \
                   connect an `async_nats::Client` and pass it to `NatsEventQueue::new`";

impl Diagnosis {
    pub(super) fn new(
        kind: StoreErrorKind,
        cause: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { kind, cause: StoreCause::new(cause), remedy: remedy.into() }
    }

    /// A server that cannot be reached.
    pub(super) fn unreachable(kind: io::ErrorKind) -> Self {
        Self { kind: Unavailable, cause: kind.into(), remedy: UNREACHABLE.into() }
    }

    pub(super) fn of(failure: &Failure) -> Self {
        match failure {
            Failure::Api { code, .. } => Self::of_code(*code),
            Failure::Client(_) => Self::new(
                Unavailable,
                "the client of NATS has ended",
                "keep the runtime that it was made in running",
            ),
            Failure::Disconnected => Self::new(Unavailable, "there is no connection", UNREACHABLE),
            Failure::InvalidKey => Self::new(
                Other,
                "the event's key is not one of this library",
                "push events of `QueuedEvent::of`",
            ),
            Failure::NoResponders => Self::new(
                Unavailable,
                "JetStream does not answer",
                "start the server with JetStream (`-js`) and enable it for the account; one that has just started \
                 answers once it has restored its streams",
            ),
            Failure::TimedOut => Self::new(
                Unavailable,
                "no reply in time",
                "retry; look at the server's log, and let the user publish to `$JS.API.>`, `$JS.ACK.>` and the \
                 prefix of the queue, and subscribe to `_INBOX.>`",
            ),
            Failure::TooLarge => Self::new(
                Other,
                "the event is larger than the server allows",
                "raise `max_payload` of the server, or push no event larger than `EventQueue::max_bytes`",
            ),
            Failure::Unreadable => Self::new(
                Other,
                "the reply is not one of JetStream",
                "does another program answer for the subjects of the queue?",
            ),
        }
    }

    fn of_code(code: u32) -> Self {
        let (kind, name, remedy) = match code {
            10002 | 10023 | 10028 | 10047 | 10122 => (
                Unavailable,
                "the storage of JetStream is full",
                "free space, or raise the limits of the account or the server",
            ),
            10005 | 10074 => (
                Other,
                "there are not enough servers for the replicas",
                "lower `NatsOptions::replicas`, or add servers to the cluster",
            ),
            10008..=10010 => (
                Unavailable,
                "the cluster has no leader at the moment",
                "retry; look at the servers of the cluster",
            ),
            10014 | 10059 => (
                Unavailable,
                "a stream or its consumer is missing",
                "retry; look for what deletes the streams of the queue",
            ),
            10039 | 10076 => (
                Other,
                "JetStream is not enabled",
                "start the server with JetStream (`-js`), and enable it for the account",
            ),
            10065 => (
                Other,
                "another stream takes the subjects of the queue",
                "choose another `NatsOptions::prefix`, or change that stream",
            ),
            10071 => (
                Unavailable,
                "other writers were quicker in all attempts",
                "retry; look for other writers of the streams",
            ),
            10077..=10079 => {
                (Unavailable, "the message could not be stored", "look at the server's disk and its log")
            }
            _ => (
                Other,
                "JetStream refused the request",
                "look the code up in the server's list of errors, and look at its log",
            ),
        };
        let cause = StoreCause::new(format!("{name} (code {code})")).with_code(code.to_string());
        Self { kind, cause, remedy: remedy.into() }
    }

    pub(super) fn of_connect(error: &ConnectError) -> Self {
        let source = std::error::Error::source(error);
        let io_kind = source.and_then(|source| source.downcast_ref::<io::Error>()).map(io::Error::kind);
        match error.kind() {
            ConnectErrorKind::ServerParse => Self::invalid_url(),
            ConnectErrorKind::Dns => Self::new(
                Unavailable,
                "the host's name cannot be resolved",
                "correct the host, or repair name resolution",
            ),
            ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
                Self::new(Other, "authentication failed", AUTHENTICATION)
            }
            ConnectErrorKind::TimedOut => Self::unreachable(io::ErrorKind::TimedOut),
            ConnectErrorKind::Tls => Self::new(Unavailable, "the TLS handshake failed", TLS),
            ConnectErrorKind::Io | ConnectErrorKind::MaxReconnects => match io_kind {
                Some(kind) if kind != io::ErrorKind::Other => Self::unreachable(kind),
                _ => Self::new(Unavailable, "the connection failed", UNREACHABLE),
            },
        }
    }

    pub(super) fn invalid_url() -> Self {
        Self::new(
            Other,
            "the URL is invalid",
            "write `nats://user:password@host:4222`, and `tls` instead of `nats` for TLS",
        )
    }

    pub(super) fn without_tls() -> Self {
        Self::new(
            Other,
            "the server demands TLS, which this build does not have",
            "enable the feature `rustls` of nango-nats",
        )
    }
}
