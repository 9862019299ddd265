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
mod key;
mod models;
mod page;
mod session;
mod slack;
mod web;

use std::error::Error;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum_extra::extract::cookie::Key;
use clap::Parser as _;
use nango_core::BoxError;
use nango_sqlx::SqliteStore;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::app::{AppState, app};
use crate::args::Args;
use crate::backend::Backend;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quickstart: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

/// An error says only what went wrong at its own level.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

async fn run(args: Args) -> Result<(), BoxError> {
    let listener = listen(args.listen).await?;
    let address = format!("http://{}", listener.local_addr()?);

    let store = SqliteStore::connect(args.database.url()).await?;
    let Backend { nango, offers, connect, emulator } = backend::start(&args, &address, store).await?;
    let key = key::of_file(&args.database.beside("key"), || Key::generate().master().to_vec())?;
    let key = Key::try_from(key.as_slice())?;
    let state = AppState { nango: nango.clone(), key, offers: Arc::new(offers), connect: Arc::new(connect) };

    let sweeper = nango.spawn_sweeper(Duration::from_secs(args.sweep_every));

    println!("ready {address}");
    let serving = async {
        axum::serve(listener, app(state)).with_graceful_shutdown(stop()).await?;
        sweeper.stop().await;
        if let Some(emulator) = emulator {
            emulator.stop().await;
        }
        Ok(())
    };
    let patience = async {
        stop().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
    };
    tokio::select! {
        served = serving => served,
        () = patience => Ok(()),
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, BoxError> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => format!("{address} is in use; choose another with --listen").into(),
        _ => format!("cannot listen on {address}: {error}").into(),
    })
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
