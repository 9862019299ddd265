//! What an app starts with, and how it ends: the same for quickstart and quickstart-actix.

use std::error::Error;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use nango_core::{BoxError, StoreError};
use tracing_subscriber::EnvFilter;

use crate::args::Args;
use crate::backend::{self, Backend};
use crate::database::Database;
use crate::key;

/// What the web server is made of.
pub struct Parts {
    pub listener: TcpListener,
    /// Where it listens.
    pub address: String,
    /// Signs the session cookies.
    pub key: Vec<u8>,
    pub backend: Backend,
}

/// Runs `serve` until it ends, which it does when the app shall stop.
pub async fn run(
    draw_key: impl FnOnce() -> Vec<u8>,
    serve: impl AsyncFnOnce(Parts) -> Result<(), BoxError>,
) -> ExitCode {
    let args = Args::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match start_and_serve(&args, draw_key, serve).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {}", env!("CARGO_PKG_NAME"), with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn start_and_serve(
    args: &Args,
    draw_key: impl FnOnce() -> Vec<u8>,
    serve: impl AsyncFnOnce(Parts) -> Result<(), BoxError>,
) -> Result<(), BoxError> {
    let database = Database::parse(&args.database)?;
    let listener = listen(args.listen)?;
    let address = format!("http://{}", listener.local_addr()?);
    let store = database.open().await?;
    let (backend, emulator) = backend::start(args, &address, &database, store).await?;
    let key = key::of_file(&database.beside("key"), draw_key)?;
    let sweeper = backend.nango.spawn_sweeper(Duration::from_secs(args.sweep_every));

    let served = serve(Parts { listener, address, key, backend }).await;

    sweeper.stop().await;
    if let Some(emulator) = emulator {
        emulator.stop().await;
    }
    served
}

fn listen(address: SocketAddr) -> Result<TcpListener, BoxError> {
    let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => format!("{address} is in use; choose another with --listen"),
        _ => format!("cannot listen on {address}: {error}"),
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// An error says only what went wrong at its own level, and some say it all. What is behind a store's stays there: databases
/// quote keys.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut last = error;
    while let Some(cause) = last.source().filter(|_| !last.is::<StoreError>()) {
        let more = cause.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        last = cause;
    }
    text
}

#[cfg(test)]
mod tests {
    use nango_core::StoreErrorKind;
    use nango_emulator::EmulatorError;

    use super::*;

    #[test]
    fn causes_are_told_but_for_those_of_a_store() {
        let path = "app.json".into();
        let denied = EmulatorError::File { path, source: ErrorKind::PermissionDenied.into() };
        assert_eq!(with_causes(&denied), "cannot use file app.json: permission denied");
        let failed = StoreError::new(StoreErrorKind::Other, "duplicate key (c0ffee)");
        let failed = nango_core::Error::from(failed);
        assert_eq!(with_causes(&failed), "the connection store failed: the store failed");
    }
}
