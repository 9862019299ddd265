//! Failures that no caller sees.

use nango_client::{SignatureError, TagError};

use super::handler_error::HandlerError;
use super::texts::{Integration, OfEvent, Origin, Remedy};
use crate::attempts::CookieFault;
use crate::error::Error;
use crate::owner::AttributionFailure;
use crate::queue::EventKind;

/// A failure that no caller of the app's sees: of work in the background, or of a request that was
/// refused before it reached the app.
///
/// [`NangoBuilder::on_failure`](crate::NangoBuilder::on_failure) sets a hook that gets each of them.
/// They are logged in any case: the first of a kind at once, and then the latest of it every 30 seconds, with the
/// number of those that were left out.
///
/// The text names what failed, the cause, and what to do. It contains no key, connection id,
/// credential or tag; that of a [`HandlerError`] is the app's own.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum BackgroundFailure {
    /// A request was refused because it comes from a page of another origin.
    #[error(
        "a request of a page of another origin was refused{}{}", Origin(.origin.as_deref()), Remedy(.host.as_deref())
    )]
    CrossOrigin {
        /// The page's origin, where the browser named it.
        origin: Option<String>,
        /// The request's `Host`, where it was compared with the origin: browsers that do not send
        /// `Sec-Fetch-Site` leave it to that. A proxy may have changed it.
        host: Option<String>,
    },
    /// A provider's callback was not passed on to Nango, because the browser that brought it has not begun
    /// an attempt. A few are people who came back late; many at once may be an attack, or a token route
    /// on another host than the callback.
    #[error("a provider's callback was not passed on: {reason}")]
    CallbackRefused {
        /// The reason.
        reason: CookieFault,
    },
    /// Marks could not be processed, because the store failed. They are retried.
    #[error("could not process marked connections: {error}; it is retried every second")]
    Drain {
        /// The cause.
        error: Error,
    },
    /// The queue of events failed. Events stay in it, and it is tried again.
    #[error("the event worker could not {what}: {error}; it is retried, and events stay queued")]
    EventQueue {
        /// The call of the queue, as it follows "could not".
        what: &'static str,
        /// The cause.
        error: Error,
    },
    /// An event became a dead letter: it is not tried any more.
    #[error(
        "an event{} is a dead letter, after {failures} failed attempts and {deaths} workers that ended at it: {reason}; mend \
         the cause, and replay it with `nango-rs events replay {key}`",
        OfEvent(*.kind, .integration.as_deref())
    )]
    EventDead {
        /// The event's key.
        key: String,
        /// The kind; `None` where this version cannot read the event.
        kind: Option<EventKind>,
        /// The integration, likewise.
        integration: Option<String>,
        /// The number of attempts that failed.
        failures: u32,
        /// The number of workers that ended while they held it.
        deaths: u32,
        /// The reason, in the words of the app's handler where it failed last.
        reason: String,
    },
    /// An attempt to handle an event of the queue failed. It is retried.
    #[error(
        "attempt {attempt} to handle a queued event{} failed: {error}; it is retried",
        OfEvent(*.kind, .integration.as_deref())
    )]
    EventHandler {
        /// The kind; `None` where this version cannot read the event.
        kind: Option<EventKind>,
        /// The integration, likewise.
        integration: Option<String>,
        /// The number of the attempt, from 1.
        attempt: u32,
        /// The cause.
        error: HandlerError,
    },
    /// A delivery was refused, because it is larger than the event queue takes.
    #[error(
        "a webhook of {integration} was answered with 413: as an event it has {bytes} bytes, and the event queue takes {limit}; \
         raise the limit of the queue's server"
    )]
    EventTooLarge {
        /// The integration.
        integration: String,
        /// The size of the event.
        bytes: usize,
        /// The limit of the queue.
        limit: usize,
    },
    /// The app's handler failed. A change of a connection is notified again; another event is lost.
    #[error("the webhook handler failed{}: {error}", Integration(.integration.as_deref()))]
    Handler {
        /// The integration of the connection, where the event has one.
        integration: Option<String>,
        /// The cause.
        error: HandlerError,
    },
    /// The app's function for labels failed. It is called again with growing pauses.
    #[error(
        "could not get the label of a connection of {integration}: {error}; it is retried with growing pauses"
    )]
    Label {
        /// The integration.
        integration: String,
        /// The cause.
        error: HandlerError,
    },
    /// Another instance may be sweeping, and this one could not ask.
    #[error("could not take the lease of the sweeper: {error}; it is retried")]
    Lease {
        /// The cause.
        error: Error,
    },
    /// A connection could not be looked at. Its state stays, and the look is retried.
    #[error(
        "could not look at a connection of {integration}: {error}; its state stays, and the look is retried"
    )]
    Look {
        /// The integration.
        integration: String,
        /// The cause.
        error: Error,
    },
    /// A connection is not stored, because its tags do not name an owner. Those of other apps, which say
    /// so, are not reported.
    #[error(
        "a connection of {integration} was not stored: {why}; nango has it, and `Nango::adopt` gives it to an owner"
    )]
    Misattributed {
        /// The integration.
        integration: String,
        /// The reason.
        why: AttributionFailure,
    },
    /// The app was notified of a change, and that could not be recorded. It is notified again.
    #[error(
        "could not record that the app was notified of a change of a connection of {integration}: {error}; it is notified again"
    )]
    Notification {
        /// The integration.
        integration: String,
        /// The cause.
        error: Error,
    },
    /// A delivery of another environment was ignored.
    #[error(
        "a webhook of the environment `{environment}` was ignored; remove this app's webhook URL there, or correct \
         `.environment(..)`"
    )]
    OtherEnvironment {
        /// The environment that the delivery names.
        environment: String,
    },
    /// The tags of a stored connection name another owner. The stored one stays.
    #[error(
        "the tags of a connection of {integration} name another owner, and the stored one stays; `OwnedConnection::transfer` \
         changes it"
    )]
    OwnerConflict {
        /// The integration.
        integration: String,
    },
    /// Tags or metadata that a reconnect had wiped could not be restored. It is retried.
    #[error("could not restore the {what} of a connection of {integration}: {error}; it is retried")]
    Repair {
        /// The integration.
        integration: String,
        /// The part of the connection: `tags`, `metadata` or `data`.
        what: &'static str,
        /// The cause.
        error: Error,
    },
    /// The handler was not notified of an event that no row remembers, because too many wait for it.
    #[error(
        "the webhook handler was not notified of an event, because too many wait for it; return sooner from the handler"
    )]
    Overload,
    /// A request to a route was replied to with an error of the server's.
    #[error("a request to a route of nango was replied to with {code}: {error}")]
    Request {
        /// The code of the reply, such as `nango_unavailable`.
        code: &'static str,
        /// The cause.
        error: Error,
    },
    /// A sweep failed. It is retried.
    #[error("could not sweep: {error}; it is retried with growing pauses")]
    Sweep {
        /// The cause.
        error: Error,
    },
    /// Nango could not be asked for an owner's connections, so that `GET /connections?sync=true` was
    /// replied to with the stored list.
    #[error("could not look at nango for an owner's list, so that the reply was the stored one: {error}")]
    Sync {
        /// The cause.
        error: Error,
    },
    /// A tag of an owner was left out, because Nango would refuse its value and the session with it. The
    /// connection has its owner all the same.
    #[error(
        "a tag of an owner was left out: {error}; correct the value, or its field's `#[nango(tag, with = \"..\")]`"
    )]
    TagLeftOut {
        /// The rule that the value breaks. It names the key, never the value.
        error: TagError,
    },
    /// A delivery failed after its signature was verified. Nango retries it, twice.
    #[error(
        "a webhook could not be processed: {error}; nango retries it twice, and a sweep makes up for a lost change of a connection"
    )]
    Webhook {
        /// The cause.
        error: Error,
    },
    /// A delivery was refused because of its signature. A few are noise of the internet; if all are,
    /// a key is wrong.
    #[error("a webhook was refused: {reason}")]
    WebhookRefused {
        /// The reason.
        reason: SignatureError,
    },
    /// A delivery was sent to an address with a slash at its end, which is another address.
    #[error(
        "a webhook was posted to `/webhook/`; enter the webhook URL in Nango's Environment settings without the slash at \
         its end"
    )]
    WebhookMisdirected,
}

nango_client::__debug_as_display!(BackgroundFailure);

impl BackgroundFailure {
    /// Returns the name of the kind, such as `webhook_refused`, for metrics and reports.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CallbackRefused { .. } => "callback_refused",
            Self::CrossOrigin { .. } => "cross_origin",
            Self::Drain { .. } => "drain",
            Self::EventDead { .. } => "event_dead",
            Self::EventHandler { .. } => "event_handler",
            Self::EventQueue { .. } => "event_queue",
            Self::EventTooLarge { .. } => "event_too_large",
            Self::Handler { .. } => "handler",
            Self::Label { .. } => "label",
            Self::Lease { .. } => "lease",
            Self::Look { .. } => "look",
            Self::Misattributed { .. } => "misattributed",
            Self::Notification { .. } => "notification",
            Self::OtherEnvironment { .. } => "other_environment",
            Self::OwnerConflict { .. } => "owner_conflict",
            Self::Overload => "overload",
            Self::Repair { .. } => "repair",
            Self::Request { .. } => "request",
            Self::Sweep { .. } => "sweep",
            Self::Sync { .. } => "sync",
            Self::TagLeftOut { .. } => "tag_left_out",
            Self::Webhook { .. } => "webhook",
            Self::WebhookMisdirected => "webhook_misdirected",
            Self::WebhookRefused { .. } => "webhook_refused",
        }
    }
}
