//! Syncs come and go with connections and deployments.

use std::collections::HashSet;

use super::start::start;
use super::states::ensure_syncs;
use crate::app::App;
use crate::model::functions::SyncKey;
use crate::model::{Connection, State};

/// Starts the auto-start syncs of a new connection.
pub(crate) fn connection_added(app: &App, connection: &Connection) {
    let new = app.write(|state| ensure_syncs(app, state, connection.id, &connection.integration));
    start_all(app, &new);
}

/// Starts the auto-start syncs that are new for existing connections, and ends those whose function
/// is gone.
pub(crate) fn functions_changed(app: &App) {
    let new = app.write(|state| {
        let connections: Vec<_> =
            state.connections.newest_first().map(|one| (one.id, one.integration.clone())).collect();
        forget_syncs(state);
        let new = |(id, integration): &(u64, String)| ensure_syncs(app, state, *id, integration);
        connections.iter().rev().flat_map(new).collect::<Vec<_>>()
    });
    stop_removed(app);
    start_all(app, &new);
}

fn start_all(app: &App, new: &[SyncKey]) {
    for key in new {
        start(app, key, false);
    }
    app.schedule_changed.notify_one();
}

/// Removes what belongs to a connection that was deleted.
pub(crate) fn connection_removed(app: &App, id: u64) {
    app.running.stop_all(|key| key.connection == id);
    app.write(|state| {
        state.syncs.retain(|key| key.connection != id);
        state.records.remove_connections(|connection| connection != id);
    });
}

/// Removes what belongs to an integration that was deleted, and to its connections.
pub(crate) fn integration_removed(app: &App, integration: &str) {
    app.write(|state| {
        state.functions.retain(|function| function.deployed.integration != integration);
        forget_syncs(state);
        let connections = &state.connections;
        state.records.remove_connections(|id| connections.by_id(id).is_some());
    });
    stop_removed(app);
}

fn stop_removed(app: &App) {
    let known: HashSet<_> = app.read(|state| state.syncs.all().map(|sync| sync.key.clone()).collect());
    app.running.stop_all(|key| !known.contains(key));
}

fn forget_syncs(state: &mut State) {
    let (connections, functions) = (&state.connections, &state.functions);
    state.syncs.retain(|key| {
        let connection = connections.by_id(key.connection);
        connection.is_some_and(|one| functions.sync(&one.integration, &key.name).is_some())
    });
}
