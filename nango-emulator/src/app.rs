//! State and services that all handlers share.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use http::HeaderMap;
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use crate::code::{Code, Running};
use crate::config::Environment;
use crate::http::{ApiError, Origins, RateLimit};
use crate::lock::lock;
use crate::model::{
    Breaker, Catalog, DeliveryLog, Faults, Ids, Integration, Keys, Listeners, Masks, Provider, Settings,
    State, Store,
};
use crate::time::Clock;

/// Shared handle of one emulator's state.
pub(crate) type App = Arc<Core>;

/// State and services of one emulator. The process has no global state besides.
pub(crate) struct Core {
    pub(crate) clock: Arc<Clock>,
    pub(crate) ids: Ids,
    pub(crate) keys: Keys,
    pub(crate) masks: Masks,
    pub(crate) environment: Environment,
    pub(crate) providers: Catalog,
    /// Addresses that take the place of providers' APIs behind the proxy, by integration.
    pub(crate) provider_apis: HashMap<String, String>,
    pub(crate) public_url: String,
    pub(crate) local_url: String,
    pub(crate) origins: Origins,
    pub(crate) store: Arc<Store>,
    pub(crate) client: reqwest::Client,
    pub(crate) rate: RateLimit,
    pub(crate) listeners: Listeners,
    pub(crate) runtime: Handle,
    /// Becomes true when the emulator stops.
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) settings: Mutex<Settings>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) deliveries: Mutex<DeliveryLog>,
    pub(crate) breaker: Option<Mutex<Breaker>>,
    pub(crate) initial: Initial,
    pub(crate) refresh_locks: Mutex<HashMap<(String, String), RefreshLock>>,
    pub(crate) code: Code,
    pub(crate) running: Running,
    /// Notified when a sync may be due earlier than before.
    pub(crate) schedule_changed: Notify,
    /// Held while an asynchronous action runs: there is one at a time.
    pub(crate) action_turn: tokio::sync::Mutex<()>,
}

/// State and settings that a reset restores.
pub(crate) struct Initial {
    pub(crate) state: State,
    pub(crate) settings: Settings,
}

/// Mutex that is held while a connection is refreshed.
pub(crate) type RefreshLock = Arc<tokio::sync::Mutex<()>>;

impl Core {
    pub(crate) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.store.lock())
    }

    /// Returns the numeric id of a connection.
    pub(crate) fn connection_number(&self, integration: &str, id: &str) -> Option<u64> {
        self.read(|state| state.connections.get(integration, id).map(|connection| connection.id))
    }

    /// Returns true if the connection exists.
    pub(crate) fn has_connection(&self, integration: &str, id: &str) -> bool {
        self.read(|state| state.connections.get(integration, id).is_some())
    }

    /// Returns the template that an integration works with.
    pub(crate) fn provider_of(&self, integration: &Integration) -> Option<Cow<'_, Provider>> {
        let provider = self.providers.get(&integration.provider)?;
        Some(if integration.emulated {
            Cow::Owned(provider.emulated(&self.public_url, &self.local_url))
        } else {
            Cow::Borrowed(provider)
        })
    }

    /// Refuses a request that a page of another site makes.
    pub(crate) fn refuse_foreign(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        if self.origins.is_foreign(headers) { Err(ApiError::cross_origin()) } else { Ok(()) }
    }

    /// Runs `job` in the background until it ends or the emulator stops.
    pub(crate) fn spawn(&self, job: impl Future<Output = ()> + Send + 'static) {
        let mut stop = self.stop.subscribe();
        self.runtime.spawn(async move {
            tokio::select! {
                () = job => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
    }

    /// Changes the state. The reply to the current request waits until the change is on disk.
    pub(crate) fn write<T>(&self, write: impl FnOnce(&mut State) -> T) -> T {
        let result = write(&mut self.store.lock());
        self.store.mark_changed();
        result
    }

    /// Changes the state without waiting for the disk: the change may be lost if the process is
    /// killed.
    pub(crate) fn write_unsynced<T>(&self, write: impl FnOnce(&mut State) -> T) -> T {
        write(&mut self.store.lock())
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        lock(&self.settings)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(crate) fn deliveries(&self) -> MutexGuard<'_, DeliveryLog> {
        lock(&self.deliveries)
    }

    pub(crate) fn breaker_is_open(&self, url: &str) -> bool {
        let now = self.clock.now();
        self.breaker.as_ref().is_some_and(|breaker| lock(breaker).is_open(url, now))
    }

    pub(crate) fn record_for_breaker(&self, url: &str, success: bool) {
        if let Some(breaker) = &self.breaker {
            lock(breaker).record(url, success, self.clock.now());
        }
    }

    /// Returns the mutex that makes refreshes of one connection single-flight.
    pub(crate) fn refresh_lock(&self, integration: &str, id: &str) -> RefreshLock {
        let mut locks = lock(&self.refresh_locks);
        if locks.len() > 1000 {
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        }
        locks.entry((integration.to_owned(), id.to_owned())).or_default().clone()
    }

    /// Restores the configured state, settings and keys, and the real time.
    pub(crate) fn reset(&self) {
        self.faults().clear();
        self.deliveries().clear();
        self.rate.reset();
        self.clock.set_offset(0);
        if let Some(breaker) = &self.breaker {
            *lock(breaker) = Breaker::default();
        }
        self.keys.reset();
        self.running.stop_all(|_| true);
        self.code.clear();
        self.settings().clone_from(&self.initial.settings);
        self.write(|state| state.clone_from(&self.initial.state));
    }
}
