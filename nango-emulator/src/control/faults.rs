//! Faults for the next webhooks and the next API calls.

use std::{collections::VecDeque, pin::Pin, time::Duration};

use http::Method;
use serde::Deserialize;

use super::held::HeldCalls;

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What happens to one webhook.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WebhookFault {
    /// Never sent.
    Drop,
    /// Sent later.
    Delay(Duration),
    /// Sent twice.
    Duplicate,
    /// Signed with a key that is not the environment's, as somebody else would.
    Forge,
    /// Held back; the last of a group lets all of them go, newest first.
    Reorder { last: bool },
}

/// A fault for API calls. Given without any effect it only counts calls.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CallFaults {
    /// Only this method; all methods when absent.
    pub method: Option<String>,
    /// Only paths that match; `*` stands for any text. All paths when absent.
    pub path: Option<String>,
    /// How many calls; one when absent.
    pub count: Option<u32>,
    /// Answer with this status instead of handling the call.
    pub status: Option<u16>,
    /// Wait so long first.
    pub delay_ms: u64,
    /// Break the connection in the middle of the answer.
    pub hang_up: bool,
    /// Compute the answer, then hold it back until it is released.
    pub hold: bool,
}

impl CallFaults {
    /// Answers the next `count` calls to a path with `status`; `*` in the path stands for any text.
    #[must_use]
    pub fn status(path: impl Into<String>, status: u16, count: u32) -> Self {
        Self { path: Some(path.into()), status: Some(status), count: Some(count), ..Self::default() }
    }

    /// Lets the next `count` calls to a path wait before they are handled.
    #[must_use]
    pub fn delay(path: impl Into<String>, delay: Duration, count: u32) -> Self {
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Self { path: Some(path.into()), delay_ms, count: Some(count), ..Self::default() }
    }

    /// Breaks the connection of the next `count` calls to a path.
    #[must_use]
    pub fn hang_up(path: impl Into<String>, count: u32) -> Self {
        Self { path: Some(path.into()), hang_up: true, count: Some(count), ..Self::default() }
    }

    /// Handles the next `count` calls to a path at once, and holds the answers back: each shows the truth of its own moment,
    /// whatever happens until it is [released](crate::Emulator::release_call).
    #[must_use]
    pub fn hold(path: impl Into<String>, count: u32) -> Self {
        Self { path: Some(path.into()), hold: true, count: Some(count), ..Self::default() }
    }
}

/// What happens to one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallFault {
    pub(crate) status: Option<u16>,
    pub(crate) delay: Duration,
    pub(crate) hang_up: bool,
    pub(crate) hold: bool,
}

/// All faults still to come.
#[derive(Default)]
pub(crate) struct Faults {
    webhooks: VecDeque<WebhookFault>,
    held: Vec<Job>,
    calls: Vec<(CallFaults, u32)>,
    pub(crate) held_calls: HeldCalls,
}

impl Faults {
    pub(crate) fn webhooks(&mut self, fault: WebhookFault, count: u32) {
        for n in 1..=count {
            self.webhooks.push_back(match fault {
                WebhookFault::Reorder { .. } => WebhookFault::Reorder { last: n == count },
                other => other,
            });
        }
    }

    pub(crate) fn take_webhook(&mut self) -> Option<WebhookFault> {
        self.webhooks.pop_front()
    }

    /// Keeps a delivery back; gives all kept ones, newest first, when it is the last.
    pub(crate) fn hold(&mut self, job: Job, last: bool) -> Vec<Job> {
        self.held.push(job);
        if !last {
            return Vec::new();
        }
        let mut all = std::mem::take(&mut self.held);
        all.reverse();
        all
    }

    pub(crate) fn calls(&mut self, faults: CallFaults) {
        let count = faults.count.unwrap_or(1);
        if count > 0 {
            self.calls.push((faults, count));
        }
    }

    pub(crate) fn take_call(&mut self, method: &Method, path: &str) -> Option<CallFault> {
        // The control endpoints must stay reachable.
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

    /// Takes back what has not happened yet, and lets go what is held.
    pub(crate) fn clear(&mut self) {
        let mut held_calls = std::mem::take(&mut self.held_calls);
        held_calls.release_all();
        *self = Self { held_calls, ..Self::default() };
    }
}

/// `*` stands for any text.
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
    fn patterns() {
        assert!(matches("/connections/*", "/connections/abc"));
        assert!(matches("/*/metadata", "/connections/metadata"));
        assert!(matches("*", "/x"));
        assert!(!matches("/connections", "/connections/abc"));
        assert!(!matches("/a*b*c", "/axc"));
    }

    #[test]
    fn counts_down() {
        let mut faults = Faults::default();
        faults.calls(CallFaults::status("/connections*", 503, 2));
        assert!(faults.take_call(&Method::GET, "/integrations").is_none());
        for _ in 0..2 {
            assert_eq!(faults.take_call(&Method::GET, "/connections").unwrap().status, Some(503));
        }
        assert!(faults.take_call(&Method::GET, "/connections").is_none());
    }
}
