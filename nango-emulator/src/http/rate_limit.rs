//! Rate limit per minute, with one bucket for API keys and one for all connect sessions (wire
//! reference 1.4). Only a configured limit refuses requests. Without one, replies describe Nango's
//! own, so that a client that follows the headers does here what it does there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;

use super::envelope::ApiError;
use crate::lock::lock;
use crate::time::saturating_add;

/// Bucket that a request counts against.
#[derive(Clone, Hash, PartialEq, Eq)]
pub(crate) enum Bucket {
    Key,
    Session,
    /// Webhooks of providers to one integration.
    Webhook(String),
}

/// Slot that authentication fills, so that the reply can carry the headers.
#[derive(Clone, Default)]
pub(crate) struct RateLimitSlot(Arc<Mutex<Option<RateLimitState>>>);

/// Nango's own limit.
const NANGOS: u32 = 200;

/// Nango's limit for the webhooks of an integration, which refuses none by default.
const WEBHOOKS: u32 = 4000;

/// The state of a bucket after one request was counted.
#[derive(Clone, Copy)]
pub(crate) struct RateLimitState {
    limit: u32,
    /// The requests that are left at least.
    least: u32,
    refuses: bool,
    used: u32,
    reset: Timestamp,
    now: Timestamp,
}

impl RateLimitState {
    pub(crate) fn is_exceeded(self) -> bool {
        self.refuses && self.used > self.limit
    }

    fn remaining(self) -> u32 {
        self.limit.saturating_sub(self.used).max(self.least)
    }
}

impl RateLimitSlot {
    pub(crate) fn set(&self, standing: RateLimitState) {
        *lock(&self.0) = Some(standing);
    }

    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let Some(at) = *lock(&self.0) else { return };
        for (name, value) in [
            ("x-ratelimit-limit", HeaderValue::from(at.limit)),
            ("x-ratelimit-remaining", at.remaining().into()),
            ("x-ratelimit-reset", at.reset.as_second().into()),
        ] {
            // A proxied reply may have the provider's.
            headers.entry(name).or_insert(value);
        }
        if at.is_exceeded() {
            let wait = (at.reset.as_millisecond() - at.now.as_millisecond()).max(0);
            headers.insert("retry-after", HeaderValue::from(wait / 1000));
        }
    }
}

/// Rate limit with fixed windows of 60 seconds.
#[derive(Default)]
pub(crate) struct RateLimit {
    /// The configured limit.
    per_minute: Option<u32>,
    /// End of the window and requests in it.
    windows: Mutex<HashMap<Bucket, (Timestamp, u32)>>,
}

impl RateLimit {
    pub(crate) fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute, windows: Mutex::default() }
    }

    pub(crate) fn reset(&self) {
        lock(&self.windows).clear();
    }

    /// Counts one request.
    pub(crate) fn admit(&self, bucket: Bucket, now: Timestamp) -> RateLimitState {
        const MANY: usize = 1000;
        let (limit, least, refuses) = match (&bucket, self.per_minute) {
            (Bucket::Webhook(_), _) => (WEBHOOKS, 0, false),
            (_, Some(limit)) => (limit, 0, true),
            // Clients slow down when little is left, and a test would wait for the next minute.
            (_, None) => (NANGOS, NANGOS / 2, false),
        };
        let mut windows = lock(&self.windows);
        if windows.len() > MANY {
            windows.retain(|_, (reset, _)| now < *reset);
        }
        let window = windows.entry(bucket).or_insert((now, 0));
        if window.0 <= now {
            *window = (saturating_add(now, Duration::from_secs(60)), 0);
        }
        window.1 = window.1.saturating_add(1);
        RateLimitState { limit, least, refuses, used: window.1, reset: window.0, now }
    }
}

/// Creates the 429 error, which has no message.
pub(crate) fn too_many(method: &Method, path: &str) -> ApiError {
    ApiError::code(429, "too_many_request").with("method", method.as_str().into()).with("path", path.into())
}
