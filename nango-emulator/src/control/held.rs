//! Answers that were computed and are held back, so that others can overtake them.

use std::{fmt, mem, sync::Arc};

use axum::{extract::State, response::Response};
use http::{Method, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::{Notify, oneshot};

use super::endpoints;
use crate::{
    app::App,
    http::{call::Call, envelope::Refusal, reply},
};

/// An API call whose answer is held back. What the answer says was true when it was computed.
///
/// `Debug` leaves the path out: it may carry a connection id.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct HeldCall {
    /// Counts up from 1 within one emulator.
    pub id: u64,
    /// The method.
    pub method: String,
    /// The path, with its query.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
}

impl fmt::Debug for HeldCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldCall")
            .field("id", &self.id)
            .field("method", &self.method)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// All answers that are held back, oldest first. Dropping one's sender lets it go.
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

    /// Lets one go; whether it was there.
    pub(crate) fn release(&mut self, id: u64) -> bool {
        let before = self.calls.len();
        self.calls.retain(|(call, _)| call.id != id);
        self.calls.len() < before
    }

    /// Lets all of them go; how many they were.
    pub(crate) fn release_all(&mut self) -> usize {
        mem::take(&mut self.calls).len()
    }

    /// Hears of every answer that is held from now on.
    pub(crate) fn changed(&self) -> Arc<Notify> {
        self.changed.clone()
    }

    fn add(&mut self, method: &Method, uri: &Uri, status: StatusCode) -> (u64, oneshot::Receiver<()>) {
        let (release, released) = oneshot::channel();
        self.last += 1;
        let path = uri.path_and_query().map_or("", |path| path.as_str()).to_owned();
        let call = HeldCall { id: self.last, method: method.to_string(), path, status: status.as_u16() };
        self.calls.push((call, release));
        self.changed.notify_waiters();
        (self.last, released)
    }
}

/// Waits until the answer may go: it was released, faults were taken back, or the emulator stops.
pub(crate) async fn hold(app: &App, method: &Method, uri: &Uri, status: StatusCode) {
    /// Whoever hangs up is not waited for.
    struct Forget<'a>(&'a App, u64);
    impl Drop for Forget<'_> {
        fn drop(&mut self) {
            self.0.faults().held_calls.release(self.1);
        }
    }
    let mut stop = app.stop.subscribe();
    let (id, released) = app.faults().held_calls.add(method, uri, status);
    let _forget = Forget(app, id);
    tokio::select! {
        _ = released => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// `GET /_emulator/calls`.
pub(crate) async fn list(State(app): State<App>) -> Response {
    let held = app.faults().held_calls.all();
    reply::json(200, &json!({ "held": held }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    /// All of them when absent.
    id: Option<u64>,
}

/// `POST /_emulator/calls/release`.
pub(crate) async fn release(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    let wanted: Release = endpoints::body(&call)?;
    let released = match wanted.id {
        Some(id) => usize::from(app.faults().held_calls.release(id)),
        None => app.faults().held_calls.release_all(),
    };
    Ok(reply::json(200, &json!({ "released": released })))
}
