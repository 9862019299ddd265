//! Table of all records, by connection and model.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;

use jiff::{SignedDuration, Timestamp};
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::counts::Counts;
use super::position::{Position, record_id};
use super::record::{Record, external_id};

/// Records of all connections.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "Saved")]
pub(crate) struct Records {
    by_model: HashMap<(u64, String), ModelRecords>,
    /// Time of the latest batch, so that no two batches have the same.
    latest: Timestamp,
}

#[derive(Clone, Default)]
struct ModelRecords {
    by_id: HashMap<String, Record>,
    order: BTreeMap<Position, String>,
}

#[derive(Deserialize)]
struct Saved {
    latest: Timestamp,
    models: Vec<(u64, String, Vec<Record>)>,
}

impl From<Saved> for Records {
    fn from(saved: Saved) -> Self {
        let mut records = Self { latest: saved.latest, ..Self::default() };
        for (connection, model, all) in saved.models {
            let table = records.by_model.entry((connection, model)).or_default();
            all.into_iter().for_each(|record| table.put(record));
        }
        records
    }
}

impl Serialize for Records {
    /// Serializes as [`Saved`] without copying the records.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = self.by_model.iter();
        let models = all.map(|((connection, model), table)| (connection, model, table.records()));
        let mut saved = serializer.serialize_struct("Saved", 2)?;
        saved.serialize_field("latest", &self.latest)?;
        saved.serialize_field("models", &models.collect::<Vec<_>>())?;
        saved.end()
    }
}

/// Returns the name under which the records of a variant are kept.
pub(crate) fn model_key(model: &str, variant: &str) -> String {
    if variant == "base" { model.to_owned() } else { format!("{model}::{variant}") }
}

/// Kind of a change, in the filter of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    Added,
    Updated,
    Deleted,
}

/// Selection of records in a list.
#[derive(Default)]
pub(crate) struct RecordQuery {
    pub(crate) after: Option<Position>,
    /// In whole milliseconds; inclusive.
    pub(crate) modified_after: Option<Timestamp>,
    pub(crate) filter: Vec<ChangeKind>,
    pub(crate) ids: Option<HashSet<String>>,
}

impl RecordQuery {
    /// Filters do not combine as a union: `deleted` beside another kind has no effect (observed).
    fn selects(&self, record: &Record) -> bool {
        let names = |kind| self.filter.contains(&kind);
        let by_kind = match (names(ChangeKind::Added), names(ChangeKind::Updated), names(ChangeKind::Deleted))
        {
            (false, false, false) => true,
            (false, false, true) => record.is_deleted(),
            (true, true, _) => !record.is_deleted(),
            (true, false, _) => record.is_unchanged(),
            (false, true, _) => !record.is_deleted() && !record.is_unchanged(),
        };
        by_kind && self.ids.as_ref().is_none_or(|ids| ids.contains(&record.external_id))
    }
}

impl ModelRecords {
    fn records(&self) -> Vec<&Record> {
        self.by_id.values().collect()
    }

    fn put(&mut self, record: Record) {
        if let Some(old) = self.by_id.get(&record.external_id) {
            self.order.remove(&old.position);
        }
        self.order.insert(record.position, record.external_id.clone());
        self.by_id.insert(record.external_id.clone(), record);
    }

    fn after(&self, query: &RecordQuery) -> impl Iterator<Item = &Record> {
        let after = query.after.map_or(Bound::Unbounded, Bound::Excluded);
        let since = query.modified_after.map(Position::first_at);
        let start = match (query.after, since) {
            (Some(position), Some(since)) if position >= since => after,
            (_, Some(since)) => Bound::Included(since),
            (_, None) => after,
        };
        self.order.range((start, Bound::Unbounded)).filter_map(|(_, id)| self.by_id.get(id))
    }
}

impl Records {
    /// Returns the time of a new batch: that of its start, which a later batch can overtake.
    pub(crate) fn begin(&mut self, now: Timestamp) -> Timestamp {
        let next = self.latest.checked_add(SignedDuration::from_micros(1)).unwrap_or(now);
        self.latest = now.max(next);
        self.latest
    }

    /// Saves one record at the time of its batch. Returns `None` if it has no id.
    pub(crate) fn save(
        &mut self,
        connection: u64,
        model: &str,
        at: Timestamp,
        data: Map<String, Value>,
    ) -> Option<Counts> {
        let external_id = external_id(&data)?;
        let position = Position { at, id: record_id(connection, model, &external_id) };
        let table = self.by_model.entry((connection, model.to_owned())).or_default();
        let (first_seen_at, counts) = match table.by_id.get_mut(&external_id) {
            Some(old) if !old.is_deleted() && old.data == data => {
                // Saving it again also ends the pruning, without a new position (observed).
                old.pruned_at = None;
                return Some(Counts::default());
            }
            Some(old) if !old.is_deleted() => (old.first_seen_at, Counts { updated: 1, ..Counts::default() }),
            _ => (at, Counts { added: 1, ..Counts::default() }),
        };
        let record = Record { external_id, position, first_seen_at, deleted_at: None, pruned_at: None, data };
        table.put(record);
        Some(counts)
    }

    /// Merges fields into a record. A record that does not exist, or is deleted, is left out.
    pub(crate) fn update(
        &mut self,
        connection: u64,
        model: &str,
        at: Timestamp,
        fields: Map<String, Value>,
    ) -> Option<Counts> {
        let external_id = external_id(&fields)?;
        let old = self.get(connection, model, &external_id).filter(|old| !old.is_deleted());
        let Some(old) = old else { return Some(Counts::default()) };
        // The fields of the update come last (observed).
        let kept = old.data.iter().filter(|(name, _)| !fields.contains_key(*name));
        let mut data: Map<_, _> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        data.extend(fields);
        self.save(connection, model, at, data)
    }

    /// Marks a record as deleted. Without `keep_data`, only its id stays.
    pub(crate) fn delete(
        &mut self,
        connection: u64,
        model: &str,
        at: Timestamp,
        id: &str,
        keep_data: bool,
    ) -> Counts {
        let table = self.by_model.get_mut(&(connection, model.to_owned()));
        let Some(table) = table else { return Counts::default() };
        let Some(old) = table.by_id.get(id).filter(|old| !old.is_deleted()) else { return Counts::default() };
        let mut record = old.clone();
        record.position.at = at;
        record.pruned_at = None;
        if keep_data {
            record.deleted_at = Some(at);
        } else {
            // Nango takes this time before that of the transaction, in milliseconds (observed).
            record.deleted_at = Timestamp::from_millisecond(at.as_millisecond()).ok();
            record.data.retain(|name, _| name == "id");
        }
        table.put(record);
        Counts { deleted: 1, ..Counts::default() }
    }

    pub(crate) fn get(&self, connection: u64, model: &str, id: &str) -> Option<&Record> {
        self.by_model.get(&(connection, model.to_owned()))?.by_id.get(id)
    }

    /// Removes one record without a trace.
    pub(crate) fn remove(&mut self, connection: u64, model: &str, id: &str) -> bool {
        let Some(table) = self.by_model.get_mut(&(connection, model.to_owned())) else { return false };
        let removed = table.by_id.remove(id);
        removed.is_some_and(|record| table.order.remove(&record.position).is_some())
    }

    /// Removes all records of a model without a trace.
    pub(crate) fn clear(&mut self, connection: u64, model: &str) {
        self.by_model.remove(&(connection, model.to_owned()));
    }

    pub(crate) fn remove_connections(&mut self, exists: impl Fn(u64) -> bool) {
        self.by_model.retain(|(connection, _), _| exists(*connection));
    }

    /// Returns up to `limit` records in order, and the cursor for more if there are more now.
    pub(crate) fn list(
        &self,
        connection: u64,
        model: &str,
        query: &RecordQuery,
        limit: usize,
    ) -> (Vec<&Record>, Option<String>) {
        let Some(table) = self.by_model.get(&(connection, model.to_owned())) else {
            return (Vec::new(), None);
        };
        let mut selected = table.after(query).filter(|record| query.selects(record));
        let page: Vec<_> = selected.by_ref().take(limit).collect();
        let more = selected.next().is_some();
        let next = page.last().filter(|_| more).map(|last| last.position.cursor());
        (page, next)
    }

    /// Returns the number of records that are not deleted.
    pub(crate) fn count(&self, connection: u64, model: &str) -> usize {
        let table = self.by_model.get(&(connection, model.to_owned()));
        table.map_or(0, |table| table.by_id.values().filter(|record| !record.is_deleted()).count())
    }

    pub(crate) fn ids(&self, connection: u64, model: &str) -> Vec<String> {
        let table = self.by_model.get(&(connection, model.to_owned()));
        table.map(|table| table.by_id.keys().cloned().collect()).unwrap_or_default()
    }

    /// Returns true if the model has ever had a record.
    pub(crate) fn has_any(&self, connection: u64, model: &str) -> bool {
        self.by_model.contains_key(&(connection, model.to_owned()))
    }

    /// Reduces the payload of up to `limit` records to the id, up to and including a position.
    /// Returns their number, and the position of the last one.
    pub(crate) fn prune(
        &mut self,
        connection: u64,
        model: &str,
        until: Position,
        limit: usize,
        now: Timestamp,
    ) -> (usize, Option<Position>) {
        let Some(table) = self.by_model.get_mut(&(connection, model.to_owned())) else { return (0, None) };
        let ModelRecords { by_id, order } = table;
        let unpruned =
            order.range(..=until).filter(|(_, id)| by_id.get(*id).is_some_and(|r| r.pruned_at.is_none()));
        let found: Vec<_> = unpruned.take(limit).map(|(position, id)| (*position, id.clone())).collect();
        for (_, id) in &found {
            if let Some(record) = by_id.get_mut(id) {
                record.pruned_at = Some(now);
            }
        }
        (found.len(), found.last().map(|(position, _)| *position))
    }
}
