//! The task that keeps the store in line with Nango.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::Nango;
use super::drain::Waiting;

/// How often marks are looked for.
const TICK: Duration = Duration::from_secs(1);

/// How long a sweeper may be silent before another instance takes over.
const LEASE: Duration = Duration::from_secs(60);

/// How long a graceful stop may take.
const STOP: Duration = Duration::from_secs(10);

const LEASE_NAME: &str = "sweep";

/// A running sweeper. It goes on when this is dropped; [`stop`](Self::stop) ends it.
#[derive(Debug)]
pub struct Sweeper {
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Sweeper {
    /// Ends the sweeper when it has finished what it is at, or after ten seconds.
    pub async fn stop(mut self) {
        // Nobody listens when the task has ended by itself.
        let _ = self.stopping.send(true);
        if timeout(STOP, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

impl Nango {
    /// Starts the task that looks after marks, once a second, and sweeps, every `interval` (give or take a tenth).
    ///
    /// Every instance of an app should have one. Of several on one database one sweeps at a time, and another takes over when
    /// it dies; marks are drained by all of them.
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
        let mut waiting = Waiting::default();
        let mut swept = Instant::now();
        let mut next_sweep = Instant::now() + jittered(interval);
        while !*stop.borrow() {
            let flooded = match self.drain_except(&mut waiting).await {
                Ok(drained) => drained.more && swept.elapsed() > TICK,
                Err(error) => {
                    tracing::warn!(%error, "could not look after marks");
                    false
                }
            };
            // One by one takes too long: a page of the list looks after a thousand marks.
            if flooded || Instant::now() >= next_sweep {
                self.sweep_if_ours(&holder, &mut stop).await;
                swept = Instant::now();
                next_sweep = swept + jittered(interval);
            }
            tokio::select! {
                () = sleep(TICK) => {}
                _ = stop.changed() => {}
            }
        }
        if let Some(lease) = self.0.store.lease() {
            // It ends by itself, too.
            let _ = lease.release(LEASE_NAME, &holder).await;
        }
    }

    async fn sweep_if_ours(&self, holder: &str, stop: &mut watch::Receiver<bool>) {
        let Some(lease) = self.0.store.lease() else { return self.sweep_once(stop).await };
        match lease.acquire(LEASE_NAME, holder, LEASE).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(%error, "could not take the sweeper's lease");
                return;
            }
        }
        let prolong = async {
            loop {
                sleep(LEASE / 3).await;
                // A lease that is lost costs double work and nothing else.
                let _ = lease.acquire(LEASE_NAME, holder, LEASE).await;
            }
        };
        tokio::select! {
            () = self.sweep_once(stop) => {}
            () = prolong => {}
        }
    }

    async fn sweep_once(&self, stop: &mut watch::Receiver<bool>) {
        let sweep = async {
            match self.sweep().run().await {
                Ok(report) => tracing::info!(?report, "swept"),
                Err(error) => tracing::warn!(%error, "could not sweep"),
            }
        };
        tokio::select! {
            () = sweep => {}
            _ = stop.wait_for(|stopping| *stopping) => {}
        }
    }
}

fn jittered(interval: Duration) -> Duration {
    interval.mul_f64(rand::random_range(0.9..1.1))
}
