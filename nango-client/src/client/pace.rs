//! Asking again until something has happened, at a bounded pace.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// The pauses between two requests.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(5);

/// The outcome of waiting for something.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "callers have to handle both")]
pub enum Waited<T> {
    /// It has happened within the time.
    Done(T),
    /// It has not, as far as Nango knows. It may still happen.
    TimedOut,
}

impl<T> Waited<T> {
    /// Returns what has happened, if it has.
    #[must_use]
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(value) => Some(value),
            Self::TimedOut => None,
        }
    }
}

/// Pauses between requests, from half a second to five, until a limit.
pub(super) struct Pace {
    deadline: Option<Instant>,
    wait: Duration,
}

impl Pace {
    pub(super) fn new(limit: Duration) -> Self {
        Self { deadline: Instant::now().checked_add(limit), wait: FIRST }
    }

    /// Pauses before the next request, for as long as was asked for or as the pace is. Returns `false`,
    /// without a pause, once the limit is over; the last request is made when it is just reached.
    pub(super) async fn pause(&mut self, asked: Option<Duration>) -> bool {
        let wait = asked.unwrap_or(self.wait).max(self.wait);
        let wait = match self.deadline {
            Some(deadline) => wait.min(deadline.saturating_duration_since(Instant::now())),
            None => wait,
        };
        if wait.is_zero() {
            return false;
        }
        sleep(wait).await;
        self.wait = LONGEST.min(self.wait * 3 / 2);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_pauses_grow_and_end_at_the_limit() {
        let (began, mut pace) = (Instant::now(), Pace::new(Duration::from_secs(60)));
        let mut requests = 0;
        while pace.pause(None).await {
            requests += 1;
        }
        assert!(began.elapsed() >= Duration::from_secs(60) && began.elapsed() < Duration::from_secs(61));
        assert!((10..=25).contains(&requests), "{requests}");
        let mut pace = Pace::new(Duration::from_secs(7));
        let began = Instant::now();
        assert!(pace.pause(Some(Duration::from_secs(90))).await);
        assert!(began.elapsed() < Duration::from_secs(8), "the limit is not passed");
    }
}
