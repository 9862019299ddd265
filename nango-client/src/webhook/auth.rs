//! Events of connections.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

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

/// The fields of the delivery, as they stand in it. One of an unexpected type makes the delivery unknown.
pub(super) struct Fields<'a> {
    pub(super) operation: Option<&'a RawValue>,
    pub(super) success: Option<&'a RawValue>,
    pub(super) environment: Option<&'a RawValue>,
    pub(super) error: Option<&'a RawValue>,
    pub(super) tags: Option<&'a RawValue>,
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
    pub(super) fn read(connection: ConnectionKey, fields: &Fields<'_>) -> Option<Self> {
        let error: Option<Failure> = read(fields.error).ok()?;
        Some(Self {
            connection,
            operation: Operation::named(read(fields.operation).ok()?.unwrap_or_default()),
            success: read(fields.success).ok()?.unwrap_or_default(),
            environment: read(fields.environment).ok()?,
            failure: error.map(|error| AuthFailure::new(error.kind, error.description.as_str())),
            tags: read(fields.tags).ok()?,
        })
    }
}

fn read<'a, T: Deserialize<'a>>(field: Option<&'a RawValue>) -> serde_json::Result<Option<T>> {
    field.map(|field| serde_json::from_str(field.get())).transpose()
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
