//! The state that all of the engine's work shares.

use std::ops::Deref;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use nango_client::{Client, ConnectionKey, Tags, Timestamp};

use super::budget::{Budget, Spender};
use super::counters::{Count, Counters, Tally};
use super::in_flight::InFlight;
use super::label_turns::LabelTurns;
use super::parts::{Hanging, Looked, Notice};
use super::single_flight::{SingleFlight, Waiter};
use super::sweepers::Sweepers;
use super::turns::Turns;
use super::waiting_attempts::WaitingAttempts;
use crate::boxed::BoxError;
use crate::error::{Error, ErrorKind};
use crate::owner::{Owner, OwnerIdentity, OwnerKinds};
use crate::queue::{EventQueue, QueuedEvent};
use crate::reconcile::Context;
use crate::record::Record;
use crate::report::{BackgroundFailure, Reporter};
use crate::store::ConnectionStore;
use crate::sync::lock;

/// Everything that reads from Nango and writes to the store. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Engine(Arc<Parts>);

pub(crate) struct Parts {
    config: Config,
    pub(super) budget: Budget,
    pub(super) hanging: Hanging,
    pub(super) looks: SingleFlight<Result<Looked, Error>>,
    pub(super) marks: SingleFlight<Result<(), Error>>,
    pub(super) in_flight: Arc<InFlight>,
    pub(super) turns: Turns,
    pub(super) labels: LabelTurns,
    pub(super) attempts: WaitingAttempts,
    pub(crate) sweepers: Arc<Sweepers>,
    tally: Tally,
    last_delivery: Mutex<Option<LastDelivery>>,
    /// `true` once a stored connection was found at Nango.
    pub(super) seen: AtomicBool,
}

/// The last delivery whose signature was right.
#[derive(Debug, Clone)]
pub(crate) struct LastDelivery {
    pub(crate) at: Timestamp,
    /// The environment that it names, if it names one.
    pub(crate) environment: Option<String>,
}

/// The app's handler, as the engine knows it: in terms of rows.
#[async_trait]
pub(crate) trait Notifier: Send + Sync {
    /// Notifies the app of the state of a connection.
    async fn connection_changed(&self, engine: &Engine, row: &Record) -> Result<(), BoxError>;

    /// Runs the app's handler for an event.
    async fn event(&self, engine: &Engine, event: &QueuedEvent) -> Result<(), BoxError>;

    /// Notifies the app of something that no row remembers.
    async fn notice(&self, engine: &Engine, notice: Notice) -> Result<(), BoxError>;
}

/// The app's question to the provider for the name of a connection's account, as the engine knows it.
#[async_trait]
pub(crate) trait Labeller: Send + Sync {
    /// Returns the label of a connection; `None` if the provider has none.
    async fn label(&self, engine: &Engine, row: &Record) -> Result<Option<String>, BoxError>;
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
    pub(crate) event_queue: Option<Arc<dyn EventQueue>>,
    pub(crate) labeller: Option<Box<dyn Labeller>>,
    pub(crate) keep_metadata: bool,
    pub(crate) environment: Option<String>,
    pub(crate) look_share: f64,
    pub(crate) reporter: Reporter,
    /// Returns the name of a connection for browsers, which may be logged.
    pub(crate) handle_of: Box<dyn Fn(&ConnectionKey) -> String + Send + Sync>,
}

impl Deref for Engine {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Deref for Parts {
    type Target = Config;

    fn deref(&self) -> &Config {
        &self.config
    }
}

impl Engine {
    pub(crate) fn new(config: Config) -> Self {
        Self(Arc::new(Parts {
            budget: Budget::new(config.look_share),
            hanging: Hanging::default(),
            config,
            looks: SingleFlight::new(),
            marks: SingleFlight::new(),
            in_flight: Arc::default(),
            turns: Turns::new(),
            labels: LabelTurns::new(),
            attempts: WaitingAttempts::default(),
            sweepers: Arc::default(),
            tally: Tally::default(),
            last_delivery: Mutex::default(),
            seen: AtomicBool::new(false),
        }))
    }

    /// Passes an owner on whose kind is registered.
    pub(crate) fn registered(&self, identity: OwnerIdentity) -> Result<OwnerIdentity, Error> {
        self.check_registered(identity.owner())?;
        Ok(identity)
    }

    pub(crate) fn check_registered(&self, owner: &Owner) -> Result<(), Error> {
        let is_registered = self.kinds.contains(owner.kind());
        is_registered.then_some(()).ok_or_else(|| Error::new(ErrorKind::UnknownKind))
    }

    /// Returns the tags for a session of an owner, or for a connection that becomes the owner's. Reports
    /// those that had to be left out.
    pub(crate) fn session_tags(&self, identity: &OwnerIdentity) -> Result<Tags, Error> {
        let tags = identity.session_tags(&self.kinds)?;
        self.report_left_out(&tags);
        Ok(tags)
    }

    /// Reports tags that had to be left out of what is sent to Nango.
    pub(crate) fn report_left_out(&self, tags: &Tags) {
        for error in tags.left_out() {
            self.reporter.report(BackgroundFailure::TagLeftOut { error: error.clone() });
        }
    }

    /// Takes one look from the budget, if there is one left. While Nango refuses all calls, there is
    /// none.
    pub(crate) fn take_look(&self, spender: Spender) -> bool {
        self.client.rate_limit_pause().is_none() && self.budget.take_look(spender, self.client.rate_limit())
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            kinds: &self.kinds,
            now: Timestamp::now(),
            notify: self.notifier.is_some(),
            keep_metadata: self.keep_metadata,
            labels: self.labeller.is_some(),
        }
    }

    /// Joins the looks at a connection, for a lock that keeps them out.
    pub(crate) fn join_looks(&self, key: &ConnectionKey) -> Waiter<'_, Result<Looked, Error>> {
        self.looks.join(key)
    }

    pub(super) fn record_delivery(&self, environment: Option<String>) {
        *lock(&self.last_delivery) = Some(LastDelivery { at: Timestamp::now(), environment });
    }

    pub(crate) fn last_delivery(&self) -> Option<LastDelivery> {
        lock(&self.last_delivery).clone()
    }

    /// Returns the number of sweepers that run in this process.
    pub(crate) fn sweepers(&self) -> usize {
        self.sweepers.running()
    }

    /// Takes note that a mark, or a notification that has to be repeated, waits for a sweeper.
    pub(crate) fn leave_to_sweeper(&self) {
        if self.sweepers() == 0 {
            self.sweepers.note_work();
        }
    }

    pub(crate) fn count(&self, count: Count) {
        self.tally.add(count);
    }

    pub(crate) fn counters(&self) -> Counters {
        self.tally.read()
    }
}
