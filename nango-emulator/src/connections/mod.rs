//! Connections (wire reference 4; observed on Nango 0.71.4).

pub(crate) mod credentials;
mod delete;
mod get;
mod import;
mod list;
mod metadata;
mod patch;
pub(crate) mod refresh;
mod store;
pub(crate) mod upsert;
mod view;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use credentials::Credentials;
pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use import::import;
pub(crate) use list::list;
pub(crate) use metadata::{replace as replace_metadata, update as update_metadata};
pub(crate) use patch::patch;
pub(crate) use store::Connections;

use crate::{end_users::EndUser, tags::Tags};

/// One connection. No `Debug`: it holds credentials.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Connection {
    /// The incarnation: a connection that is deleted and made again gets a higher one.
    pub(crate) id: u64,
    pub(crate) connection_id: String,
    pub(crate) integration: String,
    pub(crate) provider: String,
    pub(crate) errors: Vec<ConnectionError>,
    /// Boxed: few have one.
    pub(crate) end_user: Option<Box<EndUser>>,
    pub(crate) tags: Tags,
    /// `None` is `null`, which OAuth2 connections start with.
    pub(crate) metadata: Option<Map<String, Value>>,
    pub(crate) connection_config: Map<String, Value>,
    pub(crate) webhook_url_override: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) last_fetched_at: Option<Timestamp>,
    pub(crate) credentials: Credentials,
    pub(crate) refresh: RefreshHistory,
    /// The provider no longer honours the credentials (a control of the emulator).
    #[serde(default)]
    pub(crate) revoked: bool,
}

/// An entry of `errors`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ConnectionError {
    /// `auth` or `sync`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) log_id: String,
}

/// What is remembered of failed refreshes and tests.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct RefreshHistory {
    pub(crate) failed_at: Option<Timestamp>,
    /// Days since 1970.
    pub(crate) failure_days: BTreeSet<i64>,
    /// When the periodic test last looked.
    #[serde(default)]
    pub(crate) tested_at: Option<Timestamp>,
}
