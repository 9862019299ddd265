//! The circuit breaker that a Nango with Redis has (wire reference 8.5). Off unless asked for.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use jiff::Timestamp;

use crate::clock::later;

/// More than this many failures …
const FAILURES: usize = 5;
/// … within this time …
const WINDOW: Duration = Duration::from_secs(10);
/// … and nothing is sent to the URL for so long.
const OPEN: Duration = Duration::from_secs(60);

/// Failures of each URL.
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
        opened.is_some_and(|at| now < later(at, OPEN))
    }

    /// Every answer but 2xx counts, and so does none at all.
    pub(crate) fn note(&mut self, url: &str, success: bool, now: Timestamp) {
        let circuit = self.0.entry(url.to_owned()).or_default();
        if success {
            *circuit = Circuit::default();
            return;
        }
        circuit.failures.push_back(now);
        while circuit.failures.front().is_some_and(|&at| later(at, WINDOW) < now) {
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
            breaker.note("u", false, later(start, Duration::from_secs(second)));
        }
        let sixth = later(start, Duration::from_secs(5));
        assert!(!breaker.is_open("u", sixth));
        breaker.note("u", false, sixth);
        assert!(breaker.is_open("u", sixth));
        assert!(!breaker.is_open("v", sixth));
        assert!(!breaker.is_open("u", later(sixth, OPEN)));
    }
}
