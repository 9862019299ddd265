//! Those who are at work on one connection, and where each of them stands.
//!
//! Everything runs in one thread. Of those who are at work at most one is on its way, and the others stand at a point of the
//! store, before an answer of Nango's that was computed and is held back, or in the queue behind somebody of the same instance.

use std::collections::{BTreeMap, VecDeque};

use nango_core::{ConnectionRef, Nango};
use tokio::task::{JoinHandle, yield_now};

use crate::acts::Act;
use crate::moves::Move;
use crate::schedule::{Effect, Scene, Step, Trace};
use crate::store::Point;
use crate::world::World;

enum State {
    Waits,
    Works(JoinHandle<()>),
    Done,
}

struct Actor {
    act: Act,
    instance: usize,
    /// How many it has taken.
    steps: usize,
    state: State,
}

pub(crate) struct Stage<'a> {
    pub(crate) world: &'a mut World,
    key: ConnectionRef,
    instances: Vec<Nango>,
    actors: Vec<Actor>,
    moves: VecDeque<Move>,
    made: usize,
    /// Whether a check may force a refresh, and so do more than look.
    forces: bool,
    /// Whose answer is held back.
    answers: BTreeMap<usize, u64>,
    /// How often the connection had been changed, by moves and transfers, when somebody last had it shown.
    looked: BTreeMap<usize, usize>,
    given: usize,
    /// Whether whoever is at work stops where the numbers of their steps are known.
    numbered: bool,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(world: &'a mut World, key: &ConnectionRef, scene: &Scene) -> Self {
        let count = scene.acts.iter().map(|(_, instance)| instance + 1).max().unwrap_or_default();
        let actor = |&(act, instance): &(Act, usize)| Actor { act, instance, steps: 0, state: State::Waits };
        Self {
            instances: (0..count).map(|_| world.instance()).collect(),
            key: key.clone(),
            actors: scene.acts.iter().map(actor).collect(),
            moves: scene.moves.iter().copied().collect(),
            made: 0,
            forces: scene.moves.contains(&Move::Revoked),
            answers: BTreeMap::new(),
            looked: BTreeMap::new(),
            given: 0,
            numbered: scene.stops == Point::READING,
            world,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.actors.iter().all(|actor| matches!(actor.state, State::Done))
    }

    /// What can happen next.
    pub(crate) async fn steps(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        for n in 0..self.actors.len() {
            let (stands, may_begin) = (self.stands(n), self.may_begin(n));
            match &mut self.actors[n].state {
                State::Works(task) if task.is_finished() => {
                    task.await.unwrap();
                    self.actors[n].state = State::Done;
                }
                State::Works(_) if stands => steps.push(Step::GoesOn(n)),
                State::Waits if may_begin => steps.push(Step::Begins(n)),
                State::Works(_) | State::Waits | State::Done => {}
            }
        }
        if !self.moves.is_empty() {
            steps.push(Step::Moves);
        }
        steps
    }

    /// What a step will have to do with what others do.
    pub(crate) fn effect(&self, step: Step) -> Effect {
        let (Step::Begins(n) | Step::GoesOn(n)) = step else { return Effect::Moves };
        if !self.numbered {
            return Effect::Anything;
        }
        let actor = &self.actors[n];
        let alone = self.actors.iter().filter(|other| other.instance == actor.instance).count() == 1;
        match (actor.act, actor.steps) {
            (Act::Oldest, 0) if alone => Effect::Reads,
            (Act::Newest { .. }, 0) if alone => Effect::TakesAndReads,
            (Act::Oldest | Act::Newest { .. }, 1)
                if self.world.store.stopped(n) == Some(Point::AfterReading) =>
            {
                Effect::Looks
            }
            (Act::Sweep | Act::Sync, 1 | 3) | (Act::Disconnect | Act::Transfer, 0) | (Act::Transfer, 2) => {
                Effect::Looks
            }
            (Act::Disconnect, 1 | 3) | (Act::Transfer, 1 | 4) => Effect::Reads,
            (Act::Disconnect, 2) | (Act::Transfer, 3) => Effect::Moves,
            (Act::Check, 0 | 1 | 3) if !self.forces => Effect::Looks,
            (Act::Sweep | Act::Sync, 2) => Effect::Reads,
            (Act::Check, 2) if !self.forces => Effect::Reads,
            _ => Effect::Anything,
        }
    }

    fn stands(&self, n: usize) -> bool {
        self.answers.contains_key(&n) || self.world.store.stopped(n).is_some()
    }

    fn may_begin(&self, n: usize) -> bool {
        !matches!(self.actors[n].act, Act::Newest { after } if after > self.made && !self.moves.is_empty())
    }

    pub(crate) async fn take(&mut self, step: Step, trace: &mut Trace) {
        match step {
            Step::Begins(n) => {
                self.begin(n).await;
                self.actors[n].steps += 1;
                self.world.store.set_on_the_way(Some(n));
                let where_to = self.follow(n, true).await;
                trace.note(format_args!("{n} begins to {:?}, and {where_to}", self.actors[n].act));
            }
            Step::GoesOn(n) => {
                self.actors[n].steps += 1;
                self.world.store.set_on_the_way(Some(n));
                match self.answers.remove(&n) {
                    Some(id) => drop(self.world.emulator.release_call(id)),
                    None => self.world.store.release(n),
                }
                let where_to = self.follow(n, false).await;
                trace.note(format_args!("{n} goes on, and {where_to}"));
            }
            Step::Moves => {
                self.world.store.set_on_the_way(None);
                let Some(a_move) = self.moves.pop_front() else { return };
                trace.note(format_args!("{a_move:?}"));
                self.world.freely(self.world.make(&self.key, a_move)).await;
                self.made += 1;
                self.world.collect();
            }
        }
    }

    async fn begin(&mut self, n: usize) {
        let Actor { act, instance, .. } = self.actors[n];
        let nango = self.instances[instance].clone();
        let task = self.world.set_to_work(n, act, nango, &self.key).await;
        self.actors[n].state = task.map_or(State::Done, State::Works);
    }

    /// Waits until somebody who was on their way stands somewhere, or is done.
    async fn follow(&mut self, n: usize, begins: bool) -> String {
        let store = self.world.store.clone();
        loop {
            let mut change = std::pin::pin!(store.changed.notified());
            change.as_mut().enable();
            // Whatever needs no network happens meanwhile: who queued behind this one goes on, too.
            for _ in 0..8 {
                yield_now().await;
            }
            if self.is_finished(n) {
                return "is done".to_owned();
            }
            if let Some(point) = store.stopped(n) {
                return format!("stands {point:?}");
            }
            if begins && self.is_behind_another(n) {
                return "queues".to_owned();
            }
            tokio::select! {
                () = change => {}
                held = self.world.emulator.calls_held(self.answers.len() + 1) => {
                    let new = held.iter().find(|call| !self.answers.values().any(|id| *id == call.id)).unwrap();
                    self.answers.insert(n, new.id);
                    let changes = self.made + self.given;
                    let looked = self.looked.insert(n, changes);
                    if new.method == "PATCH" {
                        self.note_patch(n, looked, changes).await;
                    }
                    return format!("has an answer before it: {} {} {}", new.method, new.path, new.status);
                }
            }
        }
    }

    /// Tags were replaced by somebody who last had the connection shown after so many of so many changes.
    async fn note_patch(&mut self, n: usize, looked: Option<usize>, changes: usize) {
        self.world.store.set_on_the_way(None);
        assert!(looked.is_some(), "tags are replaced that nobody has looked at");
        // Who gives it away has not written yet whose it is.
        let is_being_given = self.given > 0
            && self.actors.iter().any(|actor| {
                actor.act == Act::Transfer
                    && matches!(&actor.state, State::Works(task) if !task.is_finished())
            });
        if is_being_given || looked < Some(changes) {
            self.world.note_blind_patch(&self.key).await;
        }
        if self.actors[n].act == Act::Transfer {
            self.given += 1;
            self.world.freely(self.world.note_tags(&self.key, Some("bob"))).await;
        }
    }

    fn is_finished(&self, n: usize) -> bool {
        match &self.actors[n].state {
            State::Works(task) => task.is_finished(),
            State::Waits | State::Done => true,
        }
    }

    /// Whether another of the same instance looks at the connection.
    fn is_behind_another(&self, n: usize) -> bool {
        let looks = |m: usize| self.actors[m].act.queues() && !self.is_finished(m) && self.stands(m);
        let others = |m: &usize| *m != n && self.actors[*m].instance == self.actors[n].instance;
        self.actors[n].act.queues() && (0..self.actors.len()).filter(others).any(looks)
    }
}
