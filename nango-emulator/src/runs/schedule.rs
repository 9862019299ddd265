//! Scheduled runs.

use std::pin::pin;
use std::time::Duration;

use jiff::Timestamp;

use super::start::start;
use crate::app::App;
use crate::model::State;
use crate::model::functions::{Frequency, SyncState};

/// Returns the time between two runs of a sync.
pub(crate) fn period(state: &State, sync: &SyncState) -> Option<Duration> {
    let connection = state.connections.by_id(sync.key.connection)?;
    let function = state.functions.sync(&connection.integration, &sync.key.name)?;
    let text = sync.frequency.as_deref().or(function.deployed.runs.as_deref())?;
    Frequency::parse(text).map(|frequency| frequency.period)
}

/// Starts the runs that are due, until the emulator stops. A failed run is not repeated before its
/// next time, and of several times that have passed one counts.
pub(crate) async fn run(app: App) {
    loop {
        // Registered before the states are read, so that a change in between is not missed.
        let mut changed = pin!(app.schedule_changed.notified());
        changed.as_mut().enable();
        let next = start_due(&app);
        let left = next.map(|next| next.as_millisecond() - app.clock.now().as_millisecond());
        let left = left.map(|left| Duration::from_millis(u64::try_from(left).unwrap_or(0)));
        tokio::select! {
            () = changed => {}
            () = app.clock.sleep(left.unwrap_or_default()), if left.is_some() => {}
        }
    }
}

/// Starts what is due. Returns the time of the next run.
fn start_due(app: &App) -> Option<Timestamp> {
    let now = app.clock.now();
    let due: Vec<_> = app.read(|state| {
        let due = state.syncs.all().filter(|sync| sync.is_due(now));
        due.map(|sync| (sync.key.clone(), period(state, sync))).collect()
    });
    for (key, period) in due {
        app.write(|state| {
            if let Some(sync) = state.syncs.get_mut(&key) {
                match period {
                    Some(period) => sync.schedule(period, now),
                    None => sync.next_at = Timestamp::MAX,
                }
            }
        });
        start(app, &key, false);
    }
    app.read(|state| state.syncs.all().filter(|sync| !sync.paused).map(|sync| sync.next_at).min())
}
