//! What all handlers share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{runtime::Handle, sync::watch};

use crate::{
    clock::Clock,
    config::Environment,
    control::faults::Faults,
    http::ratelimit::RateLimit,
    ids::Ids,
    keys::Keys,
    oauth2::websocket::Listeners,
    providers::Catalog,
    state::{State, persist::Store},
    webhooks::{breaker::Breaker, log::Log},
};

/// A handle on one emulator's inside.
pub(crate) type App = Arc<Core>;

/// One emulator. There is nothing global besides.
pub(crate) struct Core {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) keys: Keys,
    pub(crate) environment: Environment,
    pub(crate) providers: Catalog,
    pub(crate) public_url: String,
    pub(crate) local_url: String,
    pub(crate) store: Arc<Store>,
    pub(crate) client: reqwest::Client,
    pub(crate) rate: RateLimit,
    pub(crate) listeners: Listeners,
    pub(crate) runtime: Handle,
    /// Turns true when the emulator stops.
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) settings: Mutex<Settings>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) deliveries: Mutex<Log>,
    pub(crate) breaker: Option<Mutex<Breaker>>,
    pub(crate) initial: Initial,
    pub(crate) refreshing: Mutex<HashMap<(String, String), Turn>>,
}

/// What a reset goes back to.
pub(crate) struct Initial {
    pub(crate) state: State,
    pub(crate) settings: Settings,
}

/// Held while one connection is refreshed.
pub(crate) type Turn = Arc<tokio::sync::Mutex<()>>;

/// What can be changed while the emulator runs.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Primary, then secondary.
    pub(crate) webhook_urls: Vec<String>,
    pub(crate) callback_url: String,
    pub(crate) on_auth_creation: bool,
    pub(crate) on_auth_refresh_error: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    pub(crate) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.store.lock())
    }

    /// Whether there is such a connection.
    pub(crate) fn has_connection(&self, integration: &str, id: &str) -> bool {
        self.read(|state| state.connections.get(integration, id).is_some())
    }

    /// Changes the state; the answer waits until that is on disk.
    pub(crate) fn write<T>(&self, write: impl FnOnce(&mut State) -> T) -> T {
        let result = write(&mut self.store.lock());
        self.store.touch();
        result
    }

    /// A change that nobody needs to wait for and that may be lost with the process.
    pub(crate) fn write_lazily<T>(&self, write: impl FnOnce(&mut State) -> T) -> T {
        write(&mut self.store.lock())
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        lock(&self.settings)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(crate) fn deliveries(&self) -> MutexGuard<'_, Log> {
        lock(&self.deliveries)
    }

    pub(crate) fn breaker_is_open(&self, url: &str) -> bool {
        let now = self.clock.now();
        self.breaker.as_ref().is_some_and(|breaker| lock(breaker).is_open(url, now))
    }

    pub(crate) fn note_for_breaker(&self, url: &str, success: bool) {
        if let Some(breaker) = &self.breaker {
            lock(breaker).note(url, success, self.clock.now());
        }
    }

    /// The lock under which one connection is refreshed.
    pub(crate) fn refreshing(&self, integration: &str, id: &str) -> Turn {
        let mut locks = lock(&self.refreshing);
        if locks.len() > 1000 {
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        }
        locks.entry((integration.to_owned(), id.to_owned())).or_default().clone()
    }

    /// Back to the beginning: only what was configured is there.
    pub(crate) fn reset(&self) {
        self.faults().clear();
        self.deliveries().clear();
        self.rate.reset();
        self.clock.set_offset(0);
        if let Some(breaker) = &self.breaker {
            *lock(breaker) = Breaker::default();
        }
        self.keys.reset();
        self.settings().clone_from(&self.initial.settings);
        self.write(|state| state.clone_from(&self.initial.state));
    }
}
