//! One run from its start to its webhooks.

use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::notify;
use crate::app::App;
use crate::code::{Progress, RunIdentity, SyncCode, SyncRun, run_steps, run_webhook_steps};
use crate::lock::lock;
use crate::model::functions::{Function, FunctionError, Job, JobKind, model_key};
use crate::model::{ConnectionError, State};

/// Runs a sync's code, or the steps of its deployment.
pub(super) async fn execute(
    app: App,
    identity: Arc<RunIdentity>,
    function: Function,
    progress: Arc<Mutex<Progress>>,
    mut stop: watch::Receiver<bool>,
    clear: bool,
) {
    if clear {
        app.write(|state| {
            for model in &identity.models {
                state.records.clear(identity.key.connection, &model_key(model, &identity.key.variant));
            }
        });
    }
    let run = SyncRun::new(identity.clone(), app.store.clone(), app.clock.clone(), progress.clone());
    let code = app.code.sync(&identity.integration, &identity.key.name);
    // In a task of its own, so that code that panics is a failed run.
    let task = app.runtime.spawn(run_to_end(code, function.clone(), run));
    let abort = task.abort_handle();
    let outcome = tokio::select! {
        outcome = task => outcome.unwrap_or_else(|_| Err("the code of the sync panicked".into())),
        _ = stop.wait_for(|stop| *stop) => {
            abort.abort();
            Err(FunctionError::aborted("The run was cancelled"))
        }
    };
    // Whoever waits for runs also waits until the webhooks are on their way.
    app.running.add_background();
    // The run that takes the place of one that was stopped stores its own end.
    if !outcome.as_ref().is_err_and(FunctionError::is_aborted) {
        record(&app, &identity, &progress, outcome.is_ok());
    }
    app.running.end(&identity.key, &progress);
    match &outcome {
        Ok(()) => notify::success(&app, &identity, &lock(&progress)),
        Err(error) => notify::failure(&app, &identity, &lock(&progress), error, &function.file()),
    }
    app.running.end_background();
}

async fn run_to_end(code: Option<SyncCode>, function: Function, run: SyncRun) -> Result<(), FunctionError> {
    match code {
        Some(code) => code(run.clone()).await?,
        None => run_steps(&function.deployed, &run).await?,
    }
    if function.deployed.track_deletes {
        for model in &function.deployed.models {
            run.delete_unsaved(model)?;
        }
    }
    Ok(())
}

/// Runs a sync's code for a webhook of the provider.
pub(super) async fn execute_on_webhook(
    app: App,
    identity: Arc<RunIdentity>,
    function: Function,
    code: Option<SyncCode>,
) {
    let progress = Arc::new(Mutex::new(Progress::default()));
    let run = SyncRun::new(identity.clone(), app.store.clone(), app.clock.clone(), progress.clone());
    let task = app.runtime.spawn(async move {
        match code {
            Some(code) => code(run).await,
            None => run_webhook_steps(&function.deployed, &run).await,
        }
    });
    let outcome = task.await.unwrap_or_else(|_| Err("the code of the sync panicked".into()));
    record(&app, &identity, &progress, outcome.is_ok());
    match &outcome {
        Ok(()) => notify::success(&app, &identity, &lock(&progress)),
        Err(error) => notify::failure(&app, &identity, &lock(&progress), error, ""),
    }
    app.running.end_background();
}

/// Stores the end of a run. What it has saved stays, whether it succeeded or not.
fn record(app: &App, identity: &RunIdentity, progress: &Mutex<Progress>, success: bool) {
    let now = app.clock.now();
    let log_id = app.ids.log_id(now);
    let mut results = lock(progress).results.clone();
    if success {
        let saved = std::mem::take(&mut results);
        for model in &identity.models {
            results.add(model, saved.get(model));
        }
    }
    app.write(|state| {
        let Some(sync) = state.syncs.get_mut(&identity.key) else { return };
        let failed_before = sync.latest.as_ref().is_some_and(|job| !job.success);
        sync.latest = Some(Job { kind: identity.kind, finished_at: now, success, results });
        if success && identity.kind != JobKind::Webhook {
            sync.last_success = Some(identity.started_at);
        }
        record_error(state, identity.key.connection, success, failed_before, log_id);
    });
}

/// Adds a failed sync to the connection's `errors`, and removes one that has recovered (observed).
fn record_error(state: &mut State, connection: u64, success: bool, failed_before: bool, log_id: String) {
    let is_sync = |error: &ConnectionError| error.kind == "sync";
    state.connections.update_by_id(connection, |connection| {
        let errors = &mut connection.errors;
        if failed_before && let Some(at) = errors.iter().position(is_sync) {
            errors.remove(at);
        }
        if !success {
            errors.push(ConnectionError { kind: "sync".to_owned(), log_id });
        }
    });
}
