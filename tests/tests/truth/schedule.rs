//! Who goes on next: several at work on one connection, each stopped wherever it can be overtaken.

use std::fmt;
use std::thread;

use nango_core::ConnectionRef;
use nango_emulator::CallFaults;

use crate::acts::Act;
use crate::moves::Move;
use crate::stage::Stage;
use crate::store::Point;
use crate::world::World;

/// Several at work, and what happens meanwhile.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    /// What is done, and by which instance of the app.
    pub(crate) acts: Vec<(Act, usize)>,
    pub(crate) moves: Vec<Move>,
    /// Where the store stops who comes by. Nango's answers are always held.
    pub(crate) stops: &'static [Point],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Begins(usize),
    GoesOn(usize),
    Moves,
}

/// What a step has to do with what others do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Reads the row.
    Reads,
    /// Takes a delivery, then reads the row.
    TakesAndReads,
    /// Has Nango answer, and may read the row, too.
    Looks,
    /// Changes the connection at Nango.
    Moves,
    Anything,
}

impl Effect {
    fn commutes_with(self, other: Self) -> bool {
        use Effect::{Looks, Moves, Reads, TakesAndReads};
        match (self, other) {
            (Reads | TakesAndReads | Looks, Reads | TakesAndReads | Looks) => {
                (self, other) != (TakesAndReads, TakesAndReads)
            }
            (Reads, Moves) | (Moves, Reads) => true,
            _ => false,
        }
    }
}

/// What has happened, for who has to understand a failure.
pub(crate) struct Trace(Vec<String>);

impl Drop for Trace {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("what happened:\n  {}", self.0.join("\n  "));
        }
    }
}

impl Trace {
    pub(crate) fn note(&mut self, what: fmt::Arguments<'_>) {
        self.0.push(what.to_string());
    }
}

/// Plays a scene on the one connection of a world. `choose` says which of so many goes on.
pub(crate) async fn play(
    world: &mut World,
    key: &ConnectionRef,
    scene: &Scene,
    choose: &mut dyn FnMut(usize) -> usize,
) -> Trace {
    let mut trace = Trace(vec![format!("{scene:?}")]);
    let mut stage = Stage::new(world, key, scene);
    stage.world.store.stop_at(scene.stops);
    stage.world.emulator.fail_calls(CallFaults::hold("/connections*", u32::MAX));
    let mut last: Option<(Step, Effect, Vec<Step>)> = None;
    loop {
        let steps = stage.steps().await;
        if steps.is_empty() {
            break;
        }
        // Two steps that do not see each other lead to the same place in both orders: one of them is enough.
        let worth = |step: &&Step| match &last {
            Some((before, effect, others)) => {
                *step >= before || !others.contains(step) || !effect.commutes_with(stage.effect(**step))
            }
            None => true,
        };
        let mut worthy: Vec<Step> = steps.iter().filter(worth).copied().collect();
        if worthy.is_empty() {
            worthy.clone_from(&steps);
        }
        let step = worthy[choose(worthy.len())];
        last = Some((step, stage.effect(step), steps));
        stage.take(step, &mut trace).await;
        stage.world.check_now().await;
    }
    assert!(stage.is_over(), "somebody is stuck");
    stage.world.emulator.clear_faults();
    stage.world.emulator.drop_next(1_000);
    stage.world.store.stop_at(&[]);
    trace
}
