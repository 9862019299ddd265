//! Two sweeps, in a process of their own.

use std::time::Instant;

use nango_core::{Nango, NangoBuilder, SigningKeys};
use serde::{Deserialize, Serialize};

use crate::databases::Database;
use crate::memory;
use crate::outcome::Outcome;

/// The figures of a sweep of new connections, and of one more.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) listed: usize,
    /// Rows that the second sweep found.
    pub(crate) written: usize,
    pub(crate) new: Sweep,
    pub(crate) agreeing: Sweep,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sweep {
    pub(crate) seconds: f64,
    pub(crate) per_second: f64,
    pub(crate) requests: u32,
    /// The most memory, in MiB.
    pub(crate) most: f64,
}

/// Measures, and prints the figures as JSON.
pub(crate) fn print(database: Database) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let figures = runtime.block_on(figures(database))?;
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

async fn figures(database: Database) -> Outcome<Figures> {
    let (store, rest) = database.open().await?;
    // The host and the key are in the environment.
    let (host, key) = (std::env::var("NANGO_HOST")?, std::env::var("NANGO_SECRET_KEY")?);
    let builder: NangoBuilder = Nango::builder(key.as_str(), SigningKeys::new(["unused"])?, store);
    let nango = builder
        .host(&host)
        .allowed_integrations(["openai"])
        .untyped_entity("user", "end_user_id", None, &[])
        .build()?;
    let (listed, _, new) = sweep(&nango).await?;
    let (_, written, agreeing) = sweep(&nango).await?;
    drop(nango);
    rest.remove().await?;
    Ok(Figures { listed, written, new, agreeing })
}

/// Returns the connections that were listed, the rows that were read, and the figures.
async fn sweep(nango: &Nango) -> Outcome<(usize, usize, Sweep)> {
    memory::reset()?;
    let begun = Instant::now();
    let report = nango.sweep().run().await?;
    let seconds = begun.elapsed().as_secs_f64();
    let per_second = f64::from(u32::try_from(report.listed)?) / seconds;
    let sweep = Sweep { seconds, per_second, requests: report.requests, most: memory::most()? };
    eprintln!("{sweep:?}: {report}");
    Ok((report.listed, report.rows, sweep))
}
