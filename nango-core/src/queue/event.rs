//! An event as a queue keeps it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use nango_client::{AsyncActionEvent, ConnectionKey, Delivery, ForwardEvent, SyncEvent, Timestamp, Verified};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// A delivery about something that no state remembers: a run of a sync, a provider's own webhook, or
/// the end of an action.
///
/// An [`EventQueue`](crate::EventQueue) keeps it as the text of [`to_json`](Self::to_json), in which
/// the body stands byte for byte. Only a [`Verified`] delivery becomes one; what is read back is
/// trusted as the rows of a store are, so that a queue must be one that only the app writes to.
///
/// ```
/// use nango_core::{EventKind, QueuedEvent, SIGNATURE_HEADER, SigningKeys};
///
/// let keys = SigningKeys::new(["key"])?;
/// let body = r#"{"connectionId":"c","from":"nango","model":"Ticket","providerConfigKey":"zendesk",
///     "success":true,"syncName":"tickets","type":"sync"}"#;
/// let mut headers = http::HeaderMap::new();
/// headers.insert(SIGNATURE_HEADER, keys.sign(body.as_bytes()).parse()?);
/// let delivery = keys.verify(&headers, body.into())?;
///
/// let event = QueuedEvent::of(&delivery).ok_or("not an event")?;
/// assert_eq!(event.kind(), EventKind::Sync);
/// let again = QueuedEvent::from_json(&event.to_json())?;
/// assert_eq!((again.key(), again.body()), (event.key(), event.body()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct QueuedEvent {
    key: String,
    received_at: Timestamp,
    attempt: u32,
    content: EventContent,
}

/// The content of a [`QueuedEvent`], by type.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "most events are of the large one")]
pub enum EventContent {
    /// An action has ended.
    AsyncAction(AsyncActionEvent),
    /// A provider's own webhook was forwarded.
    Forward(ForwardEvent),
    /// A sync has run.
    Sync(SyncEvent),
}

impl EventContent {
    fn of(delivery: Delivery) -> Option<Self> {
        match delivery {
            Delivery::AsyncAction(event) => Some(Self::AsyncAction(event)),
            Delivery::Forward(event) => Some(Self::Forward(event)),
            Delivery::Sync(event) => Some(Self::Sync(event)),
            _ => None,
        }
    }
}

/// The kinds of events that can wait in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// An action has ended.
    AsyncAction,
    /// A provider's own webhook was forwarded.
    Forward,
    /// A sync has run.
    Sync,
}

impl EventKind {
    /// Returns Nango's word for it: `async_action`, `forward` or `sync`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsyncAction => "async_action",
            Self::Forward => "forward",
            Self::Sync => "sync",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl QueuedEvent {
    /// Returns the event of a delivery; `None` for deliveries about the state of a connection, which
    /// the store keeps, and for those of unknown types.
    #[must_use]
    pub fn of(delivery: &Verified) -> Option<Self> {
        let received_at = Timestamp::now();
        Self::read(new_key(received_at), received_at, delivery.body())
    }

    fn read(key: String, received_at: Timestamp, body: &Bytes) -> Option<Self> {
        let content = EventContent::of(nango_client::__private::trusted_delivery(body))?;
        Some(Self { key, received_at, attempt: 1, content })
    }

    /// Returns the key of this event: 32 hexadecimal digits, equal in every attempt to handle it, and
    /// different for every accepted delivery, also of one that Nango has sent twice. Keys sort by the
    /// time of their deliveries.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns a hash of the kind, the connection and the body: 32 hexadecimal digits, equal for all
    /// deliveries of one event. Nango sends a delivery up to three times, if it is not answered in
    /// time or with a failure.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let connection = self.connection();
        for part in [self.kind().as_str(), connection.integration(), connection.connection_id()] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        hash.update(self.body());
        let mut text = hex::encode(hash.finalize());
        text.truncate(32);
        text
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match &self.content {
            EventContent::AsyncAction(_) => EventKind::AsyncAction,
            EventContent::Forward(_) => EventKind::Forward,
            EventContent::Sync(_) => EventKind::Sync,
        }
    }

    /// Returns the time at which the app received the delivery. Nango's own time is in no delivery but
    /// those of syncs.
    #[must_use]
    pub fn received_at(&self) -> Timestamp {
        self.received_at
    }

    /// Returns the body of the delivery, byte for byte.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        match &self.content {
            EventContent::AsyncAction(event) => &event.body,
            EventContent::Forward(event) => &event.body,
            EventContent::Sync(event) => &event.body,
        }
    }

    /// Returns the content, by type.
    #[must_use]
    pub fn content(&self) -> &EventContent {
        &self.content
    }

    /// Returns the connection that the event is about.
    #[must_use]
    pub fn connection(&self) -> &ConnectionKey {
        match &self.content {
            EventContent::AsyncAction(event) => &event.connection,
            EventContent::Forward(event) => &event.connection,
            EventContent::Sync(event) => &event.connection,
        }
    }

    /// Returns the number of this attempt to handle the event, from 1. It is not part of the text that
    /// a queue keeps.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Sets the number of the attempt, for a queue that counts them.
    #[must_use]
    pub fn with_attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }

    /// Returns the text to keep.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts and numbers only, so serialisation cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a text that [`to_json`](Self::to_json) returned, of this version or of an older one.
    ///
    /// # Errors
    ///
    /// When the text is something else, or was written by a newer version.
    pub fn from_json(json: &str) -> Result<Self, EventFormatError> {
        serde_json::from_str(json).map_err(|_| EventFormatError(()))
    }
}

/// Returns a new key, which sorts by time.
fn new_key(at: Timestamp) -> String {
    format!("{:016x}{:016x}", at.as_micros(), rand::random::<u64>())
}

nango_client::__debug_only!(QueuedEvent { key, content, received_at, attempt });

/// A text that is not an event, or that a newer version of this library wrote.
#[derive(Clone, thiserror::Error)]
#[error(
    "the queued event cannot be read: it was not written by this library, or by a newer version of it, which has to \
     handle it"
)]
pub struct EventFormatError(());

nango_client::__debug_as_display!(EventFormatError);

const FORMAT: u32 = 1;

/// The text that queues keep.
#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    key: String,
    received_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// A body that is not UTF-8, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
}

impl Serialize for QueuedEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = std::str::from_utf8(self.body()).ok();
        let stored = Stored {
            format: FORMAT,
            key: self.key.clone(),
            received_at: self.received_at,
            body: text.map(str::to_owned),
            body_base64: text.is_none().then(|| STANDARD.encode(self.body())),
        };
        stored.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for QueuedEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        if stored.format != FORMAT {
            return Err(de::Error::custom("an unknown format of an event"));
        }
        let body = match (stored.body, stored.body_base64) {
            (Some(text), None) => Bytes::from(text),
            (None, Some(text)) => Bytes::from(STANDARD.decode(text).map_err(de::Error::custom)?),
            _ => return Err(de::Error::custom("an event has one body")),
        };
        Self::read(stored.key, stored.received_at, &body)
            .ok_or_else(|| de::Error::custom("a body that is not an event"))
    }
}
