//! The emulator's own clock, which can be moved forward.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::Notify;

/// Real time plus an offset. Everything that waits or expires asks this clock, so that advancing it
/// expires sessions and tokens and lets pending webhook retries happen at once.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_ms: AtomicI64,
    advanced: Notify,
}

impl Clock {
    /// Now, cut to milliseconds: no timestamp of Nango's shows more.
    pub(crate) fn now(&self) -> Timestamp {
        let real = Timestamp::now().as_millisecond();
        let moved = real.saturating_add(self.offset_ms.load(Ordering::SeqCst));
        Timestamp::from_millisecond(moved).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 4);
        self.offset_ms.fetch_add(by, Ordering::SeqCst);
        self.advanced.notify_waiters();
    }

    pub(crate) fn offset(&self) -> i64 {
        self.offset_ms.load(Ordering::SeqCst)
    }

    pub(crate) fn set_offset(&self, offset: i64) {
        self.offset_ms.store(offset, Ordering::SeqCst);
        self.advanced.notify_waiters();
    }

    /// Waits until `duration` has passed on this clock.
    pub(crate) async fn sleep(&self, duration: Duration) {
        let deadline = later(self.now(), duration);
        loop {
            // Armed before the clock is read: an advance in between must not be missed.
            let advanced = self.advanced.notified();
            tokio::pin!(advanced);
            advanced.as_mut().enable();
            let left = deadline.as_millisecond() - self.now().as_millisecond();
            let Ok(left) = u64::try_from(left) else { return };
            if left == 0 {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(left)) => {}
                () = &mut advanced => {}
            }
        }
    }
}

/// `at` plus `by`, without overflow.
pub(crate) fn later(at: Timestamp, by: Duration) -> Timestamp {
    let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 4);
    Timestamp::from_millisecond(at.as_millisecond().saturating_add(by)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn advancing_ends_a_sleep() {
        let clock = std::sync::Arc::new(Clock::default());
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(3600)).await }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        clock.advance(Duration::from_secs(3601));
        tokio::time::timeout(Duration::from_secs(2), sleeper).await.unwrap().unwrap();
    }
}
