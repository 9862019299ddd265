//! A small SaaS on Axum whose users connect their accounts through Nango.

#![expect(
    missing_debug_implementations,
    unnameable_types,
    unreachable_pub,
    reason = "an app has nobody outside who could name or print its types"
)]

mod app;
mod args;
mod backend;
mod database;
mod key;
mod models;
mod page;
mod session;
mod slack;
mod start;
mod web;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum_extra::extract::cookie::Key;
use nango_core::BoxError;
use tokio::net::TcpListener;

use crate::app::{AppState, app};
use crate::backend::Backend;
use crate::start::Parts;

#[tokio::main]
async fn main() -> ExitCode {
    start::run(|| Key::generate().master().to_vec(), serve).await
}

async fn serve(parts: Parts) -> Result<(), BoxError> {
    let Parts { listener, address, key, backend: Backend { nango, offers, connect } } = parts;
    let listener = TcpListener::from_std(listener)?;
    let key = Key::try_from(key.as_slice())?;
    let state = AppState { nango, key, offers: Arc::new(offers), connect: Arc::new(connect) };

    println!("ready {address}");
    let serving = async { axum::serve(listener, app(state)).with_graceful_shutdown(stop()).await };
    let patience = async {
        stop().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
    };
    tokio::select! {
        served = serving => Ok(served?),
        () = patience => Ok(()),
    }
}

/// Ends when the app shall stop: on Ctrl-C, or when a service manager says so.
async fn stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => (),
                _ = terminated.recv() => (),
            }
            return;
        }
    }
    let _ = interrupted.await;
}
