//! Running actions.

use std::time::Duration;

use super::notify;
use crate::app::App;
use crate::code::{ActionCall, ActionOutcome};
use crate::model::functions::{Function, Invocation};

/// Time between two attempts of an asynchronous action.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(500);

/// Runs an action's code, or returns what its deployment says. Input and output are not validated
/// (observed).
pub(crate) async fn run(app: &App, function: &Function, call: ActionCall) -> ActionOutcome {
    let deployed = &function.deployed;
    let Some(code) = app.code.action(&deployed.integration, &deployed.name) else {
        return deployed.error.clone().map_or_else(|| Ok(deployed.output.clone()), Err);
    };
    // In a task of its own, so that code that panics is a failed action.
    let task = app.runtime.spawn(async move { code(call).await });
    task.await.unwrap_or_else(|_| Err("the code of the action panicked".into()))
}

/// Runs an action in the background, after the others of the environment, up to `1 + max_retries`
/// times. Returns the id of its result.
pub(crate) fn background(app: &App, function: Function, call: ActionCall, max_retries: u32) -> String {
    let id = app.ids.uuid();
    app.running.add_background();
    app.spawn(run_in_turn(app.clone(), id.clone(), function, call, max_retries));
    id
}

async fn run_in_turn(app: App, id: String, function: Function, mut call: ActionCall, max_retries: u32) {
    let turn = app.action_turn.lock().await;
    let outcome = loop {
        let outcome = run(&app, &function, call.clone()).await;
        if outcome.is_ok() || call.attempt > max_retries {
            break outcome;
        }
        call.attempt += 1;
        app.clock.sleep(BETWEEN_ATTEMPTS).await;
    };
    drop(turn);
    let now = app.clock.now();
    let failed = |error| Invocation::Failed { error, file: function.file() };
    let ended = outcome.map_or_else(failed, Invocation::Done);
    app.write(|state| state.invocations.put(id.clone(), ended, now));
    if let Some(connection) = app.connection_number(&call.integration, &call.connection_id) {
        notify::async_action(&app, connection, &call.integration, &call.connection_id, &id);
    }
    app.running.end_background();
}
