//! Connect sessions, signed webhooks and reconciliation for products that use
//! [Nango](https://nango.dev).
//!
//! - [`TagMapper`] makes an app's type an owner of connections, and names the fields that Nango
//!   keeps beside one. Derive it.
//! - [`Nango`] is the handle that an app holds. [`Nango::builder`] creates one.
//! - [`OwnedConnection`] is a connection, reached through its owner: to check, reconnect,
//!   disconnect and use it. It has the provider's API, the records of syncs ([`SyncRecord`]; a
//!   [`Record`] is a row of the store), the syncs themselves, actions and credentials.
//! - [`Nango::connections_of`] walks over the connections of all owners, for background jobs.
//! - [`ConnectionStore`] is the app's memory of connections. [`MemoryStore`] is one, `nango-sqlx`
//!   has others.
//! - [`routes`] are the ready-made routes without a framework; `nango-axum` and `nango-actix` mount
//!   them.
//! - [`SigningKeys`] and [`Delivery`] are webhooks, for apps that mount a route of their own.
//! - [`WebhookHandler`] is notified of changes and events.
//! - [`EventQueue`] keeps the events that no state remembers until they are handled, by an [`EventWorker`]:
//!   see [the guarantees](EventWorker#events-that-survive-a-crash).
//!
//! A webhook is a hint: it makes the library look at Nango's API, and the answer is what is
//! written. So a webhook that is forged, repeated, late or lost does no harm;
//! [`Nango::spawn_sweeper`] makes up for the last.
//!
//! The API client is [`nango_client`], which can be used alone.
//!
//! # Features
//!
//! `derive` and `rustls` are on by default. `native-tls` is the alternative to `rustls`; without
//! one of them only `http://` hosts can be reached. `metrics` exports, through the facade of the crate
//! `metrics`,
//!
//! - a counter for each field of [`Counters`], such as `nango.deliveries`, and `nango.failures` with
//!   the label `kind`, that of a [`BackgroundFailure`];
//! - the durations in seconds `http.client.request.duration` of calls to Nango, with the labels
//!   `http.request.method`, `url.template` and `error.type` (empty for success), and
//!   `http.server.request.duration` of the routes, with `http.request.method`, `http.route` and
//!   `http.response.status_code`, and `nango.event.duration` of handled events, with `kind` and `outcome`. No
//!   label contains an id.
//!
//! Calls, routes and handled events have `tracing` spans of level `DEBUG`, `nango.call`, `nango.route` and `nango.event`, with the field
//! names of OpenTelemetry. `openapi` describes the mounted routes.
//! `testing` has contract suites for stores, queues and adapters of your own.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::missing_errors_doc)]

pub mod routes;
#[cfg(feature = "testing")]
pub mod testing;

mod attempts;
mod backoff;
mod boxed;
mod builder;
mod config;
mod connections;
mod engine;
mod error;
mod events;
mod keys;
mod nango;
mod owner;
mod queue;
mod reconcile;
mod record;
mod report;
mod setup;
mod store;
mod sweep;
mod sync;
mod worker;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use async_trait::async_trait;
pub use nango_client;
pub use nango_client::{
    ActionFailure, ActionFailureKind, ActionOutcome, ActionResult, ApiKey, AsyncActionEvent, AuthEvent,
    AuthFailure, Client, ConnectLink, ConnectSession, Connection, ConnectionError, ConnectionKey,
    Credentials, Cursor, Delivery, ForwardEvent, FromTag, HttpOptions, Integration, IntegrationDefaults,
    ListRecords, MAX_TAGS, MAX_VALUE_UNITS, Operation, PayloadError, ProviderReply, ProxyClient, ProxyReply,
    ProxyRequest, ProxyStream, Record as SyncRecord, RecordData, RecordPage, RecordPages, RecordReader,
    RecordStream, Reset, ResponseBody, SIGNATURE_HEADER, SessionDefaults, SessionToken, SignatureError,
    SigningKeys, StartedAction, SyncCheckpoints, SyncClient, SyncCounts, SyncEvent, SyncFailure,
    SyncFailureCause, SyncName, SyncRunKind, SyncRuns, SyncState, SyncStatus, Syncs, Tag, TagError,
    TagFields, TagKey, TagValue, Tags, ThrownError, Timestamp, TimestampError, Token, Transport,
    TransportError, TriggerSyncs, Verified,
};

pub use attempts::CookieFault;
pub use boxed::BoxError;
pub use builder::NangoBuilder;
pub use config::ConfigError;
pub use connections::{
    AllConnections, Attempt, AttemptState, ConnectionsOf, MetadataClient, OwnedAction, OwnedConnection,
    OwnedSync, Session,
};
pub use engine::{Counters, DrainReport};
pub use error::{Error, ErrorKind};
pub use events::{ConnectFailed, ConnectionChanged, Misattributed, PreviousState, WebhookHandler};
pub use nango::{ConnectionEvent, ForgetReport, Nango, RefusalPage, SessionRequest};
pub use owner::{
    AttributionFailure, IntoOwner, MAX_ENTITY_TAGS, OWNER_KIND, Owner, OwnerId, OwnerIdentity, TagMapper,
    Unnamed,
};
pub use queue::{
    Claim, DeadLetter, EventContent, EventFormatError, EventKind, EventQueue, MemoryEventQueue, Outcome,
    QueueDepth, QueuedEvent, Received, Settlement, WorkQueue,
};
pub use record::{
    Applied, Change, Details, DetailsError, Health, HealthCause, Record, UnknownHealth, UnknownHealthName,
    Version,
};
pub use report::{BackgroundFailure, HandlerError};
pub use setup::{SetupCheck, SetupReport, SetupSubject, Verdict};
pub use store::{ConnectionStore, Lease, MemoryStore, StoreCause, StoreError, StoreErrorKind};
pub use sweep::{Drift, DriftExample, SweepCursor, SweepProgress, SweepReport, SweepRequest, Sweeper};
pub use worker::{EventWorker, EventWorkerBuilder};

#[cfg(feature = "derive")]
pub use nango_derive::TagFields;
#[cfg(feature = "derive")]
#[doc = include_str!("../docs/derive.md")]
pub use nango_derive::TagMapper;
