//! Deploying functions, and changing records without a run.

use crate::app::App;
use crate::code::RecordBatch;
use crate::error::EmulatorError;
use crate::model::functions::{Deployment, model_key};
use crate::runs;

/// Deploys a function. As with Nango, a sync then starts for all connections of the integration.
pub(crate) fn deploy(app: &App, deployment: Deployment) -> Result<(), EmulatorError> {
    let invalid = |reason| EmulatorError::InvalidSetting { setting: "function", reason };
    let deployment = deployment.check().map_err(invalid)?;
    if app.read(|state| state.integration(&deployment.integration).is_none()) {
        return Err(EmulatorError::NotFound { what: "integration" });
    }
    let now = app.clock.now();
    app.write(|state| state.functions.deploy(deployment, now));
    runs::functions_changed(app);
    Ok(())
}

/// Records of one model of a connection.
#[derive(Clone)]
pub(crate) struct Table {
    pub(crate) connection: u64,
    pub(crate) model: String,
    pub(crate) key: String,
}

impl Table {
    pub(crate) fn find(
        app: &App,
        integration: &str,
        connection_id: &str,
        model: &str,
        variant: &str,
    ) -> Result<Self, EmulatorError> {
        let connection = app.connection_number(integration, connection_id);
        let connection = connection.ok_or(EmulatorError::NotFound { what: "connection" })?;
        Ok(Self { connection, model: model.to_owned(), key: model_key(model, variant) })
    }

    pub(crate) fn begin(&self, app: &App) -> RecordBatch {
        RecordBatch::begin(&app.store, &app.clock, self.connection, &self.model, self.key.clone())
    }

    /// Removes records without a trace; without ids, all of them.
    pub(crate) fn remove(&self, app: &App, ids: Option<&[String]>) {
        app.write(|state| match ids {
            Some(ids) => {
                for id in ids {
                    state.records.remove(self.connection, &self.key, id);
                }
            }
            None => state.records.clear(self.connection, &self.key),
        });
    }
}
