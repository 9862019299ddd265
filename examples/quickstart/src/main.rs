//! A small SaaS on Axum whose users connect their accounts through Nango.

#![expect(
    missing_debug_implementations,
    unnameable_types,
    unreachable_pub,
    reason = "no other crate uses the types of a binary"
)]

mod app;
mod args;
mod backend;
mod database;
mod events;
mod files;
mod inbox;
mod key;
mod labels;
mod models;
mod nango;
mod origin;
mod page;
mod queue;
mod server;
mod session;
mod sessions;
mod slack;
mod start;
mod storage;
mod web;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum_extra::extract::cookie::Key;
use nango_core::BoxError;
use tokio::net::TcpListener;

use crate::app::{AppState, app};
use crate::backend::Backend;
use crate::start::{ServerParts, shutdown_signal};

/// The longest wait for open requests during a shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    start::run(|| Key::generate().master().to_vec(), serve).await
}

async fn serve(parts: ServerParts) -> Result<(), BoxError> {
    let ServerParts { listener, address, allowed_hosts, key, sessions, backend, inbox } = parts;
    let Backend { nango, offers, connect, callback } = backend;
    let listener = TcpListener::from_std(listener)?;
    let key = Key::try_from(key.as_slice())?;
    let (sessions, offers, connect) = (Arc::new(sessions), Arc::new(offers), Arc::new(connect));
    let allowed_hosts = allowed_hosts.into();
    let state = AppState { nango, key, sessions, allowed_hosts, offers, connect, callback, inbox };

    // A graceful shutdown waits for open requests without a limit of its own.
    let deadline = async {
        shutdown_signal().await;
        tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
    };
    let server = async {
        tokio::select! {
            () = server::serve(listener, app(state), shutdown_signal()) => {}
            () = deadline => {}
        }
    };
    start::announce(&address, server).await;
    Ok(())
}
