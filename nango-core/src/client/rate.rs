//! What is left of the account's rate limit, as Nango's answers tell it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::header::HeaderMap;

/// The longest wait that Nango may ask for. Its window is a minute (observed on 0.71.4).
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(61);

/// How much of the limit calls that nobody waits for leave to everybody else.
const RESERVE: u32 = 10;

/// What the last answer said. All clones share it, as they share the limit.
#[derive(Clone, Default)]
pub(super) struct RateLimit(Arc<Mutex<Option<Rate>>>);

#[derive(Debug, Clone, Copy)]
struct Rate {
    remaining: u32,
    resets_at: Instant,
}

impl RateLimit {
    /// Takes note of what an answer says, if it says anything.
    pub(super) fn note(&self, headers: &HeaderMap) {
        if let Some(rate) = Rate::read(headers) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(rate);
        }
    }

    /// How long to leave what is left to others.
    pub(super) fn wait_for_more(&self) -> Option<Duration> {
        let rate = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        let wait = rate.resets_at.saturating_duration_since(Instant::now());
        (rate.remaining < RESERVE && !wait.is_zero()).then(|| wait.min(LONGEST_WAIT))
    }
}

impl Rate {
    fn read(headers: &HeaderMap) -> Option<Self> {
        let number = |name| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // In Unix seconds. Ours may be off by a little, and a limit that is not there in time is met by a 429.
        let resets_in = Duration::from_secs(number("x-ratelimit-reset")?).saturating_sub(now);
        let remaining = u32::try_from(number("x-ratelimit-remaining")?).unwrap_or(u32::MAX);
        Some(Self { remaining, resets_at: Instant::now().checked_add(resets_in)? })
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn what_nobody_waits_for_leaves_the_last_of_the_rate_limit_to_others() {
        let limit = RateLimit::default();
        assert_eq!(limit.wait_for_more(), None, "nothing is known yet");
        let read = |remaining: &'static str, resets_in: i64| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
            let mut headers = HeaderMap::new();
            headers.insert("x-ratelimit-remaining", HeaderValue::from_static(remaining));
            headers.insert("x-ratelimit-reset", now.saturating_add_signed(resets_in).into());
            limit.note(&headers);
            limit.clone().wait_for_more()
        };
        assert_eq!(read("199", 30), None);
        assert!(read("3", 30).is_some_and(|wait| wait > Duration::from_secs(28)));
        assert_eq!(read("3", 3_600), Some(LONGEST_WAIT), "no window is that long");
        assert_eq!(read("0", -1), None, "the window is over");
    }
}
