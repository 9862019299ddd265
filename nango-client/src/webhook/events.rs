//! The events that deliveries report.

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

/// A sync has run. See Nango's documentation for the fields of `body`.
#[derive(Clone)]
#[non_exhaustive]
pub struct SyncEvent {
    /// The connection.
    pub connection: ConnectionKey,
    /// The sync.
    pub name: Option<String>,
    /// The model that it wrote.
    pub model: Option<String>,
    /// `true` if the sync succeeded.
    pub success: bool,
    /// The whole delivery, as JSON.
    pub body: Bytes,
}

/// A forwarded webhook of a provider. The provider's own signature is not checked: Nango's covers
/// the envelope.
#[derive(Clone)]
#[non_exhaustive]
pub struct ForwardEvent {
    /// The connection that Nango matched it to.
    pub connection: ConnectionKey,
    /// The provider.
    pub from: String,
    /// The whole delivery, as JSON; the provider's part is under `payload`.
    pub body: Bytes,
}

/// An action has ended.
#[derive(Clone)]
#[non_exhaustive]
pub struct AsyncActionEvent {
    /// The connection.
    pub connection: ConnectionKey,
    /// The whole delivery, as JSON.
    pub body: Bytes,
}

/// The fields of `body` that the methods below read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Details {
    sync_variant: Value,
    sync_type: Value,
    payload: Value,
}

impl Details {
    fn read(body: &Bytes) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }
}

impl SyncEvent {
    /// Returns the models whose records may have changed, to be read on from the stored positions. The failure
    /// of a sync names all of its models, and none if the run was ended or timed out (observed on
    /// 0.71.4).
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.model.iter().flat_map(|models| models.split(',')).filter(|model| !model.is_empty())
    }

    /// Returns the variant of the sync, where the delivery names one.
    #[must_use]
    pub fn variant(&self) -> Option<String> {
        Details::read(&self.body).sync_variant.as_str().map(str::to_owned)
    }

    /// Returns `true` if the run has read everything from the beginning. Its records may have been deleted
    /// without a trace before, so that an app that mirrors them
    /// [compares all](crate::ListRecords::read_all).
    #[must_use]
    pub fn is_initial(&self) -> bool {
        Details::read(&self.body).sync_type == "INITIAL"
    }
}

impl AsyncActionEvent {
    /// Returns the id of the action, for [`Client::action_result`](crate::Client::action_result). The delivery does
    /// not say whether the action has succeeded.
    #[must_use]
    pub fn action_id(&self) -> Option<String> {
        Details::read(&self.body).payload.get("id")?.as_str().map(str::to_owned)
    }
}

impl Operation {
    pub(super) fn named(name: String) -> Self {
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
crate::__debug_only!(SyncEvent { connection });
crate::__debug_only!(ForwardEvent { connection });
crate::__debug_only!(AsyncActionEvent { connection });
