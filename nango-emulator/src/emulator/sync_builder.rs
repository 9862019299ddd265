//! Deploying a sync.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::instance::Emulator;
use crate::code::{SyncCode, SyncRun};
use crate::control::deployments::deploy;
use crate::error::EmulatorError;
use crate::model::functions::{Deployment, FunctionError, FunctionKind};

/// A sync before it is deployed; see [`Emulator::sync`].
#[must_use = "nothing is deployed before `deploy`"]
pub struct SyncBuilder<'a> {
    nango: &'a Emulator,
    deployment: Deployment,
    run: Option<SyncCode>,
    on_webhook: Option<SyncCode>,
    invalid: Option<String>,
}

debug_only!(SyncBuilder<'_> {});

impl Emulator {
    /// Begins a sync of an integration: its models, and the records or the code of its runs. It then
    /// runs as with Nango: when it is deployed and when a connection is created, at each trigger, and
    /// at its frequency on the emulator's clock, which [`advance`](Self::advance) moves. Each run
    /// sends its webhooks.
    ///
    /// Without a model, a sync that is deployed already gets other code.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// use nango_emulator::{Credentials, Emulator};
    /// use serde_json::json;
    ///
    /// let nango = Emulator::builder().integrations(["github"]).start().await?;
    /// nango.sync("github", "issues").model("Issue").records([json!({ "id": "1" })]).deploy()?;
    /// # let token = nango.create_session(&[]);
    /// let connected = nango.connect(&token, "github", Credentials::oauth2()).await?;
    /// assert!(nango.wait_for_runs(Duration::from_secs(10)).await);
    ///
    /// let issues = nango.records("github", &connected.connection_id, "Issue")?;
    /// assert_eq!(issues.list().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn sync(&self, integration: &str, name: &str) -> SyncBuilder<'_> {
        let deployment = Deployment::new(FunctionKind::Sync, integration, name);
        SyncBuilder { nango: self, deployment, run: None, on_webhook: None, invalid: None }
    }
}

impl SyncBuilder<'_> {
    /// Adds a model that the sync saves: a capital letter, then letters, digits, `_` and `-`.
    pub fn model(mut self, name: impl Into<String>) -> Self {
        self.deployment.models.push(name.into());
        self
    }

    /// Sets the records of the last model that every run saves. Each is an object with an `id`.
    pub fn records(mut self, records: impl IntoIterator<Item = Value>) -> Self {
        let Some(model) = self.deployment.models.last() else {
            self.invalid = Some("records need a model before them".to_owned());
            return self;
        };
        let mut all = Vec::<Map<_, _>>::new();
        for record in records {
            match record {
                Value::Object(record) if record.contains_key("id") => all.push(record),
                _ => self.invalid = Some(format!("a record of {model} is not an object with an id")),
            }
        }
        self.deployment.records.insert(model.clone(), all);
        self
    }

    /// Sets how often the sync runs, such as `every 5 minutes`. Default: `every hour`.
    pub fn every(mut self, frequency: impl Into<String>) -> Self {
        self.deployment.runs = Some(frequency.into());
        self
    }

    /// Makes the sync start paused: it runs when it is triggered, or after `POST /sync/start`.
    pub fn manual(mut self) -> Self {
        self.deployment.auto_start = false;
        self
    }

    /// Deletes at the end of each run what the run has not saved. Deleted records keep their data.
    pub fn track_deletes(mut self) -> Self {
        self.deployment.track_deletes = true;
        self
    }

    /// Sets the code of each run, in place of records. What it has saved stays if it fails; if it
    /// panics, the run fails.
    pub fn run<F, Fut>(mut self, code: F) -> Self
    where
        F: Fn(SyncRun) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), FunctionError>> + Send + 'static,
    {
        self.run = Some(Arc::new(move |run| Box::pin(code(run))));
        self
    }

    /// Sets the code that runs for each webhook of the provider that names a connection; see
    /// [`SyncRun::webhook`]. It can run beside another run.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use nango_emulator::Emulator;
    ///
    /// let nango = Emulator::builder().integrations(["github"]).start().await?;
    /// nango
    ///     .sync("github", "issues")
    ///     .model("Issue")
    ///     .every("every 5 minutes")
    ///     .track_deletes()
    ///     .run(|_run| async { Ok(()) })
    ///     .on_webhook(|_run| async { Ok(()) })
    ///     .deploy()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_webhook<F, Fut>(mut self, code: F) -> Self
    where
        F: Fn(SyncRun) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), FunctionError>> + Send + 'static,
    {
        self.on_webhook = Some(Arc::new(move |run| Box::pin(code(run))));
        self.deployment.webhook_subscriptions = vec!["*".to_owned()];
        self
    }

    /// Deploys the sync and starts it for the connections that exist, unless it is
    /// [`manual`](Self::manual). Records of an earlier deployment stay.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::NotFound`] if the integration does not exist,
    /// [`EmulatorError::InvalidSetting`] if a name, a record or the frequency breaks Nango's rules.
    pub fn deploy(self) -> Result<(), EmulatorError> {
        let Self { nango, deployment, run, on_webhook, invalid } = self;
        if let Some(reason) = invalid {
            return Err(EmulatorError::InvalidSetting { setting: "function", reason });
        }
        let (integration, name) = (deployment.integration.clone(), deployment.name.clone());
        let app = &nango.app;
        let known = app.read(|state| state.functions.sync(&integration, &name).is_some());
        let keep = known && deployment.models.is_empty();
        let old = (app.code.sync(&integration, &name), app.code.on_webhook(&integration, &name));
        // Set first: a deployment may start runs at once.
        app.code.set_sync(&integration, &name, run, on_webhook);
        let done = if keep { Ok(()) } else { deploy(app, deployment) };
        if done.is_err() {
            app.code.set_sync(&integration, &name, old.0, old.1);
        }
        done
    }
}
