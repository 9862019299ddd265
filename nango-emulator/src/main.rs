//! `nango-emulator`: a Nango for localhost, for development.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use nango_emulator::Emulator;
use tokio::signal;

/// A small, honest Nango for localhost.
///
/// Prints one `key=value` per line when it is ready, and serves until SIGINT or SIGTERM.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Address and port.
    #[arg(long, default_value = "127.0.0.1:3003")]
    listen: String,
    /// JSON file with environment, providers, integrations and keys.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Provider templates in Nango's YAML shape, such as `providers.yaml` of `@nangohq/providers`.
    #[arg(long, value_name = "FILE")]
    providers: Option<PathBuf>,
    /// Keep the state in this file.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// URL that webhooks are sent to.
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// The environment's second webhook URL.
    #[arg(long, value_name = "URL")]
    webhook_url_secondary: Option<String>,
    /// `redirect_uri` for OAuth2 providers [default: {public url}/oauth/callback].
    #[arg(long, value_name = "URL")]
    callback_url: Option<String>,
    /// URL under which browsers reach this server [default: `http://localhost:PORT`].
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Name in the `Host` header to allow, besides localhost and IP addresses; may be repeated.
    #[arg(long = "allow-host", value_name = "NAME")]
    allow_hosts: Vec<String>,
    /// Refuse requests beyond this number per minute [default: refuse none].
    #[arg(long, value_name = "N")]
    rate_limit: Option<u32>,
    /// Drop webhooks to a failing URL for a minute, as Nango's cloud does.
    #[arg(long)]
    circuit_breaker: bool,
    /// Make ids and tokens the same in every run.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// API key, a UUID v4 [default: the development key].
    #[arg(long, env = "NANGO_SECRET_KEY", hide_env_values = true, value_name = "KEY")]
    secret_key: Option<String>,
    /// Webhook signing key [default: the development key].
    #[arg(long, env = "NANGO_WEBHOOK_SIGNING_KEY", hide_env_values = true, value_name = "KEY")]
    webhook_signing_key: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nango-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Box<dyn Error>> {
    let mut builder = Emulator::builder().listen(args.listen).circuit_breaker(args.circuit_breaker);
    macro_rules! set {
        ($($flag:ident => $method:ident),* $(,)?) => {
            $(if let Some(value) = args.$flag { builder = builder.$method(value); })*
        };
    }
    set! {
        config => config_file,
        providers => providers_file,
        data => data_file,
        webhook_url => webhook_url,
        webhook_url_secondary => secondary_webhook_url,
        callback_url => callback_url,
        public_url => public_url,
        rate_limit => rate_limit,
        seed => seed,
        secret_key => secret_key,
        webhook_signing_key => signing_key,
    }
    for name in args.allow_hosts {
        builder = builder.allow_host(name);
    }
    let emulator = builder.start().await?;
    print_settings(&emulator)?;
    wait_for_signal().await?;
    emulator.stop().await;
    Ok(())
}

fn print_settings(emulator: &Emulator) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "url={}", emulator.url())?;
    writeln!(out, "secret_key={}", emulator.secret_key())?;
    writeln!(out, "webhook_signing_key={}", emulator.signing_key())?;
    writeln!(out, "webhook_url={}", emulator.webhook_url().unwrap_or_default())?;
    writeln!(out, "connect={}", emulator.connect_url())?;
    out.flush()
}

/// Waits for SIGINT or SIGTERM.
async fn wait_for_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await
}
