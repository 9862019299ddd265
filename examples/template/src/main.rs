//! The command line of the app.

use std::env;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use app_template::{Config, Mailer, add_user, call_health_endpoint, migrate, open, start};
use nango_core::BoxError;
use tokio::net::TcpListener;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

const USAGE: &str = "\
usage: app                  serves; the variables are in .env.example
       app migrate          creates or migrates the tables
       app add-user EMAIL   adds a user, with the password from standard input
       app healthcheck      asks the app on this machine whether it is healthy";

#[tokio::main]
async fn main() -> ExitCode {
    log_to_stderr();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [] => serve().await,
        ["migrate"] => migrate_tables().await,
        ["add-user", email] => add(email).await,
        ["healthcheck"] => call_health_endpoint(port()).await,
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), BoxError> {
    let config = Config::from_env()?;
    let listener = TcpListener::bind(config.listen).await.map_err(|error| {
        format!("cannot listen on {}: {error}; another address can be set as LISTEN", config.listen)
    })?;
    let mailer = Mailer::smtp(&config)?;
    let running = start(&config, mailer, listener).await?;
    println!("ready http://{}", running.address());
    shutdown_signal().await;
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}

async fn migrate_tables() -> Result<(), BoxError> {
    let config = Config::from_env()?;
    migrate(&open(&config.database_url).await?).await
}

async fn add(email: &str) -> Result<(), BoxError> {
    let config = Config::from_env()?;
    let mut password = String::new();
    io::stdin().read_to_string(&mut password)?;
    add_user(&open(&config.database_url).await?, email, password.trim_end_matches(['\r', '\n'])).await
}

/// Returns the port of the app's address, without the other variables: a check is no reason to need them.
fn port() -> u16 {
    let address = env::var("LISTEN").ok().and_then(|address| address.parse::<SocketAddr>().ok());
    address.map_or(3000, |address| address.port())
}

/// Logs what `RUST_LOG` names, such as `warn` or `info,nango_core=debug`.
fn log_to_stderr() {
    let wanted = env::var("RUST_LOG").ok().and_then(|wanted| wanted.parse::<Targets>().ok());
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    tracing_subscriber::registry().with(lines).with(filter).init();
}

/// Completes on Ctrl-C, or when a service manager terminates the app.
async fn shutdown_signal() {
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
