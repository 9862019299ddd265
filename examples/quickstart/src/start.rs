//! Start and stop of the app, shared by quickstart and quickstart-actix.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::process::ExitCode;
use std::task::Poll;
use std::time::Duration;

use clap::Parser as _;
use nango_core::{BoxError, Nango};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::args::Args;
use crate::backend::{self, Backend};
use crate::database::Database;
use crate::files;
use crate::inbox::Inbox;
use crate::key;
use crate::nango;
use crate::sessions::Sessions;
use crate::storage::Storage;

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
    pub inbox: Inbox,
}

/// Runs `serve`, which returns after a shutdown signal.
pub async fn run(
    generate_key: impl FnOnce() -> Vec<u8>,
    serve: impl AsyncFnOnce(ServerParts) -> Result<(), BoxError>,
) -> ExitCode {
    let args = Args::parse();
    files::create_privately();
    log_to_stderr();
    match start_and_serve(&args, generate_key, serve).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}: {error}", env!("CARGO_PKG_NAME"));
            ExitCode::FAILURE
        }
    }
}

/// Logs what `RUST_LOG` names, such as `warn` or `info,nango_core=debug`. Unlike an `EnvFilter` it needs no
/// regular expressions, which a first build would wait for.
fn log_to_stderr() {
    let wanted = std::env::var("RUST_LOG").ok().and_then(|wanted| wanted.parse::<Targets>().ok());
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines).with(filter).init();
}

async fn start_and_serve(
    args: &Args,
    generate_key: impl FnOnce() -> Vec<u8>,
    serve: impl AsyncFnOnce(ServerParts) -> Result<(), BoxError>,
) -> Result<ExitCode, BoxError> {
    let database = Database::parse(&args.database)?;
    if args.worker_only {
        return work(args, &database).await;
    }
    let listener = listen(args.listen)?;
    let address = format!("http://{}", listener.local_addr()?);
    let storage = Storage::open(args, &database).await?;
    let (backend, emulator) = backend::start(args, &address, &database, &storage).await?;
    let key = key::cookie_key(&database.companion("key"), generate_key)?;
    let sessions = Sessions::open(database.companion("sessions.json"))?;
    if args.check {
        return Ok(check(&backend.nango).await);
    }
    let nango = backend.nango.clone();
    let sweeper = nango.spawn_sweeper(Duration::from_secs(args.sweep_every));
    let Storage { queue, inbox, .. } = storage;
    let worker = if args.no_worker { None } else { Some(nango.event_worker(queue).spawn()?) };

    let allowed_hosts = args.allow_hosts.clone();
    let result = serve(ServerParts { listener, address, allowed_hosts, key, sessions, backend, inbox }).await;

    if let Some(worker) = worker {
        worker.stop().await;
    }
    sweeper.stop().await;
    nango.settled().await;
    if let Some(emulator) = emulator {
        emulator.stop().await;
    }
    result.map(|()| ExitCode::SUCCESS)
}

/// Runs a process that handles events and serves nothing.
async fn work(args: &Args, database: &Database) -> Result<ExitCode, BoxError> {
    let storage = Storage::open(args, database).await?;
    let nango = nango::of_worker(args, database, &storage)?;
    if args.check {
        return Ok(check(&nango).await);
    }
    let worker = nango.event_worker(storage.queue).spawn()?;
    announce("worker", shutdown_signal()).await;
    worker.stop().await;
    nango.settled().await;
    Ok(ExitCode::SUCCESS)
}

async fn check(nango: &Nango) -> ExitCode {
    let report = nango.check_setup().await;
    print!("{report}");
    if report.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the web server or the worker, and says that it is ready once it also listens to signals, which it
/// does when it is polled first: a signal that came sooner would end the app at once.
pub async fn announce<T>(address: &str, server: impl Future<Output = T>) -> T {
    let mut server = pin!(server);
    let first = poll_fn(|context| Poll::Ready(server.as_mut().poll(context))).await;
    println!("ready {address}");
    match first {
        Poll::Ready(ended) => ended,
        Poll::Pending => server.await,
    }
}

/// Completes on Ctrl-C, or when a service manager terminates the app.
pub async fn shutdown_signal() {
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

fn listen(address: SocketAddr) -> Result<TcpListener, BoxError> {
    let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => format!("{address} is in use; choose another with --listen"),
        _ => format!("cannot listen on {address}: {error}"),
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
