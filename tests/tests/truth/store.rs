//! The store that all instances of the app share: it watches every write, and stops actors where
//! the executor wants them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nango_core::{
    Applied, BoxError, ConnectionChanged, ConnectionStore, MemoryStore, Nango, StoreError, WebhookHandler,
    async_trait,
};
use nango_tests::{Access, Intercept, Interceptor};
use tokio::sync::{Notify, oneshot};
use tokio::task;

use crate::footprint::{Accesses, Kind};
use crate::oracle::Oracle;

tokio::task_local! {
    /// The actor whose operation the task runs.
    pub(crate) static ACTOR: usize;
}

/// A place in an operation where it can be stopped, and so overtaken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// The caller has looked the connection up, and has not called anything on it.
    LookedUp,
    BeforeRead,
    AfterRead,
    BeforeWrite,
    AfterWrite,
    /// The app's handler has been called, and has not noted anything.
    InHandler,
}

impl Point {
    /// Between reading and writing a row lie a look and its answers, which are held: these points
    /// are enough to play every order of reads, looks and writes.
    pub(crate) const READS: &[Self] = &[Self::LookedUp, Self::AfterRead];

    pub(crate) const ALL: &[Self] = &[
        Self::LookedUp,
        Self::BeforeRead,
        Self::AfterRead,
        Self::BeforeWrite,
        Self::AfterWrite,
        Self::InHandler,
    ];
}

/// The part of an operation that a task runs. A notification runs beside the operation that began
/// it: each can be stopped while the other one goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Operation,
    Notification,
}

impl Part {
    pub(crate) const ALL: [Self; 2] = [Self::Operation, Self::Notification];
}

/// The place at which a task is stopped; it goes on when the sender is dropped.
type Stop = (Point, oneshot::Sender<()>);

pub(crate) type SharedStore = Intercept<Shared>;

#[derive(Debug, Default)]
pub(crate) struct Shared {
    rows: MemoryStore,
    oracle: Mutex<Oracle>,
    /// Accesses since they were last taken.
    accesses: Mutex<Accesses>,
    stops: Mutex<&'static [Point]>,
    stopped: Mutex<BTreeMap<(usize, Part), Stop>>,
    /// The tasks that notify the app of an actor's changes.
    notifying: Mutex<HashMap<task::Id, usize>>,
    /// The actors whose operations have had their result, and wait for notifications.
    settling: Mutex<BTreeSet<usize>>,
    /// The actor whose step is played: accesses of tasks that have no actor, and notifications that
    /// begin, are attributed to it.
    running: Mutex<Option<usize>>,
    /// Notified when an actor stops or ends.
    pub(crate) changed: Arc<Notify>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn oracle(&self) -> MutexGuard<'_, Oracle> {
        lock(&self.oracle)
    }

    pub(crate) fn stop_at(&self, points: &'static [Point]) {
        *lock(&self.stops) = points;
    }

    pub(crate) fn stopped(&self, actor: usize, part: Part) -> Option<Point> {
        lock(&self.stopped).get(&(actor, part)).map(|(point, _)| *point)
    }

    /// Takes note that an actor's operation has had its result.
    pub(crate) fn settle(&self, actor: usize) {
        lock(&self.settling).insert(actor);
        self.changed.notify_waiters();
    }

    pub(crate) fn is_settling(&self, actor: usize) -> bool {
        lock(&self.settling).contains(&actor)
    }

    pub(crate) fn set_running(&self, actor: Option<usize>) {
        *lock(&self.running) = actor;
    }

    pub(crate) fn take_accesses(&self) -> Accesses {
        std::mem::take(&mut lock(&self.accesses))
    }

    pub(crate) fn record(&self, kind: Kind) {
        lock(&self.accesses).insert(kind);
    }

    pub(crate) fn resume(&self, actor: usize, part: Part) {
        // Dropping the sender wakes the task.
        lock(&self.stopped).remove(&(actor, part));
    }

    pub(crate) async fn pass(&self, point: Point) {
        let Some(task) = self.task() else { return };
        if !lock(&self.stops).contains(&point) {
            return;
        }
        let (resume, resumed) = oneshot::channel();
        let before = lock(&self.stopped).insert(task, (point, resume));
        assert!(before.is_none(), "two tasks of one part would stop at a time: {task:?}");
        self.changed.notify_waiters();
        // An error: the sender was dropped.
        let _ = resumed.await;
    }

    fn task(&self) -> Option<(usize, Part)> {
        let notifying = task::try_id().and_then(|id| lock(&self.notifying).get(&id).copied());
        if let Some(actor) = notifying {
            return Some((actor, Part::Notification));
        }
        let actor = ACTOR.try_with(|actor| *actor).ok().or(*lock(&self.running))?;
        Some((actor, Part::Operation))
    }

    /// Takes note that the task notifies the app: of a change that the running actor has made, since
    /// a notification begins before any other actor runs.
    fn note_notification(&self) {
        if let (Some(id), Some(actor), Err(_)) =
            (task::try_id(), *lock(&self.running), ACTOR.try_with(|_| ()))
        {
            lock(&self.notifying).entry(id).or_insert(actor);
        }
    }
}

#[async_trait]
impl Interceptor for Shared {
    fn store(&self) -> &dyn ConnectionStore {
        &self.rows
    }

    async fn before(&self, access: Access<'_>) -> Result<(), StoreError> {
        match access {
            Access::Apply(_) => self.pass(Point::BeforeWrite).await,
            Access::Get => self.pass(Point::BeforeRead).await,
            _ => {}
        }
        Ok(())
    }

    async fn after(&self, access: Access<'_>, applied: &[Applied]) {
        let Access::Apply(changes) = access else {
            self.record(Kind::Read);
            if matches!(access, Access::Get) {
                self.pass(Point::AfterRead).await;
            }
            return;
        };
        self.record(Kind::Write);
        for (change, applied) in changes.iter().zip(applied) {
            if let (Applied::Done, Some(row)) = (applied, change.next()) {
                self.oracle().watch(row);
            }
        }
        self.pass(Point::AfterWrite).await;
    }
}

/// The app's handler: it notes the last notification of each connection.
pub(crate) struct Handler(pub(crate) Arc<SharedStore>);

#[async_trait]
impl WebhookHandler for Handler {
    async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        let ConnectionChanged { connection, .. } = event;
        self.0.record(Kind::Notify);
        self.0.note_notification();
        self.0.pass(Point::InHandler).await;
        let state = (connection.owner().clone(), connection.health());
        self.0.oracle().notified.insert(connection.key().clone(), state);
        Ok(())
    }
}
