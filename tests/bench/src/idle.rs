//! An app that waits: its memory, and what wakes it up.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::child::{self, Child};
use crate::databases::Databases;
use crate::emulate;
use crate::figures::{MEMORY_MIB, PEAK_MIB, Sample, WAKE_UPS};
use crate::ours;
use crate::outcome::Outcome;
use crate::plan::Rows;
use crate::plan::{Store, Upstream};

/// The names of the sides.
pub(crate) const SIDES: [&str; 3] = ["floor", "ours, with a sweeper", "ours, without"];

/// The work: an app has swept once, so that its store has all connections, and then gets no request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Idle {
    pub(crate) connections: usize,
}

#[derive(Serialize, Deserialize)]
struct Settings {
    /// `None` for an app by hand, which does nothing but listen.
    ours: Option<Ours>,
}

#[derive(Serialize, Deserialize)]
struct Ours {
    nango: Upstream,
    store: Store,
    has_sweeper: bool,
    connections: usize,
}

impl Idle {
    /// Returns the figures of the sides, each measured for four times as long as a load.
    pub(crate) async fn play(&self, seconds: f64, databases: &mut Databases) -> Outcome<Vec<Sample>> {
        let settings = emulate::Settings { connections: u32::try_from(self.connections)?, rate_limit: None };
        let (_emulator, nango) = settings.start()?;
        let mut samples = Vec::new();
        for side in SIDES {
            let ours = (side != SIDES[0]).then_some(Ours {
                nango: nango.clone(),
                store: databases.empty(Rows::Sqlite).await?,
                has_sweeper: side == SIDES[1],
                connections: self.connections,
            });
            samples.push(measure(&Settings { ours }, Duration::from_secs_f64(seconds * 4.0)).await?);
        }
        Ok(samples)
    }
}

async fn measure(settings: &Settings, span: Duration) -> Outcome<Sample> {
    let (app, ()) = Child::start("idle", settings)?;
    // What follows a start is over by then: the check of the set-up, and threads that look for work.
    tokio::time::sleep(span.min(Duration::from_secs(2))).await;
    let before = app.sleeps()?;
    tokio::time::sleep(span).await;
    let figures = [
        (WAKE_UPS, (app.sleeps()? - before) / span.as_secs_f64()),
        (MEMORY_MIB, app.memory("VmRSS")?),
        (PEAK_MIB, app.memory("VmHWM")?),
    ];
    Ok(figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

#[tokio::main(worker_threads = 2)]
pub(crate) async fn run(settings: &str) -> Outcome<()> {
    let settings: Settings = serde_json::from_str(settings)?;
    child::end_with_parent();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let Some(Ours { nango, store, has_sweeper, connections }) = settings.ours else {
        child::print(&())?;
        return Ok(axum::serve(listener, axum::Router::new()).await?);
    };
    let nango = ours::nango(&nango, ours::store(&store, None).await?, false)?;
    let report = nango.sweep().run().await?;
    if report.missing_in_store.count != connections {
        return Err(format!("the sweep has found {} connections", report.missing_in_store.count).into());
    }
    // Until it is dropped it runs, and it is not.
    let _sweeper = has_sweeper.then(|| nango.spawn_sweeper(Duration::from_secs(60 * 60)));
    child::print(&())?;
    Ok(axum::serve(listener, ours::router(nango)).await?)
}
