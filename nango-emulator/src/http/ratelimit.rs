//! Requests a minute: one bucket for API keys, one for all connect sessions (wire reference 1.4).
//! Off unless asked for; a real Nango allows 200.

use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;

use super::{call::Call, envelope::Refusal};

/// Whose allowance a request uses.
#[derive(Clone, Copy)]
pub(crate) enum Bucket {
    Key,
    Session,
}

/// Filled in once a request is authenticated, so that the answer can carry the headers.
#[derive(Clone, Default)]
pub(crate) struct RateSlot(Arc<Mutex<Option<Standing>>>);

#[derive(Clone, Copy)]
struct Standing {
    limit: u32,
    used: u32,
    reset: Timestamp,
    now: Timestamp,
}

impl RateSlot {
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let Some(at) = *self.0.lock().unwrap_or_else(PoisonError::into_inner) else { return };
        let left = at.limit.saturating_sub(at.used);
        headers.insert("x-ratelimit-limit", at.limit.into());
        headers.insert("x-ratelimit-remaining", left.into());
        headers.insert("x-ratelimit-reset", HeaderValue::from(at.reset.as_second()));
        if at.used > at.limit {
            let wait = (at.reset.as_millisecond() - at.now.as_millisecond()).max(0);
            headers.insert("retry-after", HeaderValue::from(wait / 1000));
        }
    }
}

/// Fixed windows of 60 seconds.
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
        *self.windows.lock().unwrap_or_else(PoisonError::into_inner) = [None, None];
    }

    /// Counts one request; the one after the last allowed is refused.
    pub(crate) fn admit(&self, bucket: Bucket, call: &Call, now: Timestamp) -> Result<(), Refusal> {
        let Some(limit) = self.per_minute else { return Ok(()) };
        let standing = {
            let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
            let window = &mut windows[bucket as usize];
            let minute = std::time::Duration::from_secs(60);
            let (reset, used) = match *window {
                Some((reset, used)) if now < reset => (reset, used.saturating_add(1)),
                _ => (crate::clock::later(now, minute), 1),
            };
            *window = Some((reset, used));
            Standing { limit, used, reset, now }
        };
        *call.rate.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(standing);
        if standing.used <= limit {
            return Ok(());
        }
        Err(too_many(&call.method, &call.path))
    }
}

/// 429, without a message.
pub(crate) fn too_many(method: &Method, path: &str) -> Refusal {
    Refusal::code(429, "too_many_request").with("method", method.as_str().into()).with("path", path.into())
}
