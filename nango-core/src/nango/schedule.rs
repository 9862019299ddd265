//! When the sweeper sweeps.

use std::time::Duration;

use tokio::time::Instant;

use super::drain::Drained;
use super::sweeper::TICK;

/// How long after a sweep that failed the next one is tried; twice as long after each further one.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// What became of a sweep that was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Swept {
    /// It was made, by us or by the holder of the lease.
    Done,
    Failed,
}

/// When to sweep.
#[derive(Debug)]
pub(super) struct Schedule {
    interval: Duration,
    last: Instant,
    next: Instant,
    /// Whether deliveries may have been lost since the last sweep.
    pub(super) outage: bool,
    failures: u32,
}

impl Schedule {
    pub(super) fn new(interval: Duration, now: Instant) -> Self {
        Self { interval, last: now, next: now + jittered(interval), outage: false, failures: 0 }
    }

    pub(super) fn drained(&mut self, Drained { looked, left, more, away, .. }: Drained, now: Instant) {
        let over = !away && (looked > 0 || left == 0);
        // One by one takes too long: a page of the list looks after a thousand marks.
        let flooded = more && now.duration_since(self.last) > TICK;
        if flooded || (self.outage && over) {
            self.next = now;
        }
        self.outage = (self.outage || away) && !over;
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        now >= self.next
    }

    pub(super) fn swept(&mut self, swept: Swept, now: Instant) {
        self.last = now;
        let wait = match swept {
            Swept::Done => {
                self.failures = 0;
                self.interval
            }
            Swept::Failed => {
                let longer = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
                self.failures = self.failures.saturating_add(1);
                AFTER_FAILURE.saturating_mul(longer).min(self.interval)
            }
        };
        self.next = self.last + jittered(wait);
    }
}

fn jittered(interval: Duration) -> Duration {
    interval.mul_f64(rand::random_range(0.9..1.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(300);

    fn pass(looked: usize, left: usize, away: bool) -> Drained {
        Drained { looked, left, away, ..Drained::default() }
    }

    #[test]
    fn it_sweeps_in_its_interval() {
        let now = Instant::now();
        let mut schedule = Schedule::new(INTERVAL, now);
        schedule.drained(pass(3, 0, false), now);
        assert!(!schedule.is_due(now));
        let later = now + INTERVAL.mul_f64(1.1);
        assert!(schedule.is_due(later));
        schedule.swept(Swept::Done, later);
        assert!(!schedule.is_due(later));
    }

    #[test]
    fn it_sweeps_right_after_an_outage() {
        let now = Instant::now();
        let mut schedule = Schedule::new(INTERVAL, now);
        schedule.drained(pass(0, 2, true), now);
        assert!(!schedule.is_due(now), "nango is away");
        schedule.drained(pass(0, 2, false), now);
        assert!(!schedule.is_due(now), "nobody knows: the marks wait");
        schedule.drained(pass(1, 1, false), now);
        assert!(schedule.is_due(now));
        schedule.swept(Swept::Done, now);
        schedule.outage = true;
        schedule.drained(pass(0, 0, false), now);
        assert!(schedule.is_due(now), "the store is back");
    }

    #[test]
    fn a_sweep_that_failed_is_tried_again_sooner_and_then_less_often() {
        let now = Instant::now();
        let mut schedule = Schedule::new(INTERVAL, now);
        let mut wait_after = |swept| {
            schedule.swept(swept, now);
            (schedule.next - now).as_secs_f64()
        };
        let waits: Vec<_> = (0..8).map(|_| wait_after(Swept::Failed)).collect();
        assert!(waits[0] < 6.0 && waits[1] > 8.0 && waits[7] > 250.0, "{waits:?}");
        assert!(wait_after(Swept::Done) > 250.0);
        assert!(wait_after(Swept::Failed) < 6.0);
    }
}
