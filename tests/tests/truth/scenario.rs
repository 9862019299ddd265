//! Scenarios: operations on one connection, each stopped wherever another one can overtake it.

use std::collections::BTreeSet;
use std::fmt;
use std::thread;

use nango_core::ConnectionKey;
use nango_emulator::CallFaults;

use crate::executor::Executor;
use crate::footprint::{Accesses, Footprint};
use crate::harness::Harness;
use crate::operation::Operation;
use crate::store::{Part, Point};
use crate::upstream::UpstreamEvent;

/// Concurrent operations, and what happens at Nango meanwhile.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    /// Each operation, and the instance of the app that makes it.
    pub(crate) operations: Vec<(Operation, usize)>,
    pub(crate) events: Vec<UpstreamEvent>,
    /// Where the store stops actors. Nango's answers are always held.
    pub(crate) stops: &'static [Point],
    /// The steps that were seen to make other accesses than predicted: the actor, and the number of
    /// the step.
    pub(crate) mispredicted: BTreeSet<(usize, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Begin(usize),
    Resume(usize, Part),
    Upstream,
}

/// The steps of a run. They are printed when it fails.
#[derive(Debug)]
pub(crate) struct Trace {
    lines: Vec<String>,
    /// The accesses of each step.
    pub(crate) accesses: Vec<Accesses>,
    /// The steps that made other accesses than predicted.
    pub(crate) mispredicted: BTreeSet<(usize, usize)>,
}

impl Drop for Trace {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the steps were:\n  {}", self.lines.join("\n  "));
        }
    }
}

impl Trace {
    pub(crate) fn note(&mut self, line: fmt::Arguments<'_>) {
        self.lines.push(line.to_string());
    }
}

/// Plays a scenario on the one connection of a harness. `choose` picks one of so many steps.
pub(crate) async fn play(
    harness: &mut Harness,
    key: &ConnectionKey,
    scenario: &Scenario,
    choose: &mut dyn FnMut(usize) -> usize,
) -> Trace {
    let mut trace =
        Trace { lines: vec![format!("{scenario:?}")], accesses: Vec::new(), mispredicted: BTreeSet::new() };
    let mut executor = Executor::new(harness, key, scenario);
    executor.harness.store.stop_at(scenario.stops);
    executor.harness.emulator.fail_calls(CallFaults::hold("/connections*", u32::MAX));
    let mut last: Option<(Step, Footprint, Vec<Step>)> = None;
    loop {
        let steps = executor.steps().await;
        if steps.is_empty() {
            break;
        }
        // Two steps that commute lead to the same state in both orders: one of the orders is
        // enough.
        let is_needed = |step: &&Step| match &last {
            Some((before, footprint, others)) => {
                *step >= before
                    || !others.contains(step)
                    || !footprint.commutes_with(executor.footprint(**step))
            }
            None => true,
        };
        let mut needed: Vec<Step> = steps.iter().filter(is_needed).copied().collect();
        if needed.is_empty() {
            needed.clone_from(&steps);
        }
        let step = needed[choose(needed.len())];
        let (footprint, number) = (executor.footprint(step), executor.number(step));
        last = Some((step, footprint, steps));
        executor.harness.store.take_accesses();
        executor.take(step, &mut trace).await;
        let accesses = executor.harness.store.take_accesses();
        if !footprint.covers(&accesses) {
            trace.mispredicted.insert(number.expect("an event makes no other accesses than predicted"));
        }
        trace.accesses.push(accesses);
        executor.harness.check_now().await;
    }
    assert!(executor.is_over(), "an operation is stuck");
    executor.harness.emulator.clear_faults();
    executor.harness.emulator.drop_next(1_000);
    executor.harness.store.stop_at(&[]);
    executor.harness.store.set_running(None);
    trace
}
