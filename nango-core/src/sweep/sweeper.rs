//! The background task that keeps the store in line with Nango.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::request::SweepRequest;
use super::schedule::{LEASE, Outcome, Schedule, TICK};
use crate::engine::{Engine, RunningSweeper, Waiting};
use crate::report::BackgroundFailure;
use crate::setup::check_at_start;
use crate::sync::stopped;

/// The deadline of a graceful stop.
const STOP: Duration = Duration::from_secs(10);

const LEASE_NAME: &str = "sweep";

/// The longest interval that makes sense, and that no clock overflows with.
const MAX_INTERVAL: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A running sweeper. It goes on when this is dropped; [`stop`](Self::stop) ends it.
#[derive(Debug)]
pub struct Sweeper {
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Sweeper {
    pub(crate) fn spawn(engine: Engine, allowed: Vec<String>, interval: Duration) -> Self {
        let (stopping, stop) = watch::channel(false);
        let holder = format!("{:032x}", rand::random::<u128>());
        let running = engine.sweepers.begin();
        let checked = engine.clone();
        // Beside the marks, which do not wait for it.
        tokio::spawn(async move { check_at_start(&checked, &allowed).await });
        let mut task = Task { engine, interval: interval.min(MAX_INTERVAL), holder, stop, _running: running };
        Self { stopping, task: tokio::spawn(async move { task.run().await }) }
    }

    /// Stops the sweeper: after the marks that it is looking at, and at once in the middle of a
    /// sweep, whose rest is left to the next one. Waits for at most ten seconds.
    ///
    /// Notifications that others began go on beside it: a graceful stop ends the server, stops the
    /// sweeper, and then waits for [`Nango::settled`](crate::Nango::settled).
    pub async fn stop(mut self) {
        // Fails when the task has ended by itself.
        let _ = self.stopping.send(true);
        if timeout(STOP, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

struct Task {
    engine: Engine,
    interval: Duration,
    holder: String,
    stop: watch::Receiver<bool>,
    _running: RunningSweeper,
}

impl Task {
    async fn run(&mut self) {
        let mut waiting = Waiting::default();
        let mut schedule = Schedule::new(self.interval, Instant::now());
        while !*self.stop.borrow() {
            match self.engine.drain(&mut waiting).await {
                Ok(report) => schedule.record_drain(report, Instant::now()),
                Err(error) => {
                    self.engine.reporter.report(BackgroundFailure::Drain { error });
                    schedule.record_outage();
                }
            }
            if schedule.is_due(Instant::now()) {
                let outcome = self.sweep_with_lease().await;
                schedule.record_sweep(outcome, Instant::now());
            }
            self.engine.reporter.flush();
            tokio::select! {
                () = sleep(TICK) => {}
                () = stopped(&mut self.stop) => {}
            }
        }
        if let Some(lease) = self.engine.store.lease() {
            // If this fails, the lease ends by itself.
            let _ = lease.release(LEASE_NAME, &self.holder).await;
        }
    }

    async fn sweep_with_lease(&mut self) -> Outcome {
        let engine = self.engine.clone();
        let Some(lease) = engine.store.lease() else { return self.sweep().await };
        let holder = self.holder.clone();
        match lease.acquire(LEASE_NAME, &holder, LEASE).await {
            Ok(true) => {}
            Ok(false) => return Outcome::Elsewhere,
            Err(error) => {
                engine.reporter.report(BackgroundFailure::Lease { error: error.into() });
                return Outcome::Failed;
            }
        }
        let prolong = async {
            loop {
                sleep(LEASE / 3).await;
                // A lost lease costs double work and nothing else.
                let _ = lease.acquire(LEASE_NAME, &holder, LEASE).await;
            }
        };
        let outcome = tokio::select! {
            outcome = self.sweep() => outcome,
            () = prolong => Outcome::Done,
        };
        if outcome == Outcome::Done {
            // Keeps other instances from sweeping before the next interval.
            let _ = lease.acquire(LEASE_NAME, &holder, self.interval.mul_f64(0.9).max(LEASE)).await;
        }
        outcome
    }

    async fn sweep(&mut self) -> Outcome {
        let sweep = async {
            match SweepRequest::new(self.engine.clone()).run().await {
                Ok(report) => {
                    tracing::info!("swept: {report}");
                    Outcome::Done
                }
                Err(error) => {
                    self.engine.reporter.report(BackgroundFailure::Sweep { error });
                    Outcome::Failed
                }
            }
        };
        tokio::select! {
            outcome = sweep => outcome,
            () = stopped(&mut self.stop) => Outcome::Elsewhere,
        }
    }
}
