//! Clock of the emulator, which tests can advance.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::Notify;

/// Real time plus an offset. Every wait and every expiry uses this clock, so advancing it expires
/// sessions and tokens and makes pending webhook retries due at once.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_ms: AtomicI64,
    advanced: Notify,
}

impl Clock {
    /// Returns the current time in whole milliseconds, Nango's precision.
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
        let deadline = saturating_add(self.now(), duration);
        loop {
            // Registered before the clock is read, so that an advance in between is not missed.
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

/// Adds a duration without overflow.
pub(crate) fn saturating_add(at: Timestamp, by: Duration) -> Timestamp {
    let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 4);
    Timestamp::from_millisecond(at.as_millisecond().saturating_add(by)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn advance_ends_a_sleep() {
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
