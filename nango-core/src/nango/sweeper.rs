//! The task that keeps the store in line with Nango.

use std::future::pending;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::Nango;
use super::drain::Waiting;
use super::schedule::{Schedule, Swept};

/// How often marks are looked for.
pub(super) const TICK: Duration = Duration::from_secs(1);

/// How long a sweeper may be silent before another instance takes over.
pub(super) const LEASE: Duration = Duration::from_secs(60);

/// How long a graceful stop may take.
const STOP: Duration = Duration::from_secs(10);

const LEASE_NAME: &str = "sweep";

/// The longest interval that makes sense, and one that no clock overflows with.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A running sweeper. It goes on when this is dropped; [`stop`](Self::stop) ends it.
#[derive(Debug)]
pub struct Sweeper {
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Sweeper {
    /// Ends the sweeper: when it has looked after the marks that it is at, and at once in the middle of a sweep, whose rest is
    /// left to the next one. Waits for it at most ten seconds.
    pub async fn stop(mut self) {
        // Nobody listens when the task has ended by itself.
        let _ = self.stopping.send(true);
        if timeout(STOP, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

impl Nango {
    /// Starts the task that looks after marks, once a second, and sweeps, every `interval` (give or take a tenth) and after
    /// every outage of Nango or of the store, whose deliveries may be lost.
    ///
    /// Every instance of an app should have one. Of several on one database one sweeps in each interval, and another takes over
    /// when it dies: within a minute if that is in the middle of a sweep. Marks are drained by all of them.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    #[must_use = "keep it, to be able to stop it"]
    pub fn spawn_sweeper(&self, interval: Duration) -> Sweeper {
        let (stopping, stop) = watch::channel(false);
        let nango = self.clone();
        let task = tokio::spawn(async move { nango.keep_in_line(interval, stop).await });
        Sweeper { stopping, task }
    }

    async fn keep_in_line(&self, interval: Duration, mut stop: watch::Receiver<bool>) {
        let holder = format!("{:032x}", rand::random::<u128>());
        let interval = interval.min(YEAR);
        let mut waiting = Waiting::default();
        let mut schedule = Schedule::new(interval, Instant::now());
        while !*stop.borrow() {
            match self.drain_except(&mut waiting).await {
                Ok(drained) => schedule.drained(drained, Instant::now()),
                Err(error) => {
                    tracing::warn!(%error, "could not look after marks");
                    schedule.outage = true;
                }
            }
            if schedule.is_due(Instant::now()) {
                let swept = self.sweep_if_ours(&holder, interval, &mut stop).await;
                schedule.swept(swept, Instant::now());
            }
            tokio::select! {
                () = sleep(TICK) => {}
                () = told_to(&mut stop) => {}
            }
        }
        if let Some(lease) = self.0.store.lease() {
            // It ends by itself, too.
            let _ = lease.release(LEASE_NAME, &holder).await;
        }
    }

    async fn sweep_if_ours(
        &self,
        holder: &str,
        interval: Duration,
        stop: &mut watch::Receiver<bool>,
    ) -> Swept {
        let Some(lease) = self.0.store.lease() else { return self.sweep_once(stop).await };
        match lease.acquire(LEASE_NAME, holder, LEASE).await {
            Ok(true) => {}
            Ok(false) => return Swept::Elsewhere,
            Err(error) => {
                tracing::warn!(%error, "could not take the sweeper's lease");
                return Swept::Failed;
            }
        }
        let prolong = async {
            loop {
                sleep(LEASE / 3).await;
                // A lease that is lost costs double work and nothing else.
                let _ = lease.acquire(LEASE_NAME, holder, LEASE).await;
            }
        };
        let swept = tokio::select! {
            swept = self.sweep_once(stop) => swept,
            () = prolong => Swept::Done,
        };
        if swept == Swept::Done {
            // Nobody else need sweep before we are due again.
            let _ = lease.acquire(LEASE_NAME, holder, interval.mul_f64(0.9).max(LEASE)).await;
        }
        swept
    }

    async fn sweep_once(&self, stop: &mut watch::Receiver<bool>) -> Swept {
        let sweep = async {
            match self.sweep().run().await {
                Ok(report) => {
                    tracing::info!(?report, "swept");
                    Swept::Done
                }
                Err(error) => {
                    tracing::warn!(%error, "could not sweep");
                    Swept::Failed
                }
            }
        };
        tokio::select! {
            swept = sweep => swept,
            () = told_to(stop) => Swept::Elsewhere,
        }
    }
}

/// Ends when the sweeper is told to stop: never, when nobody is left who could.
async fn told_to(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stopping| *stopping).await.is_err() {
        pending::<()>().await;
    }
}
