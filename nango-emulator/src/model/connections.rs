//! Table of all connections with its indices.

use std::collections::HashMap;

use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};

use super::connection::Connection;
use super::tags::Tags;

/// Connections by numeric id, by (integration, connection id) and by tag.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "Saved")]
pub(crate) struct Connections {
    last_id: u64,
    /// Boxed, since a hash map reserves unused slots.
    by_id: HashMap<u64, Box<Connection>>,
    by_key: HashMap<(String, String), u64>,
    /// All ids, ascending.
    ids: Vec<u64>,
    /// Ids in ascending order, by tag.
    tagged: HashMap<Box<str>, Vec<u64>>,
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
    /// Serializes as [`Saved`] without copying the connections.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct All<'a>(&'a Connections);
        impl Serialize for All<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.ids.iter().filter_map(|&id| self.0.by_id(id)))
            }
        }
        let mut saved = serializer.serialize_struct("Saved", 2)?;
        saved.serialize_field("last_id", &self.last_id)?;
        saved.serialize_field("all", &All(self))?;
        saved.end()
    }
}

/// Returns the index keys of tags. A tag's name contains no equals sign, so keys are unambiguous.
fn index_keys(tags: &Tags) -> impl Iterator<Item = Box<str>> {
    tags.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()).into())
}

fn insert_sorted(ids: &mut Vec<u64>, id: u64) {
    if let Err(at) = ids.binary_search(&id) {
        ids.insert(at, id);
    }
}

fn remove_sorted(ids: &mut Vec<u64>, id: u64) {
    if let Ok(at) = ids.binary_search(&id) {
        ids.remove(at);
    }
}

impl Connections {
    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn put(&mut self, connection: Connection) {
        let name = (connection.integration.clone(), connection.connection_id.clone());
        self.by_key.insert(name, connection.id);
        let id = connection.id;
        if let Some(old) = self.by_id.remove(&id) {
            self.unindex_tags(id, &old.tags);
        }
        insert_sorted(&mut self.ids, id);
        self.index_tags(id, &connection.tags);
        self.by_id.insert(id, Box::new(connection));
    }

    fn index_tags(&mut self, id: u64, tags: &Tags) {
        for name in index_keys(tags) {
            insert_sorted(self.tagged.entry(name).or_insert_with(|| Vec::with_capacity(1)), id);
        }
    }

    fn unindex_tags(&mut self, id: u64, tags: &Tags) {
        for name in index_keys(tags) {
            let Some(ids) = self.tagged.get_mut(&name) else { continue };
            remove_sorted(ids, id);
            if ids.is_empty() {
                self.tagged.remove(&name);
            }
        }
    }

    pub(crate) fn by_id(&self, id: u64) -> Option<&Connection> {
        self.by_id.get(&id).map(AsRef::as_ref)
    }

    fn id(&self, integration: &str, connection_id: &str) -> Option<u64> {
        self.by_key.get(&(integration.to_owned(), connection_id.to_owned())).copied()
    }

    pub(crate) fn get(&self, integration: &str, connection_id: &str) -> Option<&Connection> {
        self.by_id(self.id(integration, connection_id)?)
    }

    /// Updates a connection in place. Returns `None` if it does not exist.
    pub(crate) fn update<T>(
        &mut self,
        integration: &str,
        connection_id: &str,
        update: impl FnOnce(&mut Connection) -> T,
    ) -> Option<T> {
        self.update_by_id(self.id(integration, connection_id)?, update)
    }

    /// Updates the connection with this numeric id in place.
    pub(crate) fn update_by_id<T>(
        &mut self,
        id: u64,
        update: impl FnOnce(&mut Connection) -> T,
    ) -> Option<T> {
        let connection = self.by_id.get_mut(&id)?;
        let before = connection.tags.clone();
        let result = update(connection);
        if connection.tags != before {
            let after = connection.tags.clone();
            self.unindex_tags(id, &before);
            self.index_tags(id, &after);
        }
        Some(result)
    }

    pub(crate) fn remove(&mut self, integration: &str, connection_id: &str) -> Option<Box<Connection>> {
        let name = (integration.to_owned(), connection_id.to_owned());
        let id = self.by_key.remove(&name)?;
        let removed = self.by_id.remove(&id)?;
        remove_sorted(&mut self.ids, id);
        self.unindex_tags(id, &removed.tags);
        Some(removed)
    }

    pub(crate) fn remove_integration(&mut self, integration: &str) {
        self.by_key.retain(|(of, _), _| of != integration);
        self.by_id.retain(|_, connection| connection.integration != integration);
        // One pass: removing ids one by one would move the rest of a long list each time.
        let by_id = &self.by_id;
        self.ids.retain(|id| by_id.contains_key(id));
        self.tagged.retain(|_, ids| {
            ids.retain(|id| by_id.contains_key(id));
            !ids.is_empty()
        });
    }

    /// Iterates from the newest connection to the oldest.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Connection> {
        self.ids.iter().rev().filter_map(|&id| self.by_id(id))
    }

    /// Returns candidates for connections with all of these tags, as ascending ids. For up to one
    /// tag, every candidate has it.
    pub(crate) fn tagged(&self, tags: &Tags) -> &[u64] {
        let lists = index_keys(tags).map(|name| self.tagged.get(&name).map_or(&[][..], Vec::as_slice));
        lists.min_by_key(|ids| ids.len()).unwrap_or(&self.ids)
    }

    /// Returns the connections with this id to these integrations, as ascending ids.
    pub(crate) fn named(&self, connection_id: &str, integrations: &[String]) -> Vec<u64> {
        let mut ids: Vec<_> = integrations.iter().filter_map(|of| self.id(of, connection_id)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    pub(crate) fn with_integration(&self, integration: &str) -> impl Iterator<Item = &Connection> {
        self.by_id.values().map(AsRef::as_ref).filter(move |connection| connection.integration == integration)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }
}
