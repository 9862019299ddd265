//! The options of a run.

use std::path::PathBuf;

use clap::Args;

/// The works to play, and the time for each.
#[derive(Args, Clone)]
pub(crate) struct Run {
    /// Play only works whose name begins so; may be repeated.
    #[arg(long = "work", value_name = "NAME")]
    pub(crate) works: Vec<String>,
    /// Play each side of a work so often.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,
    /// Measure each side for so long.
    #[arg(long, default_value_t = 5.0, value_name = "N")]
    pub(crate) seconds: f64,
    /// Write the figures to a file, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Use few rows: shows that the works run, not how fast they are.
    #[arg(long)]
    pub(crate) quick: bool,
}
