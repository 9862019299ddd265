//! Runs of syncs that have no code: the steps of their deployment.

use std::time::Duration;

use serde_json::Value;

use super::run::SyncRun;
use crate::model::functions::{Deployment, FunctionError, Step};

/// Runs a sync as its deployment describes it.
pub(crate) async fn run_steps(deployed: &Deployment, run: &SyncRun) -> Result<(), FunctionError> {
    for (model, records) in &deployed.records {
        run.save(model, records.iter().cloned().map(Value::from))?;
    }
    run_all(&deployed.steps, run).await
}

/// Runs a sync for a webhook of the provider as its deployment describes it.
pub(crate) async fn run_webhook_steps(deployed: &Deployment, run: &SyncRun) -> Result<(), FunctionError> {
    run_all(&deployed.on_webhook, run).await
}

async fn run_all(steps: &[Step], run: &SyncRun) -> Result<(), FunctionError> {
    for step in steps {
        run_step(step, run).await?;
    }
    Ok(())
}

async fn run_step(step: &Step, run: &SyncRun) -> Result<(), FunctionError> {
    match step {
        Step::Save(models) => {
            for (model, records) in models {
                run.save(model, records.iter().cloned().map(Value::from))?;
            }
        }
        Step::Update(models) => {
            for (model, records) in models {
                run.update(model, records.iter().cloned().map(Value::from))?;
            }
        }
        Step::Delete(models) => {
            for (model, ids) in models {
                run.delete(model, ids)?;
            }
        }
        Step::TrackDeletesStart(model) => run.track_deletes_start(model)?,
        Step::TrackDeletesEnd(model) => run.track_deletes_end(model)?,
        Step::Checkpoint(checkpoint) => run.save_checkpoint(checkpoint)?,
        Step::WaitMs(ms) => run.sleep(Duration::from_millis(*ms)).await,
        Step::Fail(error) => return Err(error.clone()),
    }
    Ok(())
}
