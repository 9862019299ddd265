//! All connections, and the ways to find them without looking at each.

use std::collections::HashMap;

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct as _};

use super::Connection;
use crate::tags::Tags;

/// All connections, by numeric id, by (integration, connection id) and by tag.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "Saved")]
pub(crate) struct Connections {
    last_id: u64,
    /// Boxed, since the map has room to spare.
    by_id: HashMap<u64, Box<Connection>>,
    by_name: HashMap<(String, String), u64>,
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
    /// As [`Saved`], without copying a hundred thousand of them first.
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

/// The names of tags in the index. No key has an equals sign in it.
fn names(tags: &Tags) -> impl Iterator<Item = Box<str>> {
    tags.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()).into())
}

fn note(ids: &mut Vec<u64>, id: u64) {
    if let Err(at) = ids.binary_search(&id) {
        ids.insert(at, id);
    }
}

fn forget(ids: &mut Vec<u64>, id: u64) {
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
        self.by_name.insert(name, connection.id);
        let id = connection.id;
        if let Some(old) = self.by_id.remove(&id) {
            self.forget_tags(id, &old.tags);
        }
        note(&mut self.ids, id);
        self.note_tags(id, &connection.tags);
        self.by_id.insert(id, Box::new(connection));
    }

    fn note_tags(&mut self, id: u64, tags: &Tags) {
        for name in names(tags) {
            note(self.tagged.entry(name).or_insert_with(|| Vec::with_capacity(1)), id);
        }
    }

    fn forget_tags(&mut self, id: u64, tags: &Tags) {
        for name in names(tags) {
            let Some(ids) = self.tagged.get_mut(&name) else { continue };
            forget(ids, id);
            if ids.is_empty() {
                self.tagged.remove(&name);
            }
        }
    }

    pub(crate) fn by_id(&self, id: u64) -> Option<&Connection> {
        self.by_id.get(&id).map(AsRef::as_ref)
    }

    fn id(&self, integration: &str, connection_id: &str) -> Option<u64> {
        self.by_name.get(&(integration.to_owned(), connection_id.to_owned())).copied()
    }

    pub(crate) fn get(&self, integration: &str, connection_id: &str) -> Option<&Connection> {
        self.by_id(self.id(integration, connection_id)?)
    }

    /// Changes a connection in place; `None` when it is not there.
    pub(crate) fn change<T>(
        &mut self,
        integration: &str,
        connection_id: &str,
        change: impl FnOnce(&mut Connection) -> T,
    ) -> Option<T> {
        self.change_by_id(self.id(integration, connection_id)?, change)
    }

    /// [`Self::change`] of exactly this incarnation.
    pub(crate) fn change_by_id<T>(
        &mut self,
        id: u64,
        change: impl FnOnce(&mut Connection) -> T,
    ) -> Option<T> {
        let connection = self.by_id.get_mut(&id)?;
        let before = connection.tags.clone();
        let result = change(connection);
        if connection.tags != before {
            let after = connection.tags.clone();
            self.forget_tags(id, &before);
            self.note_tags(id, &after);
        }
        Some(result)
    }

    pub(crate) fn remove(&mut self, integration: &str, connection_id: &str) -> Option<Box<Connection>> {
        let name = (integration.to_owned(), connection_id.to_owned());
        let id = self.by_name.remove(&name)?;
        let removed = self.by_id.remove(&id)?;
        forget(&mut self.ids, id);
        self.forget_tags(id, &removed.tags);
        Some(removed)
    }

    pub(crate) fn remove_integration(&mut self, integration: &str) {
        self.by_name.retain(|(of, _), _| of != integration);
        self.by_id.retain(|_, connection| connection.integration != integration);
        // Once for all: each removal from a long list of ids would move the rest of it.
        let by_id = &self.by_id;
        self.ids.retain(|id| by_id.contains_key(id));
        self.tagged.retain(|_, ids| {
            ids.retain(|id| by_id.contains_key(id));
            !ids.is_empty()
        });
    }

    /// Newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &Connection> {
        self.ids.iter().rev().filter_map(|&id| self.by_id(id))
    }

    /// The ids, ascending, of those that may have all of these tags; when it is at most one tag, they
    /// have it.
    pub(crate) fn tagged(&self, tags: &Tags) -> &[u64] {
        let lists = names(tags).map(|name| self.tagged.get(&name).map_or(&[][..], Vec::as_slice));
        lists.min_by_key(|ids| ids.len()).unwrap_or(&self.ids)
    }

    pub(crate) fn of_integration(&self, integration: &str) -> impl Iterator<Item = &Connection> {
        self.by_id.values().map(AsRef::as_ref).filter(move |connection| connection.integration == integration)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }
}
