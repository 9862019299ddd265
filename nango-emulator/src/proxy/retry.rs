//! Retries of `Retries` and `Retry-On`: after 3 s, then twice as long each time (observed on Nango
//! 0.71.4).

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

use super::request::ProxyRequest;
use crate::model::Provider;

pub(super) struct RetryPolicy {
    left: u32,
    gap: Duration,
    on: Vec<u16>,
    after: Vec<String>,
    at: Vec<String>,
}

impl RetryPolicy {
    pub(super) fn new(wanted: &ProxyRequest, provider: &Provider) -> Self {
        let named = |key: &str| {
            let names = provider.proxy("retry").and_then(|retry| retry.get(key));
            match names {
                Some(Value::String(name)) => vec![name.clone()],
                Some(Value::Array(names)) => {
                    names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                _ => Vec::new(),
            }
        };
        Self {
            left: wanted.retries,
            gap: Duration::from_secs(3),
            on: wanted.retry_on.clone(),
            after: named("after"),
            at: named("at"),
        }
    }

    /// Returns the delay before the next attempt, or `None` if there is none.
    pub(super) fn next_delay(
        &mut self,
        status: Option<u16>,
        headers: Option<&HeaderMap>,
        now: Timestamp,
    ) -> Option<Duration> {
        let again = status.is_none_or(|code| code >= 500 || code == 429 || self.on.contains(&code));
        if !again || self.left == 0 {
            return None;
        }
        self.left -= 1;
        let number = |names: &[String]| {
            names.iter().find_map(|name| headers?.get(name)?.to_str().ok()?.parse::<i64>().ok())
        };
        // The template names the headers with the provider's delay, or with the end of it.
        let until = number(&self.at).map(|at| at - now.as_second());
        let requested = number(&self.after).or(until).and_then(|wait| u64::try_from(wait).ok());
        let wait = requested.map_or(self.gap, Duration::from_secs);
        self.gap *= 2;
        Some(wait)
    }
}
