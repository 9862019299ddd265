//! Rate limit per minute, with one bucket for API keys and one for all connect sessions (wire
//! reference 1.4). Off by default; a real Nango allows 200.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;

use super::envelope::ApiError;
use crate::lock::lock;
use crate::time::saturating_add;

/// Bucket that a request counts against.
#[derive(Clone, Copy)]
pub(crate) enum Bucket {
    Key,
    Session,
}

/// Slot that authentication fills, so that the reply can carry the headers.
#[derive(Clone, Default)]
pub(crate) struct RateLimitSlot(Arc<Mutex<Option<RateLimitState>>>);

/// The state of a bucket after one request was counted.
#[derive(Clone, Copy)]
pub(crate) struct RateLimitState {
    limit: u32,
    used: u32,
    reset: Timestamp,
    now: Timestamp,
}

impl RateLimitState {
    pub(crate) fn is_exceeded(self) -> bool {
        self.used > self.limit
    }
}

impl RateLimitSlot {
    pub(crate) fn set(&self, standing: RateLimitState) {
        *lock(&self.0) = Some(standing);
    }

    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let Some(at) = *lock(&self.0) else { return };
        let left = at.limit.saturating_sub(at.used);
        headers.insert("x-ratelimit-limit", at.limit.into());
        headers.insert("x-ratelimit-remaining", left.into());
        headers.insert("x-ratelimit-reset", HeaderValue::from(at.reset.as_second()));
        if at.is_exceeded() {
            let wait = (at.reset.as_millisecond() - at.now.as_millisecond()).max(0);
            headers.insert("retry-after", HeaderValue::from(wait / 1000));
        }
    }
}

/// Rate limit with fixed windows of 60 seconds.
#[derive(Default)]
pub(crate) struct RateLimit {
    per_minute: Option<u32>,
    windows: Mutex<[Option<(Timestamp, u32)>; 2]>,
}

impl RateLimit {
    pub(crate) fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute, windows: Mutex::default() }
    }

    pub(crate) fn reset(&self) {
        *lock(&self.windows) = [None, None];
    }

    /// Counts one request. Returns `None` where no limit is set.
    pub(crate) fn admit(&self, bucket: Bucket, now: Timestamp) -> Option<RateLimitState> {
        let limit = self.per_minute?;
        let mut windows = lock(&self.windows);
        let window = &mut windows[bucket as usize];
        let (reset, used) = match *window {
            Some((reset, used)) if now < reset => (reset, used.saturating_add(1)),
            _ => (saturating_add(now, Duration::from_secs(60)), 1),
        };
        *window = Some((reset, used));
        Some(RateLimitState { limit, used, reset, now })
    }
}

/// Creates the 429 error, which has no message.
pub(crate) fn too_many(method: &Method, path: &str) -> ApiError {
    ApiError::code(429, "too_many_request").with("method", method.as_str().into()).with("path", path.into())
}
