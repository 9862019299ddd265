//! The command line.

use std::net::SocketAddr;

/// Keeps a table of GitHub issues in step with the records that a Nango sync saves.
#[derive(Debug, Clone, clap::Parser)]
pub struct Args {
    /// Address that webhooks are received at, under /webhook.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// SQLite database, whose file is created if it is missing.
    #[arg(long, value_name = "URL", default_value = "sqlite://records.db")]
    pub database: String,

    /// Integration whose connections are mirrored.
    #[arg(long, value_name = "ID", default_value = "github")]
    pub integration: String,

    /// Seconds between two sweeps, which find what no webhook has announced.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub sweep_every: u64,

    /// Seconds between two comparisons, which find records that are gone without a trace.
    #[arg(long, value_name = "SECONDS", default_value_t = 24 * 60 * 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub compare_every: u64,

    /// Records per request and per transaction.
    #[arg(long, value_name = "COUNT", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub page_size: u32,
}
