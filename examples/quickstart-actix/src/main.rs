//! The quickstart's back end on Actix Web. Its page, flags, models and Nango are those of the quickstart.

#![expect(unreachable_pub, reason = "an app has nobody outside who could name its types")]

mod app;
mod page;
mod session;

// Files and not a library: Actix's `FromRequest` can be implemented only for types of one's own crate.
#[path = "../../quickstart/src/args.rs"]
mod args;
#[path = "../../quickstart/src/backend.rs"]
mod backend;
#[path = "../../quickstart/src/key.rs"]
mod key;
#[path = "../../quickstart/src/models.rs"]
mod models;
#[path = "../../quickstart/src/web.rs"]
mod web;

use std::error::Error;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use actix_web::cookie::Key;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use clap::Parser as _;
use nango_core::BoxError;
use nango_sqlx::SqliteStore;
use tracing_subscriber::EnvFilter;

use crate::app::{AppState, routes, sessions};
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
            eprintln!("quickstart-actix: {}", with_causes(&*error));
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
    let listener = listen(args.listen)?;
    let address = format!("http://{}", listener.local_addr()?);

    let store = SqliteStore::connect(args.database.url()).await?;
    let Backend { nango, offers, connect, emulator } = backend::start(&args, &address, store).await?;
    let key = key::of_file(&args.database.beside("key"), || Key::generate().master().to_vec())?;
    let state = Data::new(AppState { offers, connect });
    let sweeper = nango.spawn_sweeper(Duration::from_secs(args.sweep_every));

    let (key, routes) = (Key::try_from(key.as_slice())?, routes(state, nango));
    let app = move || App::new().wrap(sessions(key.clone())).configure(routes.clone());
    let server = HttpServer::new(app).workers(2).shutdown_timeout(5).listen(listener)?;
    println!("ready {address}");
    // Ends on Ctrl-C, and when a service manager says so.
    server.run().await?;
    sweeper.stop().await;
    if let Some(emulator) = emulator {
        emulator.stop().await;
    }
    Ok(())
}

fn listen(address: SocketAddr) -> Result<TcpListener, BoxError> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => format!("{address} is in use; choose another with --listen").into(),
        _ => format!("cannot listen on {address}: {error}").into(),
    })
}
