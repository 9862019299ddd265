//! The state that all of the engine's work shares.

use std::ops::Deref;
use std::sync::Arc;

use async_trait::async_trait;
use nango_client::{Client, ConnectionKey, Timestamp};

use super::budget::Budget;
use super::counters::{Count, Counters, Tally};
use super::in_flight::Notifying;
use super::notice::Notice;
use super::single_flight::{SingleFlight, Waiter};
use super::trigger::Looked;
use crate::boxed::BoxError;
use crate::error::{Error, ErrorKind};
use crate::owner::{OwnerIdentity, OwnerKinds};
use crate::reconcile::Context;
use crate::record::Record;
use crate::store::ConnectionStore;

/// Everything that reads from Nango and writes to the store. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Engine(Arc<Parts>);

pub(crate) struct Parts {
    pub(super) config: Config,
    pub(super) budget: Budget,
    pub(super) looks: SingleFlight<Result<Looked, Error>>,
    pub(super) notifying: Notifying,
    tally: Tally,
}

/// The app's handler, as the engine knows it: in terms of rows.
#[async_trait]
pub(crate) trait Notifier: Send + Sync {
    /// Notifies the app of the state of a connection.
    async fn connection_changed(&self, engine: &Engine, row: &Record) -> Result<(), BoxError>;

    /// Notifies the app of something that no row remembers.
    async fn notice(&self, engine: &Engine, notice: Notice) -> Result<(), BoxError>;
}

/// The parts of an engine that the app chooses.
pub(crate) struct Config {
    pub(crate) client: Client,
    /// A client of the same server that may list connections. Nango advises against API keys with
    /// that scope.
    pub(crate) list: Client,
    pub(crate) store: Box<dyn ConnectionStore>,
    pub(crate) kinds: OwnerKinds,
    pub(crate) notifier: Option<Box<dyn Notifier>>,
    pub(crate) keep_metadata: bool,
    pub(crate) environment: Option<String>,
}

impl Deref for Engine {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Engine {
    pub(crate) fn new(config: Config) -> Self {
        Self(Arc::new(Parts {
            config,
            budget: Budget::new(),
            looks: SingleFlight::new(),
            notifying: Notifying::default(),
            tally: Tally::default(),
        }))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.config.client
    }

    /// Returns the client that may list connections.
    pub(crate) fn list_client(&self) -> &Client {
        &self.config.list
    }

    pub(crate) fn store(&self) -> &dyn ConnectionStore {
        &*self.config.store
    }

    pub(crate) fn kinds(&self) -> &OwnerKinds {
        &self.config.kinds
    }

    /// Passes an owner on whose kind is registered.
    pub(crate) fn registered(&self, identity: OwnerIdentity) -> Result<OwnerIdentity, Error> {
        if self.kinds().contains(identity.owner().kind()) {
            Ok(identity)
        } else {
            Err(Error::new(ErrorKind::UnknownKind))
        }
    }

    pub(crate) fn keeps_metadata(&self) -> bool {
        self.config.keep_metadata
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            kinds: &self.config.kinds,
            now: Timestamp::now(),
            notify: self.config.notifier.is_some(),
            keep_metadata: self.config.keep_metadata,
        }
    }

    /// Joins the looks at a connection, for a lock that keeps them out.
    pub(crate) fn join_looks(&self, key: &ConnectionKey) -> Waiter<'_, Result<Looked, Error>> {
        self.looks.join(key)
    }

    pub(crate) fn count(&self, count: Count) {
        self.tally.add(count);
    }

    pub(crate) fn counters(&self) -> Counters {
        self.tally.read()
    }
}
