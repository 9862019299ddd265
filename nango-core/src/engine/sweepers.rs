//! The sweepers of this process, and a warning if work waits for one and there is none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::sleep;

/// The time from the first work to the warning. A program may start its sweeper after its server.
const GRACE: Duration = Duration::from_secs(10);

/// The number of sweepers that run in this process.
#[derive(Debug, Default)]
pub(crate) struct Sweepers {
    running: AtomicUsize,
    /// `true` once one has run, or the app has drained by itself.
    has_run: AtomicBool,
    has_work: AtomicBool,
}

/// A running sweeper. It has ended when this is dropped.
#[derive(Debug)]
pub(crate) struct RunningSweeper(Arc<Sweepers>);

impl Sweepers {
    pub(crate) fn begin(self: &Arc<Self>) -> RunningSweeper {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.note_run();
        RunningSweeper(Arc::clone(self))
    }

    pub(super) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    /// Takes note that marks and pending notifications are processed in this process.
    pub(crate) fn note_run(&self) {
        self.has_run.store(true, Ordering::Relaxed);
    }

    /// Takes note that work was left for a sweeper: the first time, and without one, a warning
    /// follows. Work that is left while the app ends, after its sweeper, is as it should be.
    pub(super) fn note_work(self: &Arc<Self>) {
        if self.has_run.load(Ordering::Relaxed) || self.has_work.swap(true, Ordering::Relaxed) {
            return;
        }
        let sweepers = Arc::downgrade(self);
        tokio::spawn(async move {
            sleep(GRACE).await;
            if sweepers.upgrade().is_some_and(|sweepers| !sweepers.has_run.load(Ordering::Relaxed)) {
                tracing::warn!(
                    "work is waiting for the sweeper, and this process runs none; call `nango.spawn_sweeper(..)` and keep \
                     what it returns, unless another instance of the app on this store runs one"
                );
            }
        });
    }
}

impl Drop for RunningSweeper {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sweepers_are_counted_while_they_run() {
        let sweepers = Arc::<Sweepers>::default();
        let (one, other) = (sweepers.begin(), sweepers.begin());
        assert_eq!(sweepers.running(), 2);
        drop((one, other));
        assert_eq!(sweepers.running(), 0);
        sweepers.note_work();
        assert!(!sweepers.has_work.load(Ordering::Relaxed), "a sweeper has run, and was stopped");
    }
}
