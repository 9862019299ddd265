//! Actions, records and runs.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::instance::Emulator;
use crate::app::App;
use crate::code::{ActionCall, RecordBatch};
use crate::control::deployments::{Table, deploy};
use crate::control::functions::{list, until_idle};
use crate::error::EmulatorError;
use crate::model::functions::{Counts, Deployment, FunctionError, FunctionKind, SyncKey, model_key};
use crate::runs;

impl Emulator {
    /// Deploys an action. Its code returns the output, `Null` for none, or an error of one of
    /// Nango's kinds. An action that panics fails with `script_internal_error`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), nango_emulator::EmulatorError> {
    /// use nango_emulator::{Emulator, FunctionError};
    /// use serde_json::json;
    ///
    /// let nango = Emulator::builder().integrations(["github"]).start().await?;
    /// nango.action("github", "create-issue", |call| async move {
    ///     match call.input.get("title") {
    ///         Some(title) => Ok(json!({ "number": 7, "title": title })),
    ///         None => Err(FunctionError::action(json!({ "missing": "title" }))),
    ///     }
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`EmulatorError::NotFound`] if the integration does not exist,
    /// [`EmulatorError::InvalidSetting`] if the name has other characters than letters, digits, `_`
    /// and `-`.
    pub fn action<F, Fut>(&self, integration: &str, name: &str, code: F) -> Result<(), EmulatorError>
    where
        F: Fn(ActionCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value, FunctionError>> + Send + 'static,
    {
        let kind = FunctionKind::Action;
        if self.app.read(|state| state.functions.get(kind, integration, name).is_none()) {
            deploy(&self.app, Deployment::new(kind, integration, name))?;
        }
        self.app.code.set_action(integration, name, Arc::new(move |call| Box::pin(code(call))));
        Ok(())
    }

    /// Returns the records of a model of a connection, to read and change them without a run: as if a
    /// sync had saved them, but without a webhook. The model need not belong to a deployed sync.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::NotFound`] if the connection does not exist.
    pub fn records(
        &self,
        integration: &str,
        connection_id: &str,
        model: &str,
    ) -> Result<ModelRecords, EmulatorError> {
        let table = Table::find(&self.app, integration, connection_id, model, "base")?;
        Ok(ModelRecords { app: self.app.clone(), table })
    }

    /// Starts a run of a connection's sync, as `POST /sync/trigger` does. There is none if it runs
    /// already.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use nango_emulator::{Credentials, Emulator};
    ///
    /// let nango = Emulator::builder().integrations(["github"]).start().await?;
    /// nango.sync("github", "issues").model("Issue").manual().deploy()?;
    /// # let token = nango.create_session(&[]);
    /// let connected = nango.connect(&token, "github", Credentials::oauth2()).await?;
    /// nango.trigger_sync("github", &connected.connection_id, "issues")?;
    /// assert!(nango.wait_for_runs(std::time::Duration::from_secs(10)).await);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`EmulatorError::NotFound`] if the connection or the sync does not exist.
    pub fn trigger_sync(
        &self,
        integration: &str,
        connection_id: &str,
        name: &str,
    ) -> Result<(), EmulatorError> {
        let connection = self.app.connection_number(integration, connection_id);
        let connection = connection.ok_or(EmulatorError::NotFound { what: "connection" })?;
        if self.app.read(|state| state.functions.sync(integration, name).is_none()) {
            return Err(EmulatorError::NotFound { what: "sync" });
        }
        self.app.write_unsynced(|state| runs::ensure_syncs(&self.app, state, connection, integration));
        let key = SyncKey { connection, name: name.to_owned(), variant: "base".to_owned() };
        runs::start(&self.app, &key, false);
        Ok(())
    }

    /// Waits until no sync and no asynchronous action runs. Their webhooks are created then, but not
    /// yet delivered; see [`wait_for_deliveries`](Self::wait_for_deliveries). Returns false if
    /// `timeout` passes first.
    #[must_use = "syncs may still be running"]
    pub async fn wait_for_runs(&self, timeout: Duration) -> bool {
        until_idle(&self.app, timeout).await
    }

    /// Hides the errors of the next `count` failing actions: they answer 500 `action_script_failure`
    /// with the payload `Task … is in progress`, as 6 of 16 did on a real Nango 0.71.4. A caller cannot
    /// know the outcome then. Does not apply to asynchronous actions.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use nango_emulator::Emulator;
    ///
    /// let nango = Emulator::builder().start().await?;
    /// nango.hide_action_errors(2);
    /// // As the switches of the environment's settings:
    /// nango.set_on_sync_completion_always(false);
    /// nango.set_on_sync_error(false);
    /// nango.set_on_async_action_completion(false);
    /// # Ok(())
    /// # }
    /// ```
    pub fn hide_action_errors(&self, count: u32) {
        self.app.faults().hide_action_errors(count);
    }

    /// Enables or disables webhooks of runs that changed nothing. Default: enabled.
    pub fn set_on_sync_completion_always(&self, on: bool) {
        self.app.settings().on_sync_completion_always = on;
    }

    /// Enables or disables webhooks of failed runs. Default: enabled.
    pub fn set_on_sync_error(&self, on: bool) {
        self.app.settings().on_sync_error = on;
    }

    /// Enables or disables webhooks of asynchronous actions. Default: enabled.
    pub fn set_on_async_action_completion(&self, on: bool) {
        self.app.settings().on_async_action_completion = on;
    }
}

/// Records of one model of a connection; see [`Emulator::records`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use nango_emulator::Emulator;
/// use serde_json::json;
///
/// let nango = Emulator::builder().integrations(["openai"]).start().await?;
/// nango.import_many("openai", 1, "c-{n}", &[])?;
/// let contacts = nango.records("openai", "c-1", "Contact")?;
///
/// // A batch that begins first and is saved last is behind the cursor of whoever has read the other.
/// let late = contacts.begin();
/// contacts.save([json!({ "id": "a" })])?;
/// late.save([json!({ "id": "b" })])?;
/// let ids: Vec<_> = contacts.list().iter().map(|one| one["id"].clone()).collect();
/// assert_eq!(ids, ["b", "a"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ModelRecords {
    app: App,
    table: Table,
}

debug_only!(ModelRecords {});

impl ModelRecords {
    /// Selects the records of a sync's variant.
    #[must_use]
    pub fn variant(mut self, variant: &str) -> Self {
        self.table.key = model_key(&self.table.model, variant);
        self
    }

    /// Saves records, as a run of a sync does. Returns how many have changed.
    ///
    /// # Errors
    ///
    /// As [`RecordBatch::save`].
    pub fn save(&self, records: impl IntoIterator<Item = Value>) -> Result<Counts, FunctionError> {
        self.begin().save(records)
    }

    /// Merges fields into records that exist.
    ///
    /// # Errors
    ///
    /// As [`RecordBatch::save`].
    pub fn update(&self, records: impl IntoIterator<Item = Value>) -> Result<Counts, FunctionError> {
        self.begin().update(records)
    }

    /// Deletes records by id. Only their id stays, with `deleted_at`.
    ///
    /// # Errors
    ///
    /// If the connection was deleted.
    pub fn delete<S: AsRef<str>>(&self, ids: impl IntoIterator<Item = S>) -> Result<Counts, FunctionError> {
        self.begin().delete(ids)
    }

    /// Removes records by id without a trace, as Nango does for a model whose sync has not run for 60
    /// days (read in its source).
    pub fn remove<S: AsRef<str>>(&self, ids: impl IntoIterator<Item = S>) {
        let ids: Vec<_> = ids.into_iter().map(|id| id.as_ref().to_owned()).collect();
        self.table.remove(&self.app, Some(&ids));
    }

    /// Removes all records without a trace, as a reset with `emptyCache` does.
    pub fn clear(&self) {
        self.table.remove(&self.app, None);
    }

    /// Begins a batch that has the current time, whenever it is saved.
    pub fn begin(&self) -> RecordBatch {
        self.table.begin(&self.app)
    }

    /// Returns all records, also deleted ones, as `GET /records` lists them.
    #[must_use]
    pub fn list(&self) -> Vec<Value> {
        list(&self.app, &self.table)
    }
}
