//! Events of connections.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use crate::connection::ConnectionKey;
use crate::debug::Word;

/// Nango's claim about a connection. It may be old, replayed or overtaken: take it as a hint to
/// look the connection up.
#[derive(Clone)]
#[non_exhaustive]
pub struct AuthEvent {
    /// The connection, which may not exist: a failed first attempt names one that was never
    /// created.
    pub connection: ConnectionKey,
    /// The operation.
    pub operation: Operation,
    /// `true` if the operation succeeded.
    pub success: bool,
    /// The environment, by name.
    pub environment: Option<String>,
    /// The reason for a failure.
    pub failure: Option<AuthFailure>,
    /// The tags at the time of the event. Good for detecting that a look-up is older than the
    /// event.
    pub tags: Option<BTreeMap<String, String>>,
}

/// The operations of an [`AuthEvent`].
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Created, or: an attempt to create **or to reconnect** failed.
    Creation,
    /// Reconnected, or imported again.
    Override,
    /// Credentials were refreshed, or tested.
    Refresh,
    /// Deleted at Nango. Only newer servers send it.
    Deletion,
    /// One that this version does not know.
    Other(String),
}

/// The reason for a failed operation.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthFailure {
    /// A word such as `invalid_callback` or `refresh_token_external_error`.
    pub kind: String,
    /// The description, in part the provider's: it may contain anything. `Debug` does not show it.
    pub description: Option<String>,
}

impl AuthFailure {
    /// Creates a failure, for tests of code that takes one.
    #[must_use]
    pub fn new(kind: impl Into<String>, description: Option<impl Into<String>>) -> Self {
        Self { kind: kind.into(), description: description.map(Into::into) }
    }
}

/// The fields of the delivery. One of an unexpected type makes the delivery unknown.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow, default)]
    from: Cow<'a, str>,
    connection_id: String,
    provider_config_key: String,
    operation: Option<String>,
    success: Option<bool>,
    environment: Option<String>,
    error: Option<Failure>,
    tags: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(rename = "type", default)]
    kind: String,
    /// For people. One that is not a text makes the delivery no less readable.
    #[serde(default)]
    description: Value,
}

impl AuthEvent {
    /// Reads a delivery; `None` if it is of another kind, or unreadable.
    pub(super) fn read(body: &Bytes) -> Option<Self> {
        let fields: Fields<'_> = serde_json::from_slice(body).ok()?;
        if (&*fields.r#type, &*fields.from) != ("auth", "nango") {
            return None;
        }
        Some(Self {
            connection: ConnectionKey::new(fields.provider_config_key, fields.connection_id),
            operation: Operation::named(fields.operation.unwrap_or_default()),
            success: fields.success.unwrap_or_default(),
            environment: fields.environment,
            failure: fields.error.map(|error| AuthFailure::new(error.kind, error.description.as_str())),
            tags: fields.tags,
        })
    }
}

impl Operation {
    fn named(name: String) -> Self {
        match name.as_str() {
            "creation" => Self::Creation,
            "override" => Self::Override,
            "refresh" => Self::Refresh,
            "deletion" => Self::Deletion,
            _ => Self::Other(name),
        }
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Creation => f.write_str("Creation"),
            Self::Override => f.write_str("Override"),
            Self::Refresh => f.write_str("Refresh"),
            Self::Deletion => f.write_str("Deletion"),
            Self::Other(name) => f.debug_tuple("Other").field(&Word(name)).finish(),
        }
    }
}

impl fmt::Debug for AuthFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthFailure").field("kind", &Word(&self.kind)).finish_non_exhaustive()
    }
}

crate::__debug_only!(AuthEvent { connection, operation, success, failure });
