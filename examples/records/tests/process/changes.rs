//! What syncs do to the records, at random.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use nango_emulator::RecordBatch;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::bench::{Bench, CALM, Job, RESET};

const IDS: u32 = 80;

/// Changes records, and counts the states that each has had.
pub(crate) struct Changes {
    pub(crate) random: StdRng,
    states: HashMap<(&'static str, String), i64>,
    next: u32,
}

impl Changes {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: StdRng::seed_from_u64(seed), states: HashMap::new(), next: 0 }
    }

    pub(crate) fn states(&self, connection: &'static str, id: &str) -> i64 {
        self.states.get(&(connection, id.to_owned())).copied().unwrap_or_default()
    }

    pub(crate) fn connection(&mut self) -> &'static str {
        if self.random.random_bool(0.5) { CALM } else { RESET }
    }

    /// Runs a sync that saves, deletes, or fails after it has saved; its webhook may be lost.
    pub(crate) async fn run(&mut self, bench: &Bench, connection: &'static str) {
        if self.random.random_bool(0.3) {
            bench.emulator.drop_next(1);
        }
        let live = bench.existing(connection);
        let job: Job = match self.random.random_range(0..4) {
            0 => {
                let gone = live.into_keys().sample(&mut self.random, 3);
                let gone = self.count(connection, gone);
                Arc::new(move |run| run.delete("Issue", &gone))
            }
            // What it does not save is deleted, and keeps its data.
            1 => {
                let gone = live.keys().cloned().sample(&mut self.random, 3);
                let gone = self.count(connection, gone);
                let kept = live.into_iter().filter(|(id, _)| !gone.contains(id));
                let kept: Vec<_> = kept.map(|(id, (title, state, _))| issue(&id, &title, &state)).collect();
                Arc::new(move |run| {
                    run.track_deletes_start("Issue")?;
                    run.save("Issue", kept.clone())?;
                    run.track_deletes_end("Issue")
                })
            }
            _ => {
                let records = self.issues(connection, 6);
                let fails = self.random.random_bool(0.3);
                Arc::new(move |run| {
                    run.save("Issue", records.clone())?;
                    if fails { Err("the next page is missing".into()) } else { Ok(()) }
                })
            }
        };
        bench.run(connection, job).await;
    }

    /// Saves much while the worker is not running. With a pause between batches, a page of records spans more
    /// time than the overlap of the worker.
    pub(crate) fn backlog(&mut self, bench: &Bench, connection: &'static str, pause: Duration) {
        for _ in 0..self.random.random_range(10..25) {
            let records = self.issues(connection, 8);
            bench.records(connection).save(records).unwrap();
            bench.emulator.advance(pause);
        }
    }

    /// Begins a batch whose records appear later, behind those that are saved meanwhile.
    pub(crate) fn begin_late(
        &mut self,
        bench: &Bench,
        connection: &'static str,
    ) -> (RecordBatch, Vec<Value>) {
        self.next += 1;
        let id = format!("late-{}", self.next);
        self.count(connection, [id.clone()]);
        (bench.records(connection).begin(), vec![issue(&id, "late", "open")])
    }

    /// Resets the sync of a connection: its records vanish, and some come back.
    pub(crate) async fn reset(&mut self, bench: &Bench) {
        let records = self.issues(RESET, IDS / 2);
        bench.reset(RESET, Arc::new(move |run| run.save("Issue", records.clone()))).await;
    }

    /// Returns up to so many issues, each in a state that it never had.
    fn issues(&mut self, connection: &'static str, most: u32) -> Vec<Value> {
        let count = usize::try_from(self.random.random_range(1..=most)).unwrap();
        let ids: Vec<_> = (0..IDS).sample(&mut self.random, count).iter().map(u32::to_string).collect();
        let ids = self.count(connection, ids);
        let mut issues = Vec::new();
        for id in ids {
            self.next += 1;
            let state = if self.random.random_bool(0.5) { "open" } else { "closed" };
            issues.push(issue(&id, &format!("Issue {id}, text {}", self.next), state));
        }
        issues
    }

    fn count(&mut self, connection: &'static str, ids: impl IntoIterator<Item = String>) -> Vec<String> {
        let ids: Vec<_> = ids.into_iter().collect();
        for id in &ids {
            *self.states.entry((connection, id.clone())).or_default() += 1;
        }
        ids
    }
}

fn issue(id: &str, title: &str, state: &str) -> Value {
    json!({ "id": id, "title": title, "state": state })
}
