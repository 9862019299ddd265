//! Holding replies back.

use axum::{extract::State, response::Response};
use http::{Method, StatusCode, Uri};
use serde::Deserialize;
use serde_json::json;

use crate::{
    app::App,
    http::{ApiError, Call, reply},
};

/// Waits until the reply may be sent: it was released, faults were cleared, or the emulator stops.
pub(crate) async fn hold(app: &App, method: &Method, uri: &Uri, status: StatusCode) {
    /// Releases the call when its client disconnects.
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
    /// Id of the call to release; all calls if absent.
    id: Option<u64>,
}

/// `POST /_emulator/calls/release`.
pub(crate) async fn release(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let wanted: Release = call.json()?;
    let released = match wanted.id {
        Some(id) => usize::from(app.faults().held_calls.release(id)),
        None => app.faults().held_calls.release_all(),
    };
    Ok(reply::json(200, &json!({ "released": released })))
}
