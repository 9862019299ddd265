//! An event with what distinguishes it from others.

use std::ops::Deref;

use nango_client::Timestamp;

use super::event::QueuedEvent;

/// An event of a delivery, with what an app needs to handle it once.
///
/// Delivered at least once means twice sometimes: Nango repeats a delivery whose answer it did not get,
/// and a worker that ends after its work, and before it has said so, leaves the event to another one. A
/// handler is idempotent if its effect is: a record that is written by its id, a read that goes on from a
/// stored position. Where the effect is not, it is kept with the [`key`](Self::key), in one transaction:
///
/// ```
/// # use nango_core::{BoxError, ForwardEvent, Nango, Received, WebhookHandler, async_trait};
/// # struct Db;
/// # impl Db { async fn insert_once(&self, _: &str, _: &[u8]) -> Result<(), BoxError> { Ok(()) } }
/// struct Inbox(Db);
///
/// #[async_trait]
/// impl WebhookHandler for Inbox {
///     async fn webhook_forwarded(&self, _: &Nango, event: Received<ForwardEvent>) -> Result<(), BoxError> {
///         // INSERT INTO inbox (key, body) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING
///         self.0.insert_once(&event.key, &event.body).await
///     }
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Received<E> {
    /// The event.
    pub event: E,
    /// The key of this delivery: 32 hexadecimal digits, equal in every attempt to handle it. Two
    /// deliveries of one event have two.
    pub key: String,
    /// A hash of the kind, the connection and the body: 32 hexadecimal digits, equal for all deliveries
    /// of one event. Two events that do not differ in a byte have one, too: a provider that sends the
    /// same webhook twice, on purpose and without an id or a time in it.
    pub fingerprint: String,
    /// The time at which the app received the delivery.
    pub received_at: Timestamp,
    /// The number of this attempt to handle it, from 1. Always 1 without an
    /// [event queue](crate::NangoBuilder::event_queue).
    pub attempt: u32,
}

impl<E> Received<E> {
    pub(crate) fn new(queued: &QueuedEvent, event: E) -> Self {
        Self {
            event,
            key: queued.key().to_owned(),
            fingerprint: queued.fingerprint(),
            received_at: queued.received_at(),
            attempt: queued.attempt(),
        }
    }
}

/// The fields and methods of the event are at hand: `event.connection`.
impl<E> Deref for Received<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.event
    }
}
