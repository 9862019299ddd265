//! When the sweeper sweeps.

use std::time::Duration;

use tokio::time::Instant;

use super::drain::Drained;
use super::sweeper::{LEASE, TICK};

/// How long after a sweep that failed the next one is tried; twice as long after each further one.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// What became of a sweep that was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Swept {
    /// It was made.
    Done,
    /// Another instance sweeps, or has swept not long ago.
    Elsewhere,
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

    pub(super) fn drained(&mut self, Drained { looked, due, away, flooded, .. }: Drained, now: Instant) {
        // Rows that wait only for the app's handler say nothing about an outage.
        let over = !away && (looked > 0 || due == looked);
        // One by one takes too long: a page of the list looks after a thousand marks. But not if sweeping fails.
        let flooded = flooded && self.failures == 0 && now.duration_since(self.last) > TICK;
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
            // Whoever has the lease may have died.
            Swept::Elsewhere => self.interval.min(LEASE),
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

    /// A pass over so many marks, of which some were looked after.
    fn pass(due: usize, looked: usize, away: bool) -> Drained {
        Drained { due, looked, left: due - looked, away, ..Drained::default() }
    }

    #[test]
    fn it_sweeps_in_its_interval() {
        let now = Instant::now();
        let mut schedule = Schedule::new(INTERVAL, now);
        schedule.drained(pass(3, 3, false), now);
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
        schedule.drained(pass(2, 0, true), now);
        assert!(!schedule.is_due(now), "nango is away");
        schedule.drained(pass(2, 0, false), now);
        assert!(!schedule.is_due(now), "nobody knows: the marks wait");
        schedule.drained(pass(2, 1, false), now);
        assert!(schedule.is_due(now));
        schedule.swept(Swept::Done, now);
        schedule.outage = true;
        schedule.drained(Drained { left: 7, ..pass(0, 0, false) }, now);
        assert!(
            schedule.is_due(now),
            "the store is back, and a handler that fails has nothing to do with it"
        );
    }

    #[test]
    fn a_flood_of_marks_is_swept_away_unless_sweeping_fails() {
        let now = Instant::now();
        let later = now + TICK * 2;
        let flood = Drained { flooded: true, ..pass(500, 500, false) };
        let mut schedule = Schedule::new(INTERVAL, now);
        schedule.drained(flood, later);
        assert!(schedule.is_due(later));
        schedule.swept(Swept::Failed, later);
        schedule.drained(flood, later + TICK * 2);
        assert!(!schedule.is_due(later + TICK * 2), "what fails is not hurried");
    }

    #[test]
    fn another_instance_that_sweeps_may_die() {
        let now = Instant::now();
        let mut schedule = Schedule::new(INTERVAL, now);
        schedule.swept(Swept::Elsewhere, now);
        assert!(schedule.is_due(now + LEASE.mul_f64(1.1)));
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
