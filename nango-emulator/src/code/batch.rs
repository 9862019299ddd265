//! Saving records at one time.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::progress::Progress;
use crate::lock::lock;
use crate::model::Store;
use crate::model::functions::{Counts, FunctionError, Records, external_id};
use crate::time::Clock;

/// Saves or updates one record.
type Put = fn(&mut Records, u64, &str, Timestamp, Map<String, Value>) -> Option<Counts>;

/// Records that are saved with one `last_modified_at`: the time at which the batch began, in
/// microseconds. No other batch has the same.
///
/// A batch can be saved late; see [`SyncRun::begin`](crate::SyncRun::begin).
#[must_use = "a batch that is not saved changes nothing"]
pub struct RecordBatch {
    store: Arc<Store>,
    connection: u64,
    model: String,
    table: String,
    at: Timestamp,
    progress: Option<Arc<Mutex<Progress>>>,
}

debug_only!(RecordBatch { model, at });

impl RecordBatch {
    /// `table` is the model with its variant.
    pub(crate) fn begin(
        store: &Arc<Store>,
        clock: &Clock,
        connection: u64,
        model: &str,
        table: String,
    ) -> Self {
        let at = store.lock().records.begin(clock.now_micros());
        Self { store: store.clone(), connection, model: model.to_owned(), table, at, progress: None }
    }

    /// Gives the batch another time.
    pub(crate) fn at(mut self, at: Timestamp) -> Self {
        self.at = at;
        self
    }

    pub(crate) fn time(&self) -> Timestamp {
        self.at
    }

    /// Adds what the batch changes to a run's counts.
    pub(crate) fn counted(mut self, progress: Arc<Mutex<Progress>>) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Saves records. Returns the numbers of those that changed.
    ///
    /// # Errors
    ///
    /// If a record is not an object with an `id`, which is a text or a number, or the connection was
    /// deleted. Nothing is saved then.
    pub fn save(&self, records: impl IntoIterator<Item = Value>) -> Result<Counts, FunctionError> {
        self.put(records, Records::save)
    }

    /// Merges fields into records that exist.
    ///
    /// # Errors
    ///
    /// As [`save`](Self::save).
    pub fn update(&self, records: impl IntoIterator<Item = Value>) -> Result<Counts, FunctionError> {
        self.put(records, Records::update)
    }

    fn put(&self, records: impl IntoIterator<Item = Value>, put: Put) -> Result<Counts, FunctionError> {
        let mut parsed = Vec::new();
        for record in records {
            let Value::Object(record) = record else { return Err(missing_id(&self.model)) };
            let id = external_id(&record).ok_or_else(|| missing_id(&self.model))?;
            parsed.push((id, record));
        }
        if let Some(progress) = &self.progress {
            let mut progress = lock(progress);
            let saved = progress.saved.entry(self.model.clone()).or_default();
            saved.extend(parsed.iter().map(|(id, _)| id.clone()));
        }
        self.change(|records| {
            let mut counts = Counts::default();
            for (_, record) in parsed {
                counts += put(records, self.connection, &self.table, self.at, record).unwrap_or_default();
            }
            counts
        })
    }

    /// Deletes records by id. Only their id stays.
    ///
    /// # Errors
    ///
    /// If the connection was deleted.
    pub fn delete<S: AsRef<str>>(&self, ids: impl IntoIterator<Item = S>) -> Result<Counts, FunctionError> {
        let ids: Vec<_> = ids.into_iter().map(|id| id.as_ref().to_owned()).collect();
        self.change(|records| {
            let mut counts = Counts::default();
            for id in ids {
                counts += records.delete(self.connection, &self.table, self.at, &id, false);
            }
            counts
        })
    }

    /// Deletes all records but these. They keep their data.
    pub(crate) fn delete_all_but(&self, saved: &HashSet<String>) -> Result<(), FunctionError> {
        let change = |records: &mut Records| {
            let mut counts = Counts::default();
            for id in records.ids(self.connection, &self.table) {
                if !saved.contains(&id) {
                    counts += records.delete(self.connection, &self.table, self.at, &id, true);
                }
            }
            counts
        };
        self.change(change).map(|_| ())
    }

    fn change(&self, change: impl FnOnce(&mut Records) -> Counts) -> Result<Counts, FunctionError> {
        let counts = {
            let mut state = self.store.lock();
            if state.connections.by_id(self.connection).is_none() {
                return Err("the connection does not exist any more".into());
            }
            change(&mut state.records)
        };
        self.store.mark_changed();
        if let Some(progress) = &self.progress {
            lock(progress).results.add(&self.model, counts);
        }
        Ok(counts)
    }
}

fn missing_id(model: &str) -> FunctionError {
    format!("a record of {model} is not an object with an id").into()
}
