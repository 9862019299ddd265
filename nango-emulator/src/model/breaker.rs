//! Circuit breaker for webhooks, as in a Nango with Redis (wire reference 8.5). Off by default.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use crate::time::saturating_add;

/// Number of failures within the window that a circuit tolerates.
const FAILURES: usize = 5;
/// Window in which failures count.
const WINDOW: Duration = Duration::from_secs(10);
/// Time for which an open circuit sends nothing.
const OPEN: Duration = Duration::from_secs(60);

/// Circuits by URL.
#[derive(Default)]
pub(crate) struct Breaker(HashMap<String, Circuit>);

#[derive(Default)]
struct Circuit {
    failures: VecDeque<Timestamp>,
    opened: Option<Timestamp>,
}

impl Breaker {
    pub(crate) fn is_open(&self, url: &str, now: Timestamp) -> bool {
        let opened = self.0.get(url).and_then(|circuit| circuit.opened);
        opened.is_some_and(|at| now < saturating_add(at, OPEN))
    }

    /// Records one attempt. Every outcome but 2xx is a failure.
    pub(crate) fn record(&mut self, url: &str, success: bool, now: Timestamp) {
        let circuit = self.0.entry(url.to_owned()).or_default();
        if success {
            *circuit = Circuit::default();
            return;
        }
        circuit.failures.push_back(now);
        while circuit.failures.front().is_some_and(|&at| saturating_add(at, WINDOW) < now) {
            circuit.failures.pop_front();
        }
        if circuit.failures.len() > FAILURES {
            circuit.opened = Some(now);
            circuit.failures.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_six_failures_and_closes_after_a_minute() {
        let start = Timestamp::UNIX_EPOCH;
        let mut breaker = Breaker::default();
        for second in 0..5 {
            breaker.record("u", false, saturating_add(start, Duration::from_secs(second)));
        }
        let sixth = saturating_add(start, Duration::from_secs(5));
        assert!(!breaker.is_open("u", sixth));
        breaker.record("u", false, sixth);
        assert!(breaker.is_open("u", sixth));
        assert!(!breaker.is_open("v", sixth));
        assert!(!breaker.is_open("u", saturating_add(sixth, OPEN)));
    }
}
