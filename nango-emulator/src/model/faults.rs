//! Faults for coming webhooks and API calls.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use http::Method;
use serde::Deserialize;

use super::held_calls::HeldCalls;

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Fault for one webhook.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WebhookFault {
    /// Is never sent.
    Drop,
    /// Is sent later.
    Delay(Duration),
    /// Is sent twice.
    Duplicate,
    /// Is signed with a key that is not the environment's, as by a third party.
    Forge,
    /// Is held back. The last webhook of the group sends all of them, newest first.
    Reorder { last: bool },
}

/// Fault for API calls. Without any effect it only counts calls.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CallFaults {
    /// Method of the calls; all methods if `None`.
    pub method: Option<String>,
    /// Path pattern of the calls, in which `*` matches any text; all paths if `None`.
    pub path: Option<String>,
    /// Number of calls; one if `None`.
    pub count: Option<u32>,
    /// Status to reply with, instead of handling the call.
    pub status: Option<u16>,
    /// Delay before the call is handled, in milliseconds.
    pub delay_ms: u64,
    /// Breaks the connection in the middle of the reply.
    pub hang_up: bool,
    /// Computes the reply, then holds it back until it is released.
    pub hold: bool,
}

impl CallFaults {
    /// Creates a fault that answers the next `count` calls of a path with `status`. `*` in the path
    /// matches any text.
    #[must_use]
    pub fn status(path: impl Into<String>, status: u16, count: u32) -> Self {
        Self { path: Some(path.into()), status: Some(status), count: Some(count), ..Self::default() }
    }

    /// Creates a fault that delays the next `count` calls of a path.
    #[must_use]
    pub fn delay(path: impl Into<String>, delay: Duration, count: u32) -> Self {
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Self { path: Some(path.into()), delay_ms, count: Some(count), ..Self::default() }
    }

    /// Creates a fault that breaks the connection of the next `count` calls of a path.
    #[must_use]
    pub fn hang_up(path: impl Into<String>, count: u32) -> Self {
        Self { path: Some(path.into()), hang_up: true, count: Some(count), ..Self::default() }
    }

    /// Creates a fault that handles the next `count` calls of a path at once and holds their
    /// replies back. A held reply keeps the state of its own moment until it is
    /// [released](crate::Emulator::release_call).
    #[must_use]
    pub fn hold(path: impl Into<String>, count: u32) -> Self {
        Self { path: Some(path.into()), hold: true, count: Some(count), ..Self::default() }
    }
}

/// Fault that applies to one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallFault {
    pub(crate) status: Option<u16>,
    pub(crate) delay: Duration,
    pub(crate) hang_up: bool,
    pub(crate) hold: bool,
}

/// Pending faults and held replies.
#[derive(Default)]
pub(crate) struct Faults {
    webhooks: VecDeque<WebhookFault>,
    held: Vec<Job>,
    calls: Vec<(CallFaults, u32)>,
    /// Number of failing actions whose error is hidden.
    hidden_action_errors: u32,
    pub(crate) held_calls: HeldCalls,
}

impl Faults {
    pub(crate) fn add_webhook_faults(&mut self, fault: WebhookFault, count: u32) {
        for n in 1..=count {
            self.webhooks.push_back(match fault {
                WebhookFault::Reorder { .. } => WebhookFault::Reorder { last: n == count },
                other => other,
            });
        }
    }

    pub(crate) fn next_webhook_fault(&mut self) -> Option<WebhookFault> {
        self.webhooks.pop_front()
    }

    pub(crate) fn hide_action_errors(&mut self, count: u32) {
        self.hidden_action_errors = count;
    }

    /// Returns true if the error of an action that has failed is to be hidden.
    pub(crate) fn hides_action_error(&mut self) -> bool {
        let hides = self.hidden_action_errors > 0;
        self.hidden_action_errors -= u32::from(hides);
        hides
    }

    /// Holds a delivery back. Returns all held ones, newest first, if it is the last of its group.
    pub(crate) fn hold_webhook(&mut self, job: Job, last: bool) -> Vec<Job> {
        self.held.push(job);
        if !last {
            return Vec::new();
        }
        let mut all = std::mem::take(&mut self.held);
        all.reverse();
        all
    }

    pub(crate) fn add_call_faults(&mut self, faults: CallFaults) {
        let count = faults.count.unwrap_or(1);
        if count > 0 {
            self.calls.push((faults, count));
        }
    }

    pub(crate) fn next_call_fault(&mut self, method: &Method, path: &str) -> Option<CallFault> {
        // The control endpoints stay reachable.
        if path.starts_with("/_emulator") {
            return None;
        }
        let at = self.calls.iter().position(|(fault, _)| {
            fault.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
                && fault.path.as_deref().is_none_or(|pattern| matches(pattern, path))
        })?;
        let (faults, left) = &mut self.calls[at];
        let fault = CallFault {
            status: faults.status,
            delay: Duration::from_millis(faults.delay_ms),
            hang_up: faults.hang_up,
            hold: faults.hold,
        };
        *left -= 1;
        if *left == 0 {
            self.calls.remove(at);
        }
        Some(fault)
    }

    /// Removes pending faults and releases held replies.
    pub(crate) fn clear(&mut self) {
        let mut held_calls = std::mem::take(&mut self.held_calls);
        held_calls.release_all();
        *self = Self { held_calls, ..Self::default() };
    }
}

/// Matches a path against a pattern, in which `*` matches any text.
fn matches(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_patterns() {
        assert!(matches("/connections/*", "/connections/abc"));
        assert!(matches("/*/metadata", "/connections/metadata"));
        assert!(matches("*", "/x"));
        assert!(!matches("/connections", "/connections/abc"));
        assert!(!matches("/a*b*c", "/axc"));
    }

    #[test]
    fn call_fault_applies_count_times() {
        let mut faults = Faults::default();
        faults.add_call_faults(CallFaults::status("/connections*", 503, 2));
        assert!(faults.next_call_fault(&Method::GET, "/integrations").is_none());
        for _ in 0..2 {
            assert_eq!(faults.next_call_fault(&Method::GET, "/connections").unwrap().status, Some(503));
        }
        assert!(faults.next_call_fault(&Method::GET, "/connections").is_none());
    }
}
