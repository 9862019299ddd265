//! The quickstart's back end on Actix Web. It shares the page, flags, models and Nango of the
//! quickstart.

#![expect(unreachable_pub, reason = "no other crate uses the types of a binary")]

mod app;
mod guard;
mod page;
mod session;

// Included files instead of a library: Actix's `FromRequest` is implemented below for `User` and
// `Organization`, which the orphan rule allows only for types of this crate.
#[path = "../../quickstart/src/args.rs"]
mod args;
#[path = "../../quickstart/src/backend.rs"]
mod backend;
#[path = "../../quickstart/src/database.rs"]
mod database;
#[path = "../../quickstart/src/events.rs"]
mod events;
#[path = "../../quickstart/src/files.rs"]
mod files;
#[path = "../../quickstart/src/inbox.rs"]
mod inbox;
#[path = "../../quickstart/src/key.rs"]
mod key;
#[path = "../../quickstart/src/labels.rs"]
mod labels;
#[path = "../../quickstart/src/models.rs"]
mod models;
#[path = "../../quickstart/src/nango.rs"]
mod nango;
#[path = "../../quickstart/src/origin.rs"]
mod origin;
#[path = "../../quickstart/src/queue.rs"]
mod queue;
#[path = "../../quickstart/src/sessions.rs"]
mod sessions;
#[path = "../../quickstart/src/slack.rs"]
mod slack;
#[path = "../../quickstart/src/start.rs"]
mod start;
#[path = "../../quickstart/src/storage.rs"]
mod storage;
#[path = "../../quickstart/src/web.rs"]
mod web;

use std::process::ExitCode;
use std::time::Duration;

use actix_web::cookie::Key;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use nango_core::BoxError;

use crate::app::{AppState, routes};
use crate::backend::Backend;
use crate::start::ServerParts;

/// The longest wait for the head of a request: a client that sends half a head, or nothing, does not
/// hold its connection and its file descriptor for longer. Actix has such a time-out by default; it
/// is named here because the app relies on it. Line ends between requests are outside of it.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    start::run(|| Key::generate().master().to_vec(), serve).await
}

async fn serve(parts: ServerParts) -> Result<(), BoxError> {
    let ServerParts { listener, address, allowed_hosts, key, sessions, backend, inbox } = parts;
    let Backend { nango, offers, connect, callback } = backend;
    let key = Key::try_from(key.as_slice())?;
    let state = AppState { nango, sessions, allowed_hosts, offers, connect, callback, inbox };
    let routes = routes(Data::new(state));
    let app = move || App::new().wrap(app::sessions(key.clone())).configure(routes.clone());
    let server = HttpServer::new(app)
        .workers(2)
        .client_request_timeout(HEAD_TIMEOUT)
        .shutdown_timeout(5)
        .listen(listener)?;

    // Completes on Ctrl-C, or when a service manager terminates the app.
    start::announce(&address, server.run()).await?;
    Ok(())
}
