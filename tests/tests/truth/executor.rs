//! The actors of a scenario, and the place at which each of them stands.
//!
//! Everything runs in one thread. At most one actor runs. The others are stopped at a point of the
//! store, or wait for an answer of Nango's that was computed and is held, or wait behind an actor
//! of the same instance.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use nango_core::{ConnectionKey, Nango};
use tokio::task::{JoinHandle, yield_now};

use crate::footprint::{Footprint, Kind};
use crate::harness::Harness;
use crate::operation::Operation;
use crate::scenario::{Scenario, Step, Trace};
use crate::store::{Part, Point};
use crate::upstream::UpstreamEvent;

enum State {
    Ready,
    Running(JoinHandle<()>),
    Done,
}

struct Actor {
    operation: Operation,
    instance: usize,
    /// The number of steps that it has taken.
    steps: usize,
    state: State,
}

pub(crate) struct Executor<'a> {
    pub(crate) harness: &'a mut Harness,
    key: ConnectionKey,
    instances: Vec<Nango>,
    actors: Vec<Actor>,
    events: VecDeque<UpstreamEvent>,
    /// The number of events that have happened.
    happened: usize,
    /// Whether a check may force a refresh, and so do more than look.
    may_force: bool,
    /// The held answer of each actor that waits for one.
    answers: BTreeMap<usize, u64>,
    /// The number of changes, by events and transfers, that each actor's last look has seen.
    looked: BTreeMap<usize, usize>,
    transfers: usize,
    /// Whether actors stop at the points for which footprints are predicted.
    is_predicted: bool,
    mispredicted: BTreeSet<(usize, usize)>,
}

impl<'a> Executor<'a> {
    pub(crate) fn new(harness: &'a mut Harness, key: &ConnectionKey, scenario: &Scenario) -> Self {
        let count = scenario.operations.iter().map(|(_, instance)| instance + 1).max().unwrap_or_default();
        let actor = |&(operation, instance): &(Operation, usize)| Actor {
            operation,
            instance,
            steps: 0,
            state: State::Ready,
        };
        Self {
            instances: (0..count).map(|_| harness.instance()).collect(),
            key: key.clone(),
            actors: scenario.operations.iter().map(actor).collect(),
            events: scenario.events.iter().copied().collect(),
            happened: 0,
            may_force: scenario.events.contains(&UpstreamEvent::Revoked),
            answers: BTreeMap::new(),
            looked: BTreeMap::new(),
            transfers: 0,
            is_predicted: scenario.stops == Point::READS,
            mispredicted: scenario.mispredicted.clone(),
            harness,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.actors.iter().all(|actor| matches!(actor.state, State::Done))
    }

    /// Returns the steps that can be taken next.
    pub(crate) async fn steps(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        for n in 0..self.actors.len() {
            let stopped: Vec<Part> = Part::ALL.into_iter().filter(|part| self.is_stopped(n, *part)).collect();
            let may_begin = self.may_begin(n);
            match &mut self.actors[n].state {
                State::Running(task) if task.is_finished() => {
                    task.await.unwrap();
                    self.actors[n].state = State::Done;
                }
                State::Running(_) => steps.extend(stopped.iter().map(|part| Step::Resume(n, *part))),
                State::Ready if may_begin => steps.push(Step::Begin(n)),
                State::Ready | State::Done => {}
            }
        }
        if !self.events.is_empty() {
            steps.push(Step::Upstream);
        }
        steps
    }

    /// Predicts the accesses of a step.
    pub(crate) fn footprint(&self, step: Step) -> Footprint {
        let n = match step {
            Step::Begin(n) | Step::Resume(n, Part::Operation) => n,
            Step::Resume(_, Part::Notification) => return Footprint::Anything,
            Step::Upstream => return Footprint::Changes,
        };
        let Actor { operation, instance, steps, .. } = self.actors[n];
        let is_alone = || self.actors.iter().filter(|other| other.instance == instance).count() == 1;
        let may_predict = match operation {
            Operation::Check => !self.may_force,
            // Another delivery to the same instance may be looked into for this one.
            _ if operation.queues() && steps == 0 => is_alone(),
            _ if operation.queues() => {
                self.harness.store.stopped(n, Part::Operation) == Some(Point::AfterRead)
            }
            _ => true,
        } && !self.mispredicted.contains(&(n, steps));
        let footprints = operation.footprints();
        match footprints.get(steps) {
            Some(footprint) if self.is_predicted && may_predict => *footprint,
            _ => Footprint::Anything,
        }
    }

    /// Returns the actor and the number of its next step.
    pub(crate) fn number(&self, step: Step) -> Option<(usize, usize)> {
        match step {
            Step::Begin(n) | Step::Resume(n, _) => Some((n, self.actors[n].steps)),
            Step::Upstream => None,
        }
    }

    fn is_stopped(&self, n: usize, part: Part) -> bool {
        // A notification does not call Nango.
        let waits = part == Part::Operation && self.answers.contains_key(&n);
        waits || self.harness.store.stopped(n, part).is_some()
    }

    fn may_begin(&self, n: usize) -> bool {
        let Operation::ReceiveNewest { after } = self.actors[n].operation else { return true };
        after <= self.happened || self.events.is_empty()
    }

    pub(crate) async fn take(&mut self, step: Step, trace: &mut Trace) {
        match step {
            Step::Begin(n) => {
                self.begin(n).await;
                self.actors[n].steps += 1;
                self.harness.store.set_running(Some(n));
                let place = self.follow(n, true).await;
                trace.note(format_args!("{n} begins {:?}, and {place}", self.actors[n].operation));
            }
            Step::Resume(n, part) => {
                self.actors[n].steps += 1;
                self.harness.store.set_running(Some(n));
                let answer = if part == Part::Operation { self.answers.remove(&n) } else { None };
                match answer {
                    Some(id) => drop(self.harness.emulator.release_call(id)),
                    None => self.harness.store.resume(n, part),
                }
                let place = self.follow(n, false).await;
                trace.note(format_args!("{n} resumes its {part:?}, and {place}"));
            }
            Step::Upstream => {
                self.harness.store.set_running(None);
                let Some(event) = self.events.pop_front() else { return };
                trace.note(format_args!("{event:?}"));
                self.harness.unheld(self.harness.cause(&self.key, event)).await;
                // Before another actor runs, to which its notifications would be attributed.
                self.harness.nango.settled().await;
                self.happened += 1;
                self.harness.collect();
            }
        }
    }

    async fn begin(&mut self, n: usize) {
        let Actor { operation, instance, .. } = self.actors[n];
        let nango = self.instances[instance].clone();
        let task = self.harness.spawn(n, operation, nango, &self.key).await;
        self.actors[n].state = task.map_or(State::Done, State::Running);
    }

    /// Waits until the running actor's operation stops or ends, and describes where. Its notification,
    /// if there is one, does not wait for the network, and so stops or ends before.
    async fn follow(&mut self, n: usize, begins: bool) -> String {
        let store = self.harness.store.clone();
        loop {
            let mut change = std::pin::pin!(store.changed.notified());
            change.as_mut().enable();
            // Lets everything happen that needs no network: actors that wait behind this one run,
            // too.
            for _ in 0..8 {
                yield_now().await;
            }
            if self.is_finished(n) {
                return "is done".to_owned();
            }
            if let Some(point) = store.stopped(n, Part::Operation) {
                return format!("stops at {point:?}");
            }
            if store.is_settling(n) {
                return "waits for notifications".to_owned();
            }
            // Where its notification was resumed.
            if self.answers.contains_key(&n) {
                return "waits for its answer still".to_owned();
            }
            if begins && self.is_behind_another(n) {
                return "waits for its turn".to_owned();
            }
            tokio::select! {
                () = change => {}
                held = self.harness.emulator.wait_for_held_calls(self.answers.len() + 1) => {
                    let new = held.iter().find(|call| !self.answers.values().any(|id| *id == call.id)).unwrap();
                    self.answers.insert(n, new.id);
                    let changes = self.happened + self.transfers;
                    let looked = self.looked.insert(n, changes);
                    store.record(if new.method == "GET" { Kind::Look } else { Kind::Change });
                    if new.method == "PATCH" {
                        self.note_patch(n, looked, changes).await;
                    }
                    return format!("waits for the answer to {} {}: {}", new.method, new.path, new.status);
                }
            }
        }
    }

    /// Notes that tags were replaced by an actor whose last look has seen so many of so many
    /// changes.
    async fn note_patch(&mut self, n: usize, looked: Option<usize>, changes: usize) {
        self.harness.store.set_running(None);
        assert!(looked.is_some(), "tags are replaced without a look at them");
        // A transfer has not written the new owner yet.
        let is_being_transferred = self.transfers > 0
            && self.actors.iter().any(|actor| {
                actor.operation == Operation::Transfer
                    && matches!(&actor.state, State::Running(task) if !task.is_finished())
            });
        if is_being_transferred || looked < Some(changes) {
            self.harness.note_blind_patch(&self.key).await;
        }
        if self.actors[n].operation == Operation::Transfer {
            self.transfers += 1;
            self.harness.unheld(self.harness.note_tags(&self.key, Some("bob"))).await;
        }
    }

    fn is_finished(&self, n: usize) -> bool {
        match &self.actors[n].state {
            State::Running(task) => task.is_finished(),
            State::Ready | State::Done => true,
        }
    }

    /// Returns whether another actor of the same instance looks at the connection.
    fn is_behind_another(&self, n: usize) -> bool {
        let looks = |m: usize| self.actors[m].operation.queues() && self.is_stopped(m, Part::Operation);
        let others = |m: &usize| *m != n && self.actors[*m].instance == self.actors[n].instance;
        self.actors[n].operation.queues() && (0..self.actors.len()).filter(others).any(looks)
    }
}
