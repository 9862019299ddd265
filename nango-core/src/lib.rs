//! Connect sessions, signed webhooks and reconciliation for products that use [Nango](https://nango.dev).
//!
//! - [`TagMapper`] says which of the app's types own connections, and which of their fields Nango keeps beside one. Derive it.
//! - [`Nango`] is the handle that an app holds. [`Nango::builder`] makes one.
//! - [`OwnedConnection`] is a connection, reached through its owner: to check, reconnect, disconnect and use it.
//! - [`ConnectionStore`] is where connections are remembered. [`MemoryStore`] is one, `nango-sqlx` has others.
//! - [`routes`] are the ready-made routes without a framework; `nango-axum` and `nango-actix` mount them.
//! - [`SigningKeys`] and [`Delivery`] are webhooks, for apps that mount their own route.
//! - [`WebhookHandler`] is how an app hears of what happened.
//!
//! A webhook is taken as a hint: it makes the library look at Nango's API, and what is seen there is what is written. So it
//! does not matter whether one is forged, repeated, late or lost; [`Nango::spawn_sweeper`] makes up for the last.
//!
//! # Features
//!
//! `derive` and `rustls` are on by default. `native-tls` is the alternative to `rustls`; without one of them only `http://`
//! hosts can be reached. `openapi` describes the mounted routes. `testing` has contract suites for stores and adapters of your own.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod routes;
#[cfg(feature = "testing")]
pub mod testing;

mod client;
mod config;
mod connection;
mod entity;
mod error;
mod health;
mod kinds;
mod nango;
mod reconcile;
mod store;
mod tags;
mod time;
mod webhook;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use async_trait::async_trait;

pub use client::{
    Client, ConnectSession, ConnectionFilter, Integration, IntegrationDefaults, SessionDefaults, SessionToken,
};
pub use config::{ApiKey, ConfigError};
pub use connection::{Connection, ConnectionError, ConnectionRef};
pub use entity::{Owner, OwnerId, TagMapper};
pub use error::{Error, ErrorKind};
pub use health::{Health, UnknownHealth};
pub use kinds::Unattributed;
pub use nango::{
    Builder, Caller, Counters, Drained, Drift, DriftExample, Forgotten, Metadata, Nango, OwnedConnection,
    Proxy, ProxyReply, ProxyRequest, ResumePoint, SessionRequest, SweepProgress, SweepReport, SweepRequest,
    Sweeper, Token,
};
pub use store::{
    Applied, Change, ConnectionStore, Details, Lease, MemoryStore, Record, StoreError, StoreErrorKind,
    Version,
};
pub use tags::{
    FromTag, MAX_TAGS, MAX_VALUE_UNITS, OWNER_KIND, Tag, TagError, TagFields, TagKey, TagValue, Tags,
};
pub use time::{Timestamp, TimestampError};
pub use webhook::{
    AsyncActionEvent, AuthEvent, AuthFailure, ConnectFailed, ConnectionChanged, Delivery, ForwardEvent,
    Misattributed, Operation, SIGNATURE_HEADER, SignatureError, SigningKeys, SyncEvent, Verified,
    WebhookHandler,
};

#[cfg(feature = "derive")]
pub use nango_derive::TagFields;
#[cfg(feature = "derive")]
#[doc = include_str!("../docs/derive.md")]
pub use nango_derive::TagMapper;

/// An error of somebody else, kept as the source of one of ours.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
