//! Connect sessions, signed webhooks and reconciliation for products that use [Nango](https://nango.dev).

#![cfg_attr(docsrs, feature(doc_cfg))]

mod config;
mod connection;
mod entity;
mod health;
mod kinds;
mod store;
mod tags;
mod time;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use async_trait::async_trait;

pub use config::{ApiKey, ConfigError};
pub use connection::{Connection, ConnectionError, ConnectionRef};
pub use entity::{Owner, TagMapper};
pub use health::{Health, UnknownHealth};
pub use kinds::Unattributed;
pub use store::{
    Applied, Change, ConnectionStore, Details, Lease, MemoryStore, Record, StoreError, StoreErrorKind,
    Version,
};
pub use tags::{MAX_TAGS, MAX_VALUE_UNITS, OWNER_KIND, TagError, TagKey, Tags};
pub use time::{Timestamp, TimestampError};

#[cfg(feature = "derive")]
pub use nango_derive::TagMapper;

/// An error of somebody else, kept as the source of one of ours.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
