//! API calls whose replies are held back, so that other replies overtake them.

use std::mem;
use std::sync::Arc;

use http::{Method, StatusCode, Uri};
use serde::Serialize;
use tokio::sync::{Notify, oneshot};

/// API call whose reply is held back. The reply shows the state at the moment it was computed.
///
/// `Debug` omits the path, which may carry a connection id.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct HeldCall {
    /// Counts from 1 within one emulator.
    pub id: u64,
    /// HTTP method.
    pub method: String,
    /// Path with query.
    pub path: String,
    /// Status of the reply.
    pub status: u16,
}

debug_only!(HeldCall { id, method, status });

/// Held replies, oldest first. Dropping a sender releases its reply.
#[derive(Default)]
pub(crate) struct HeldCalls {
    last: u64,
    calls: Vec<(HeldCall, oneshot::Sender<()>)>,
    changed: Arc<Notify>,
}

impl HeldCalls {
    pub(crate) fn all(&self) -> Vec<HeldCall> {
        self.calls.iter().map(|(call, _)| call.clone()).collect()
    }

    /// Releases one reply. Returns false if it is not held.
    pub(crate) fn release(&mut self, id: u64) -> bool {
        let before = self.calls.len();
        self.calls.retain(|(call, _)| call.id != id);
        self.calls.len() < before
    }

    /// Releases all replies. Returns their number.
    pub(crate) fn release_all(&mut self) -> usize {
        mem::take(&mut self.calls).len()
    }

    /// Returns the notification of newly held replies.
    pub(crate) fn changed(&self) -> Arc<Notify> {
        self.changed.clone()
    }

    pub(crate) fn add(
        &mut self,
        method: &Method,
        uri: &Uri,
        status: StatusCode,
    ) -> (u64, oneshot::Receiver<()>) {
        let (release, released) = oneshot::channel();
        self.last += 1;
        let path = uri.path_and_query().map_or("", |path| path.as_str()).to_owned();
        let call = HeldCall { id: self.last, method: method.to_string(), path, status: status.as_u16() };
        self.calls.push((call, release));
        self.changed.notify_waiters();
        (self.last, released)
    }
}
