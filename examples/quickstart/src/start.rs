//! Start and stop of the app, shared by quickstart and quickstart-actix.

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
use crate::files;
use crate::key;
use crate::sessions::Sessions;

/// The parts of the web server.
pub struct ServerParts {
    pub listener: TcpListener,
    /// The URL of the listener.
    pub address: String,
    /// Names of the app besides localhost and IP addresses.
    pub allowed_hosts: Vec<String>,
    /// Signs the session cookies.
    pub key: Vec<u8>,
    pub sessions: Sessions,
    pub backend: Backend,
}

/// Runs `serve`, which returns after a shutdown signal.
pub async fn run(
    generate_key: impl FnOnce() -> Vec<u8>,
    serve: impl AsyncFnOnce(ServerParts) -> Result<(), BoxError>,
) -> ExitCode {
    let args = Args::parse();
    files::create_privately();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match start_and_serve(&args, generate_key, serve).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {}", env!("CARGO_PKG_NAME"), with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn start_and_serve(
    args: &Args,
    generate_key: impl FnOnce() -> Vec<u8>,
    serve: impl AsyncFnOnce(ServerParts) -> Result<(), BoxError>,
) -> Result<(), BoxError> {
    let database = Database::parse(&args.database)?;
    let listener = listen(args.listen)?;
    let address = format!("http://{}", listener.local_addr()?);
    let store = database.open().await?;
    database.create_folder()?;
    let (backend, emulator) = backend::start(args, &address, &database, store).await?;
    let key = key::cookie_key(&database.companion("key"), generate_key)?;
    let sessions = Sessions::open(database.companion("sessions.json"))?;
    let sweeper = backend.nango.spawn_sweeper(Duration::from_secs(args.sweep_every));

    let allowed_hosts = args.allow_hosts.clone();
    let result = serve(ServerParts { listener, address, allowed_hosts, key, sessions, backend }).await;

    sweeper.stop().await;
    if let Some(emulator) = emulator {
        emulator.stop().await;
    }
    result
}

fn listen(address: SocketAddr) -> Result<TcpListener, BoxError> {
    let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => format!("{address} is in use; choose another with --listen"),
        _ => format!("cannot listen on {address}: {error}"),
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Formats an error with its chain of sources, without those that an error's own text repeats. The
/// source of a store's error is left out, since databases quote keys.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut last = error;
    while let Some(cause) = last.source().filter(|_| !last.is::<StoreError>()) {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
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
    fn errors_are_printed_with_their_causes_except_those_of_a_store() {
        let path = "app.json".into();
        let denied = EmulatorError::Io { path, source: ErrorKind::PermissionDenied.into() };
        assert_eq!(with_causes(&denied), "cannot read file app.json: permission denied");
        let failed = StoreError::new(StoreErrorKind::Other, "duplicate key (c0ffee)");
        let failed = nango_core::Error::from(failed);
        assert_eq!(with_causes(&failed), "the connection store failed: the store failed");
    }
}
