//! The memory that all instances of the app share: it watches every write, and stops whom the schedule wants to stop.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nango_core::{
    Applied, BoxError, Change, ConnectionChanged, ConnectionRef, ConnectionStore, Health, Lease, MemoryStore,
    Nango, Owner, Record, StoreError, Timestamp, WebhookHandler, async_trait,
};
use tokio::sync::{Notify, oneshot};

tokio::task_local! {
    /// Who is at work.
    pub(crate) static ACTOR: usize;
}

/// Where somebody can be stopped, and so overtaken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// The owner has the connection in hand, and has not done anything with it yet.
    InHand,
    BeforeReading,
    AfterReading,
    BeforeWriting,
    AfterWriting,
    /// The app's handler is called, and has not taken note yet.
    Hearing,
}

impl Point {
    /// Between reading and writing a row lie a look and its answers, which are held: these points are enough to play every
    /// order of readings, looks and writings.
    pub(crate) const READING: &[Self] = &[Self::InHand, Self::AfterReading];

    pub(crate) const ALL: &[Self] = &[
        Self::InHand,
        Self::BeforeReading,
        Self::AfterReading,
        Self::BeforeWriting,
        Self::AfterWriting,
        Self::Hearing,
    ];
}

/// An incarnation of a connection.
pub(crate) type Incarnation = (ConnectionRef, i64);

/// What is true of the world, and what was written that is not.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Whose incarnation it is: who made it, until it is given to somebody else.
    pub(crate) makers: HashMap<Incarnation, String>,
    /// Whose tags somebody else has put there instead.
    pub(crate) retagged: HashMap<Incarnation, String>,
    pub(crate) disconnected: HashSet<Incarnation>,
    /// What the app has heard last of each connection.
    pub(crate) heard: HashMap<ConnectionRef, (Owner, Health)>,
    /// Which were given tags before anybody had seen the first ones: whoever looks first says whose they are.
    pub(crate) unclear: HashMap<Incarnation, [String; 2]>,
    /// Which may be moved, from whom and to whom.
    moving: HashMap<Incarnation, (String, String)>,
    newest: HashMap<ConnectionRef, i64>,
    wrong: Vec<String>,
}

impl Facts {
    /// The incarnation that was written last.
    pub(crate) fn newest(&self, key: &ConnectionRef) -> i64 {
        self.newest.get(key).copied().unwrap_or_default()
    }

    /// Somebody is about to give a connection away.
    pub(crate) fn may_move(&mut self, name: &Incarnation, from: &str, to: &str) {
        self.moving.insert(name.clone(), (from.to_owned(), to.to_owned()));
    }

    /// What must hold of every row, even for a moment.
    fn watch(&mut self, row: &Record) {
        let name = (row.key.clone(), incarnation(row));
        let newest = self.newest.entry(row.key.clone()).or_insert(name.1);
        if name.1 < *newest {
            self.wrong.push(format!("incarnation {} was written over {newest}", name.1));
        }
        *newest = name.1.max(*newest);
        if row.removed {
            if row.details.to_json().contains(r#""removal":"disconnected""#) {
                self.disconnected.insert(name);
            }
            return;
        }
        let owner = row.owner.as_ref().map(Owner::id);
        if let Some(named) = owner.filter(|owner| {
            self.unclear.get(&name).is_some_and(|either| either.iter().any(|one| one == owner))
        }) {
            self.unclear.remove(&name);
            self.makers.insert(name.clone(), named.to_owned());
        }
        // Once it is the new owner's it stays so.
        if let (Some(maker), Some((from, to))) = (self.makers.get_mut(&name), self.moving.get(&name))
            && maker == from
            && owner == Some(to)
        {
            maker.clone_from(to);
        }
        match self.makers.get(&name) {
            None => self.wrong.push("a connection was made up".to_owned()),
            Some(maker) if owner != Some(maker) => {
                self.wrong.push(format!("{maker}'s connection was given to {owner:?}"));
            }
            Some(_) => {}
        }
        if self.disconnected.contains(&name) {
            self.wrong.push("a disconnected connection came back".to_owned());
        }
    }
}

/// Nango's numeric id, which only core reads.
pub(crate) fn incarnation(row: &Record) -> i64 {
    let details: serde_json::Value = serde_json::from_str(&row.details.to_json()).unwrap();
    details["incarnation"].as_i64().unwrap()
}

#[derive(Debug, Default)]
pub(crate) struct SharedStore {
    rows: MemoryStore,
    facts: Mutex<Facts>,
    stops: Mutex<&'static [Point]>,
    stopped: Mutex<BTreeMap<usize, (Point, oneshot::Sender<()>)>>,
    /// Who is on their way: what has no number of its own is done for them.
    on_the_way: Mutex<Option<usize>>,
    /// Somebody was stopped.
    pub(crate) changed: Arc<Notify>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SharedStore {
    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
        lock(&self.facts)
    }

    /// Every write so far was right.
    pub(crate) fn check(&self) {
        let facts = self.facts();
        assert!(facts.wrong.is_empty(), "{:?}", facts.wrong);
    }

    pub(crate) fn stop_at(&self, points: &'static [Point]) {
        *lock(&self.stops) = points;
    }

    pub(crate) fn stopped(&self, actor: usize) -> Option<Point> {
        lock(&self.stopped).get(&actor).map(|(point, _)| *point)
    }

    pub(crate) fn set_on_the_way(&self, actor: Option<usize>) {
        *lock(&self.on_the_way) = actor;
    }

    /// Lets somebody go on.
    pub(crate) fn release(&self, actor: usize) {
        // Dropping the sender is the sign.
        lock(&self.stopped).remove(&actor);
    }

    pub(crate) async fn pass(&self, point: Point) {
        let Some(actor) = ACTOR.try_with(|actor| *actor).ok().or(*lock(&self.on_the_way)) else { return };
        if !lock(&self.stops).contains(&point) {
            return;
        }
        let (go, going) = oneshot::channel();
        lock(&self.stopped).insert(actor, (point, go));
        self.changed.notify_waiters();
        // An error: the sender was dropped.
        let _ = going.await;
    }
}

#[async_trait]
impl ConnectionStore for SharedStore {
    async fn get(&self, keys: &[ConnectionRef]) -> Result<Vec<Option<Record>>, StoreError> {
        self.pass(Point::BeforeReading).await;
        let rows = self.rows.get(keys).await;
        self.pass(Point::AfterReading).await;
        rows
    }

    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        self.pass(Point::BeforeWriting).await;
        let applied = self.rows.apply(changes).await?;
        for (change, applied) in changes.iter().zip(&applied) {
            if let (Applied::Done, Some(row)) = (applied, change.next()) {
                self.facts().watch(row);
            }
        }
        self.pass(Point::AfterWriting).await;
        Ok(applied)
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        self.rows.list(owner).await
    }

    async fn page(&self, after: Option<&ConnectionRef>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.rows.page(after, limit).await
    }

    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.rows.pending(now, limit).await
    }

    fn lease(&self) -> Option<&dyn Lease> {
        self.rows.lease()
    }
}

/// The app's own code: it remembers what it hears last.
pub(crate) struct Listener(pub(crate) Arc<SharedStore>);

#[async_trait]
impl WebhookHandler for Listener {
    async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        let ConnectionChanged { connection, .. } = event;
        self.0.pass(Point::Hearing).await;
        let news = (connection.owner().clone(), connection.health());
        self.0.facts().heard.insert(connection.key().clone(), news);
        Ok(())
    }
}
