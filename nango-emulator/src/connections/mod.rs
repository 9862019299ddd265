//! Connections (wire reference 4; observed on Nango 0.71.4).

pub(crate) mod credentials;
mod delete;
mod get;
mod import;
mod list;
mod metadata;
mod patch;
pub(crate) mod refresh;
pub(crate) mod upsert;
mod view;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct as _};
use serde_json::{Map, Value};

pub(crate) use credentials::Credentials;
pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use import::import;
pub(crate) use list::list;
pub(crate) use metadata::{replace as replace_metadata, update as update_metadata};
pub(crate) use patch::patch;

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
    pub(crate) end_user: Option<EndUser>,
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

/// All connections, by numeric id and by (integration, connection id).
#[derive(Clone, Default, Deserialize)]
#[serde(from = "Saved")]
pub(crate) struct Connections {
    last_id: u64,
    by_id: BTreeMap<u64, Connection>,
    by_name: HashMap<(String, String), u64>,
}

#[derive(Deserialize)]
struct Saved {
    last_id: u64,
    all: Vec<Connection>,
}

impl From<Saved> for Connections {
    fn from(saved: Saved) -> Self {
        let mut connections = Self { last_id: saved.last_id, ..Self::default() };
        for connection in saved.all {
            connections.put(connection);
        }
        connections
    }
}

impl Serialize for Connections {
    /// As [`Saved`], without copying a hundred thousand of them first.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct All<'a>(&'a BTreeMap<u64, Connection>);
        impl Serialize for All<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.values())
            }
        }
        let mut saved = serializer.serialize_struct("Saved", 2)?;
        saved.serialize_field("last_id", &self.last_id)?;
        saved.serialize_field("all", &All(&self.by_id))?;
        saved.end()
    }
}

impl Connections {
    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn put(&mut self, connection: Connection) {
        let name = (connection.integration.clone(), connection.connection_id.clone());
        self.by_name.insert(name, connection.id);
        self.by_id.insert(connection.id, connection);
    }

    pub(crate) fn by_id(&self, id: u64) -> Option<&Connection> {
        self.by_id.get(&id)
    }

    pub(crate) fn by_id_mut(&mut self, id: u64) -> Option<&mut Connection> {
        self.by_id.get_mut(&id)
    }

    fn id(&self, integration: &str, connection_id: &str) -> Option<u64> {
        self.by_name.get(&(integration.to_owned(), connection_id.to_owned())).copied()
    }

    pub(crate) fn get(&self, integration: &str, connection_id: &str) -> Option<&Connection> {
        self.by_id(self.id(integration, connection_id)?)
    }

    pub(crate) fn get_mut(&mut self, integration: &str, connection_id: &str) -> Option<&mut Connection> {
        let id = self.id(integration, connection_id)?;
        self.by_id.get_mut(&id)
    }

    pub(crate) fn remove(&mut self, integration: &str, connection_id: &str) -> Option<Connection> {
        let name = (integration.to_owned(), connection_id.to_owned());
        let id = self.by_name.remove(&name)?;
        self.by_id.remove(&id)
    }

    pub(crate) fn remove_integration(&mut self, integration: &str) {
        self.by_name.retain(|(of, _), _| of != integration);
        self.by_id.retain(|_, connection| connection.integration != integration);
    }

    /// Newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &Connection> {
        self.by_id.values().rev()
    }

    pub(crate) fn of_integration(&self, integration: &str) -> impl Iterator<Item = &Connection> {
        self.by_id.values().filter(move |connection| connection.integration == integration)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }
}
