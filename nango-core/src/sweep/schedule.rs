//! The schedule of sweeps.

use std::time::Duration;

use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::engine::DrainReport;

/// The pause between two passes over the rows that are marked for a look.
pub(super) const TICK: Duration = Duration::from_secs(1);

/// The time after which another instance takes over from a sweeper that stopped without releasing its lease.
pub(super) const LEASE: Duration = Duration::from_secs(60);

/// The first pause after a failed sweep.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The outcome of a sweep that was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The sweep was made.
    Done,
    /// Another instance sweeps, or has swept not long ago.
    Elsewhere,
    Failed,
}

/// The time of the next sweep.
#[derive(Debug)]
pub(super) struct Schedule {
    interval: Duration,
    last: Instant,
    next: Instant,
    /// `true` if deliveries may have been lost since the last sweep.
    outage: bool,
    failures: u32,
}

impl Schedule {
    pub(super) fn new(interval: Duration, now: Instant) -> Self {
        Self { interval, last: now, next: now + jittered(interval), outage: false, failures: 0 }
    }

    /// Takes note that the store was unavailable.
    pub(super) fn record_outage(&mut self) {
        self.outage = true;
    }

    pub(super) fn record_drain(&mut self, report: DrainReport, now: Instant) {
        let DrainReport { looked, due, nango_unavailable, batch_was_full, .. } = report;
        // Rows that only wait for the app's handler say nothing about an outage.
        let is_over = !nango_unavailable && (looked > 0 || due == looked);
        // A thousand looks take longer than a page of the list. But a failing sweep is not hurried.
        let is_flooded = batch_was_full && self.failures == 0 && now.duration_since(self.last) > TICK;
        if is_flooded || (self.outage && is_over) {
            self.next = now;
        }
        self.outage = (self.outage || nango_unavailable) && !is_over;
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        now >= self.next
    }

    pub(super) fn record_sweep(&mut self, outcome: Outcome, now: Instant) {
        self.last = now;
        let pause = match outcome {
            Outcome::Done => {
                self.failures = 0;
                self.interval
            }
            // The holder of the lease may have died.
            Outcome::Elsewhere => self.interval.min(LEASE),
            Outcome::Failed => {
                let pause = Backoff::new(AFTER_FAILURE, self.interval).after(self.failures);
                self.failures = self.failures.saturating_add(1);
                pause
            }
        };
        self.next = self.last + jittered(pause);
    }
}

/// Spreads a pause by a tenth to both sides.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.9..1.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(300);

    /// A pass over some marks, of which some were looked at.
    fn pass(due: usize, looked: usize, unavailable: bool) -> DrainReport {
        DrainReport {
            due,
            looked,
            deferred: due - looked,
            nango_unavailable: unavailable,
            ..DrainReport::default()
        }
    }

    #[test]
    fn it_sweeps_in_its_interval() {
        let now = Instant::now();
        let mut schedule = Schedule::new(INTERVAL, now);
        schedule.record_drain(pass(3, 3, false), now);
        assert!(!schedule.is_due(now));
        let later = now + INTERVAL.mul_f64(1.1);
        assert!(schedule.is_due(later));
        schedule.record_sweep(Outcome::Done, later);
        assert!(!schedule.is_due(later));
    }

    #[test]
    fn it_sweeps_right_after_an_outage() {
        let now = Instant::now();
        let mut schedule = Schedule::new(INTERVAL, now);
        schedule.record_drain(pass(2, 0, true), now);
        assert!(!schedule.is_due(now), "nango is unavailable");
        schedule.record_drain(pass(2, 0, false), now);
        assert!(!schedule.is_due(now), "the marks still wait");
        schedule.record_drain(pass(2, 1, false), now);
        assert!(schedule.is_due(now));
        schedule.record_sweep(Outcome::Done, now);
        schedule.record_outage();
        schedule.record_drain(DrainReport { deferred: 7, ..pass(0, 0, false) }, now);
        assert!(schedule.is_due(now), "the store is available again, and a failing handler does not matter");
    }

    #[test]
    fn a_flood_of_marks_causes_a_sweep_unless_sweeps_fail() {
        let now = Instant::now();
        let later = now + TICK * 2;
        let flood = DrainReport { batch_was_full: true, ..pass(500, 500, false) };
        let mut schedule = Schedule::new(INTERVAL, now);
        schedule.record_drain(flood, later);
        assert!(schedule.is_due(later));
        schedule.record_sweep(Outcome::Failed, later);
        schedule.record_drain(flood, later + TICK * 2);
        assert!(!schedule.is_due(later + TICK * 2), "a failing sweep is not hurried");
    }

    #[test]
    fn a_sweep_elsewhere_is_followed_up_within_the_lease() {
        let now = Instant::now();
        let mut schedule = Schedule::new(INTERVAL, now);
        schedule.record_sweep(Outcome::Elsewhere, now);
        assert!(schedule.is_due(now + LEASE.mul_f64(1.1)));
    }

    #[test]
    fn a_failed_sweep_is_retried_with_growing_pauses() {
        let now = Instant::now();
        let mut schedule = Schedule::new(INTERVAL, now);
        let mut pause_after = |outcome| {
            schedule.record_sweep(outcome, now);
            (schedule.next - now).as_secs_f64()
        };
        let pauses: Vec<_> = (0..8).map(|_| pause_after(Outcome::Failed)).collect();
        assert!(pauses[0] < 6.0 && pauses[1] > 8.0 && pauses[7] > 250.0, "{pauses:?}");
        assert!(pause_after(Outcome::Done) > 250.0);
        assert!(pause_after(Outcome::Failed) < 6.0);
    }
}
