//! Times as Nango writes them, and the clock that can be advanced.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::ser::Error as _;
use serde::{Serialize as _, Serializer};
use tokio::sync::Notify;

/// Formats `2026-11-23T09:02:01.045Z`: sessions, integrations, credentials, import.
pub(crate) fn utc(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Formats `2026-11-23T09:02:01.045+00:00`, always with three digits: `GET /connections/{id}`.
pub(crate) fn with_offset(at: Timestamp) -> String {
    let mut text = utc(at);
    text.truncate(text.len() - 1);
    text + "+00:00"
}

/// Formats `2026-11-23T09:02:01.04+00:00`, as Postgres prints JSON: `GET /connections`.
pub(crate) fn postgres(at: Timestamp) -> String {
    without_zeros(&utc(at))
}

/// Like [`postgres`] with microseconds, `2026-11-23T09:02:01.141757+00:00`: records.
pub(crate) fn postgres_micros(at: Timestamp) -> String {
    without_zeros(&format!("{at:.6}"))
}

fn without_zeros(text: &str) -> String {
    let (whole, fraction) = text.trim_end_matches('Z').split_once('.').unwrap_or((text, ""));
    match fraction.trim_end_matches('0') {
        "" => format!("{whole}+00:00"),
        fraction => format!("{whole}.{fraction}+00:00"),
    }
}

/// Converts a moment for the public API.
pub(crate) fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::try_from(at).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Serializes a moment as RFC 3339 in UTC.
pub(crate) fn serialize_utc<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    Timestamp::try_from(*at).map_err(S::Error::custom)?.serialize(serializer)
}

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

    /// Returns the current time in whole microseconds, the precision of Nango's records.
    pub(crate) fn now_micros(&self) -> Timestamp {
        let offset = self.offset_ms.load(Ordering::SeqCst).saturating_mul(1000);
        let moved = Timestamp::now().as_microsecond().saturating_add(offset);
        Timestamp::from_microsecond(moved).unwrap_or(Timestamp::MAX)
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

    #[test]
    fn timestamp_formats() {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        assert_eq!(utc(at(1_795_422_798_045)), "2026-11-23T08:33:18.045Z");
        assert_eq!(with_offset(at(1_795_422_798_000)), "2026-11-23T08:33:18.000+00:00");
        assert_eq!(postgres(at(1_795_422_798_820)), "2026-11-23T08:33:18.82+00:00");
        assert_eq!(postgres(at(1_795_422_798_000)), "2026-11-23T08:33:18+00:00");
        assert_eq!(postgres(at(1_795_422_800_000)), "2026-11-23T08:33:20+00:00");
        assert_eq!(postgres(at(1_795_424_400_000)), "2026-11-23T09:00:00+00:00");
        let micros = |us| postgres_micros(Timestamp::from_microsecond(us).unwrap());
        assert_eq!(micros(1_795_422_798_141_757), "2026-11-23T08:33:18.141757+00:00");
        assert_eq!(micros(1_795_422_798_433_880), "2026-11-23T08:33:18.43388+00:00");
        assert_eq!(micros(1_795_422_800_000_000), "2026-11-23T08:33:20+00:00");
    }

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
