//! The account's rate limit, as the headers of Nango's responses describe it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderName};

// As names: a text would be read as one for each response.
static LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
static REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The longest wait that Nango may ask for. Its window is a minute (observed on 0.71.4).
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(61);

/// The least requests of a window that background calls leave to other calls.
const RESERVE: u32 = 10;

/// The part of a window that background calls leave to other calls, where the limit is known.
const RESERVED_PART: u32 = 5;

/// The state after the last response. All clones share it, as they share the limit.
#[derive(Clone, Default)]
pub(super) struct RateLimit(Arc<Mutex<Option<Rate>>>);

#[derive(Debug, Clone, Copy)]
struct Rate {
    /// The requests of a whole window.
    limit: Option<u32>,
    remaining: u32,
    resets_at: Instant,
}

/// The account's rate limit, as the last response has described it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimitState {
    /// The requests of a whole window, where a response has named them.
    pub limit: Option<u32>,
    /// The requests that are left. Clients in other processes may have used some of them since.
    pub remaining: u32,
    /// The time until the window ends; zero if it has ended, so that all requests are there again.
    pub resets_in: Duration,
}

impl RateLimit {
    /// Returns the state, where a response has described it.
    pub(super) fn state(&self) -> Option<RateLimitState> {
        let Rate { limit, remaining, resets_at } = (*self.lock())?;
        let resets_in = resets_at.saturating_duration_since(Instant::now());
        Some(RateLimitState { limit, remaining, resets_in })
    }

    /// Takes over the state from a response's headers, where they have it. A `Retry-After`, which a
    /// gateway sends without the others, says that nothing is left for so long.
    pub(super) fn update(&self, headers: &HeaderMap) {
        let mut state = self.lock();
        if let Some(rate) = Rate::read(headers) {
            *state = Some(rate);
        }
        if let Some(pause) = retry_after(headers) {
            let limit = state.and_then(|rate| rate.limit);
            *state = Some(Rate { limit, remaining: 0, resets_at: Instant::now() + pause.min(LONGEST_WAIT) });
        }
    }

    /// Returns the time until the limit resets, while nothing is left of it.
    pub(super) fn pause(&self) -> Option<Duration> {
        let rate = (*self.lock()).filter(|rate| rate.remaining == 0)?;
        let wait = rate.resets_at.saturating_duration_since(Instant::now());
        (!wait.is_zero()).then(|| wait.min(LONGEST_WAIT))
    }

    /// Returns the time until the limit resets, while only the reserve is left.
    pub(super) fn time_to_reset(&self) -> Option<Duration> {
        let rate = (*self.lock())?;
        let wait = rate.resets_at.saturating_duration_since(Instant::now());
        let reserve = rate.limit.map_or(RESERVE, |limit| (limit / RESERVED_PART).max(RESERVE));
        (rate.remaining < reserve && !wait.is_zero()).then(|| wait.min(LONGEST_WAIT))
    }

    /// Returns the requests of a whole window, where a response has named them.
    pub(super) fn limit(&self) -> Option<u32> {
        (*self.lock())?.limit
    }

    fn lock(&self) -> MutexGuard<'_, Option<Rate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rate {
    fn read(headers: &HeaderMap) -> Option<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // In Unix seconds. The clocks may differ a little; a limit that is used up earlier ends in
        // a 429.
        let resets_in = Duration::from_secs(number(headers, &RESET)?).saturating_sub(now);
        let count = |name| Some(u32::try_from(number(headers, name)?).unwrap_or(u32::MAX));
        let (limit, remaining) = (count(&LIMIT), count(&REMAINING)?);
        Some(Self { limit, remaining, resets_at: Instant::now().checked_add(resets_in)? })
    }
}

/// Returns the time that a response asks to wait before a retry, where it is in seconds.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    number(headers, &RETRY_AFTER).map(Duration::from_secs)
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn background_calls_leave_the_reserve_to_others() {
        let limit = RateLimit::default();
        assert_eq!(limit.time_to_reset(), None, "nothing is known yet");
        let after = |remaining: &'static str, resets_in: i64| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
            let mut headers = HeaderMap::new();
            headers.insert("x-ratelimit-remaining", HeaderValue::from_static(remaining));
            headers.insert("x-ratelimit-reset", now.saturating_add_signed(resets_in).into());
            limit.update(&headers);
            limit.clone().time_to_reset()
        };
        assert_eq!(after("199", 30), None);
        assert!(after("3", 30).is_some_and(|wait| wait > Duration::from_secs(28)));
        assert_eq!(after("3", 3_600), Some(LONGEST_WAIT), "a window is shorter");
        assert_eq!(after("0", -1), None, "the window is over");
        assert_eq!(limit.limit(), None, "not named");
    }

    #[test]
    fn a_used_up_limit_and_a_gateways_retry_after_are_a_pause() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let after = |headers: &[(&'static str, u64)]| {
            let limit = RateLimit::default();
            for (name, value) in [("x-ratelimit-limit", 500), ("x-ratelimit-remaining", 400)] {
                limit.update(
                    &[(name, value)]
                        .into_iter()
                        .chain([("x-ratelimit-reset", now + 30)])
                        .map(header)
                        .collect(),
                );
            }
            limit.update(&headers.iter().copied().map(header).collect());
            limit
        };
        fn header((name, value): (&'static str, u64)) -> (HeaderName, HeaderValue) {
            (HeaderName::from_static(name), value.into())
        }
        assert_eq!(after(&[]).pause(), None);
        let used_up = after(&[
            ("x-ratelimit-limit", 500),
            ("x-ratelimit-remaining", 0),
            ("x-ratelimit-reset", now + 20),
        ]);
        assert!(used_up.pause().is_some_and(|pause| (18..=20).contains(&pause.as_secs())));
        let gateway = after(&[("retry-after", 7)]);
        assert!(gateway.pause().is_some_and(|pause| (6..=7).contains(&pause.as_secs())));
        assert_eq!(
            after(&[("retry-after", 9_999)]).pause().map(|pause| pause.as_secs() / 10),
            Some(6),
            "a minute at most"
        );
        assert_eq!(after(&[("retry-after", 0)]).pause(), None);
    }

    #[test]
    fn the_reserve_grows_with_the_limit() {
        let limit = RateLimit::default();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        for (remaining, is_near) in [("41", false), ("39", true)] {
            let mut headers = HeaderMap::new();
            headers.insert("x-ratelimit-limit", HeaderValue::from_static("200"));
            headers.insert("x-ratelimit-remaining", HeaderValue::from_static(remaining));
            headers.insert("x-ratelimit-reset", (now + 30).into());
            limit.update(&headers);
            assert_eq!(limit.time_to_reset().is_some(), is_near, "{remaining} of 200");
        }
        assert_eq!(limit.limit(), Some(200));
    }
}
