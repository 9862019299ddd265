//! Starting runs.

use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::execute::{execute, execute_on_webhook};
use super::states::ensure_syncs;
use crate::app::App;
use crate::code::{Progress, RunIdentity};
use crate::model::Connection;
use crate::model::functions::{Function, JobKind, SyncKey};

/// Starts a run in the background. There is none if the sync runs already, without a word to the
/// caller (observed). With `clear`, the sync's records are removed first, without a trace.
pub(crate) fn start(app: &App, key: &SyncKey, clear: bool) {
    let Some((identity, function)) = prepare(app, key, None) else { return };
    let progress = Arc::new(Mutex::new(Progress::default()));
    let Some(stop) = app.running.begin(key, &progress) else { return };
    app.spawn(execute(app.clone(), identity, function, progress, stop, clear));
}

/// Starts a run on request. A reset forgets the last run and the checkpoint, and ends a run that is
/// in flight. Emptying the records alone does nothing (observed).
pub(crate) fn trigger(app: &App, key: &SyncKey, reset: bool, empty_cache: bool) {
    if reset {
        app.running.stop(key);
        app.write(|state| {
            if let Some(sync) = state.syncs.get_mut(key) {
                sync.last_success = None;
                sync.checkpoint = None;
            }
        });
    }
    start(app, key, reset && empty_cache);
}

/// Runs the syncs of a connection that have code for webhooks of the provider. They run beside runs
/// in flight.
pub(crate) fn on_webhook(app: &App, connection: &Connection, body: &Value) {
    let subscribed = app.write(|state| {
        ensure_syncs(app, state, connection.id, &connection.integration);
        let syncs = state.functions.syncs_of(&connection.integration);
        let subscribed = syncs.filter(|function| !function.deployed.webhook_subscriptions.is_empty());
        subscribed.map(|function| function.deployed.name.clone()).collect::<Vec<_>>()
    });
    for name in subscribed {
        let code = app.code.on_webhook(&connection.integration, &name);
        let key = SyncKey { connection: connection.id, name, variant: "base".to_owned() };
        let Some((identity, function)) = prepare(app, &key, Some(body)) else { continue };
        if code.is_none() && function.deployed.on_webhook.is_empty() {
            continue;
        }
        app.running.add_background();
        app.spawn(execute_on_webhook(app.clone(), identity, function, code));
    }
}

fn prepare(app: &App, key: &SyncKey, webhook: Option<&Value>) -> Option<(Arc<RunIdentity>, Function)> {
    let started_at = app.clock.now();
    app.read(|state| {
        let connection = state.connections.by_id(key.connection)?;
        let function = state.functions.sync(&connection.integration, &key.name)?.clone();
        let sync = state.syncs.get(key)?;
        let kind = match (webhook, sync.last_success) {
            (Some(_), _) => JobKind::Webhook,
            (None, None) => JobKind::Initial,
            (None, Some(_)) => JobKind::Incremental,
        };
        let identity = RunIdentity {
            key: key.clone(),
            connection_id: connection.connection_id.clone(),
            integration: connection.integration.clone(),
            models: function.deployed.models.clone(),
            kind,
            started_at,
            webhook: webhook.cloned(),
        };
        Some((Arc::new(identity), function))
    })
}
