//! Runs in flight. They are not stored: a restart ends them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::progress::Progress;
use crate::lock::lock;
use crate::model::functions::{Results, SyncKey};

/// Syncs that run now, and the number of asynchronous actions that have not ended.
#[derive(Default)]
pub(crate) struct Running(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    syncs: HashMap<SyncKey, Handle>,
    background: usize,
}

struct Handle {
    progress: Arc<Mutex<Progress>>,
    /// Becomes true when the run is to stop.
    stop: watch::Sender<bool>,
}

impl Running {
    /// Marks a sync as running. Returns `None` if it runs already: there is no second run then.
    pub(crate) fn begin(
        &self,
        key: &SyncKey,
        progress: &Arc<Mutex<Progress>>,
    ) -> Option<watch::Receiver<bool>> {
        let mut tables = lock(&self.0);
        if tables.syncs.contains_key(key) {
            return None;
        }
        let stop = watch::Sender::new(false);
        let stopped = stop.subscribe();
        tables.syncs.insert(key.clone(), Handle { progress: progress.clone(), stop });
        Some(stopped)
    }

    /// Marks a sync as not running. Returns false if it was stopped, so that another run may have
    /// taken its place.
    pub(crate) fn end(&self, key: &SyncKey, progress: &Arc<Mutex<Progress>>) -> bool {
        let mut tables = lock(&self.0);
        let is_it = tables.syncs.get(key).is_some_and(|handle| Arc::ptr_eq(&handle.progress, progress));
        is_it && tables.syncs.remove(key).is_some()
    }

    /// Stops a run. Returns true if there was one.
    pub(crate) fn stop(&self, key: &SyncKey) -> bool {
        let handle = lock(&self.0).syncs.remove(key);
        handle.is_some_and(|handle| handle.stop.send(true).is_ok())
    }

    /// Stops the runs that `wanted` selects.
    pub(crate) fn stop_all(&self, wanted: impl Fn(&SyncKey) -> bool) {
        let mut tables = lock(&self.0);
        tables.syncs.retain(|key, handle| {
            let stops = wanted(key);
            if stops {
                handle.stop.send_replace(true);
            }
            !stops
        });
    }

    /// Returns the counts so far of a sync that runs.
    pub(crate) fn results(&self, key: &SyncKey) -> Option<Results> {
        let progress = lock(&self.0).syncs.get(key)?.progress.clone();
        let results = lock(&progress).results.clone();
        Some(results)
    }

    pub(crate) fn add_background(&self) {
        lock(&self.0).background += 1;
    }

    pub(crate) fn end_background(&self) {
        let mut tables = lock(&self.0);
        tables.background = tables.background.saturating_sub(1);
    }

    pub(crate) fn is_idle(&self) -> bool {
        let tables = lock(&self.0);
        tables.syncs.is_empty() && tables.background == 0
    }
}
