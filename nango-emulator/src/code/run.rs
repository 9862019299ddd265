//! One run of a sync, as its code sees it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use super::batch::RecordBatch;
use super::progress::{Progress, RunIdentity};
use crate::jsonb;
use crate::lock::lock;
use crate::model::Store;
use crate::model::functions::{FunctionError, SyncState, model_key};
use crate::time::{Clock, system_time};

/// One run of a sync's code: it saves records of the connection, and can fail at any point. What it
/// has saved before stays.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use nango_emulator::{Emulator, SyncRun};
/// use serde_json::json;
///
/// let nango = Emulator::builder().integrations(["github"]).start().await?;
/// nango
///     .sync("github", "issues")
///     .model("Issue")
///     .run(|run: SyncRun| async move {
///         run.save("Issue", [json!({ "id": "1", "title": "First" })])?;
///         run.delete("Issue", ["2"])?;
///         Err("the second page is missing".into())
///     })
///     .deploy()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SyncRun {
    identity: Arc<RunIdentity>,
    store: Arc<Store>,
    clock: Arc<Clock>,
    progress: Arc<Mutex<Progress>>,
}

debug_only!(SyncRun {});

impl SyncRun {
    pub(crate) fn new(
        identity: Arc<RunIdentity>,
        store: Arc<Store>,
        clock: Arc<Clock>,
        progress: Arc<Mutex<Progress>>,
    ) -> Self {
        Self { identity, store, clock, progress }
    }

    /// Returns the connection id.
    #[must_use]
    pub fn connection_id(&self) -> &str {
        &self.identity.connection_id
    }

    /// Returns the integration of the connection.
    #[must_use]
    pub fn integration(&self) -> &str {
        &self.identity.integration
    }

    /// Returns the variant of the sync: `base`, or that of `POST /sync/{name}/variant/{variant}`.
    #[must_use]
    pub fn variant(&self) -> &str {
        &self.identity.key.variant
    }

    /// Returns the connection's current metadata.
    #[must_use]
    pub fn metadata(&self) -> Map<String, Value> {
        let state = self.store.lock();
        let connection = state.connections.by_id(self.identity.key.connection);
        connection.and_then(|connection| connection.metadata.clone()).unwrap_or_default()
    }

    /// Returns the start of the last run that succeeded, `None` in the first run and after a reset.
    #[must_use]
    pub fn last_sync_at(&self) -> Option<SystemTime> {
        self.of_state(|state| state.last_success.map(system_time)).flatten()
    }

    /// Returns the body of the provider's webhook that this run is for.
    #[must_use]
    pub fn webhook(&self) -> Option<&Value> {
        self.identity.webhook.as_ref()
    }

    /// Saves records of a model, as Nango's `batchSave` does: new ones and those with other data get
    /// a new time and cursor, the others stay as they are. Each record is an object with an `id`.
    ///
    /// # Errors
    ///
    /// If the sync has no such model, a record has no id, or the connection was deleted.
    pub fn save(&self, model: &str, records: impl IntoIterator<Item = Value>) -> Result<(), FunctionError> {
        self.begin(model)?.save(records).map(|_| ())
    }

    /// Merges fields into records by `id`, as `batchUpdate` does. Records that do not exist are left
    /// out.
    ///
    /// # Errors
    ///
    /// As [`save`](Self::save).
    pub fn update(&self, model: &str, records: impl IntoIterator<Item = Value>) -> Result<(), FunctionError> {
        self.begin(model)?.update(records).map(|_| ())
    }

    /// Deletes records by id, as `batchDelete` does: only their id stays, with `deleted_at`.
    ///
    /// # Errors
    ///
    /// As [`save`](Self::save).
    pub fn delete<S: AsRef<str>>(
        &self,
        model: &str,
        ids: impl IntoIterator<Item = S>,
    ) -> Result<(), FunctionError> {
        self.begin(model)?.delete(ids).map(|_| ())
    }

    /// Begins a batch, whose records get the current time whenever it is saved. Saved after a batch
    /// that began later, its records are behind the cursor of a reader that has read the other: that
    /// is how parallel saves lose records for readers (observed on Nango 0.71.4).
    ///
    /// # Errors
    ///
    /// If the sync has no such model.
    pub fn begin(&self, model: &str) -> Result<RecordBatch, FunctionError> {
        self.check(model)?;
        let key = &self.identity.key;
        let table = model_key(model, &key.variant);
        let batch = RecordBatch::begin(&self.store, &self.clock, key.connection, model, table);
        Ok(batch.counted(self.progress.clone()))
    }

    fn check(&self, model: &str) -> Result<(), FunctionError> {
        if self.identity.models.iter().any(|known| known == model) {
            return Ok(());
        }
        Err(FunctionError::from(format!("the sync has no model {model:?}; declare it before it is deployed")))
    }

    /// Begins to track deletes of a model; see [`track_deletes_end`](Self::track_deletes_end).
    ///
    /// # Errors
    ///
    /// If the sync has no such model.
    pub fn track_deletes_start(&self, model: &str) -> Result<(), FunctionError> {
        self.check(model)?;
        let mut progress = lock(&self.progress);
        let before = progress.saved.remove(model).unwrap_or_default();
        progress.tracked.insert(model.to_owned(), before);
        Ok(())
    }

    /// Deletes all records that were not saved since [`track_deletes_start`](Self::track_deletes_start).
    /// They keep their data. Without a start, nothing is deleted.
    ///
    /// # Errors
    ///
    /// As [`save`](Self::save).
    pub fn track_deletes_end(&self, model: &str) -> Result<(), FunctionError> {
        let tracked = lock(&self.progress).tracked.remove(model);
        if tracked.is_none() { self.check(model) } else { self.delete_unsaved(model) }
    }

    pub(crate) fn delete_unsaved(&self, model: &str) -> Result<(), FunctionError> {
        let saved = lock(&self.progress).saved.get(model).cloned().unwrap_or_default();
        self.begin(model)?.delete_all_but(&saved)
    }

    /// Returns the sync's checkpoint.
    #[must_use]
    pub fn checkpoint(&self) -> Option<Value> {
        self.use_checkpoint().map(Value::Object)
    }

    fn use_checkpoint(&self) -> Option<Map<String, Value>> {
        let current = self.of_state(|state| state.checkpoint.clone()).flatten();
        lock(&self.progress).checkpoint_from.get_or_insert_with(|| json!(current));
        current
    }

    /// Saves the sync's checkpoint, which the next run reads, also if this one fails.
    ///
    /// # Errors
    ///
    /// If the checkpoint is not an object.
    pub fn save_checkpoint(&self, checkpoint: &Value) -> Result<(), FunctionError> {
        let Value::Object(checkpoint) = jsonb::postgres_order(checkpoint) else {
            return Err("a checkpoint is an object".into());
        };
        self.use_checkpoint();
        self.of_state(|state| state.checkpoint = Some(checkpoint));
        self.store.mark_changed();
        Ok(())
    }

    /// Waits on the emulator's clock, which [`Emulator::advance`](crate::Emulator::advance) moves.
    pub async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }

    fn of_state<T>(&self, change: impl FnOnce(&mut SyncState) -> T) -> Option<T> {
        self.store.lock().syncs.get_mut(&self.identity.key).map(change)
    }
}
