//! States of syncs that have not run.

use jiff::Timestamp;

use crate::app::App;
use crate::model::State;
use crate::model::functions::{Frequency, Function, SyncKey, SyncState};
use crate::time::saturating_add;

/// Adds the states that a connection's syncs lack. Returns those that start by themselves.
pub(crate) fn ensure_syncs(app: &App, state: &mut State, connection: u64, integration: &str) -> Vec<SyncKey> {
    let now = app.clock.now();
    let mut new = Vec::new();
    let State { functions, syncs, .. } = state;
    for function in functions.syncs_of(integration) {
        let key = SyncKey { connection, name: function.deployed.name.clone(), variant: "base".to_owned() };
        if syncs.get(&key).is_some() {
            continue;
        }
        syncs.put(new_state(function, key.clone(), app.ids.uuid(), now));
        if function.deployed.auto_start {
            new.push(key);
        }
    }
    new
}

/// Creates the state of a sync that has not run.
pub(crate) fn new_state(function: &Function, key: SyncKey, id: String, now: Timestamp) -> SyncState {
    let frequency = function.deployed.runs.as_deref().and_then(Frequency::parse);
    SyncState {
        key,
        id,
        frequency: None,
        paused: !function.deployed.auto_start,
        created_at: now,
        next_at: frequency.map_or(Timestamp::MAX, |frequency| saturating_add(now, frequency.period)),
        last_success: None,
        checkpoint: None,
        latest: None,
    }
}
