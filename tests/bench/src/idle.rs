//! An app that waits: its memory, and what wakes it up.

use std::time::Duration;

use serde::Serialize;

use crate::child::Child;
use crate::databases::Databases;
use crate::emulate;
use crate::figures::{MEMORY_MIB, PEAK_MIB, Sample, WAKE_UPS};
use crate::outcome::Outcome;
use crate::plan::{Rows, Store, Upstream};

/// The program of the app, which is beside this one: it has one framework and one database in it, as an app has.
const PROGRAM: &str = "nango-bench-idle";

/// The names of the sides.
pub(crate) const SIDES: [&str; 3] = ["floor", "ours, with a sweeper", "ours, without"];

/// The work: an app has swept once, so that its store has all connections, and then gets no request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Idle {
    pub(crate) connections: usize,
}

#[derive(Serialize)]
struct Settings {
    /// `None` for an app by hand, which does nothing but listen.
    ours: Option<Ours>,
}

#[derive(Serialize)]
struct Ours {
    nango: Upstream,
    database: String,
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
            let Store::Sqlite(database) = databases.empty(Rows::Sqlite).await? else {
                return Err("no file".into());
            };
            let ours = (side != SIDES[0]).then_some(Ours {
                nango: nango.clone(),
                database,
                has_sweeper: side == SIDES[1],
                connections: self.connections,
            });
            samples.push(measure(&Settings { ours }, Duration::from_secs_f64(seconds * 4.0)).await?);
        }
        Ok(samples)
    }
}

async fn measure(settings: &Settings, span: Duration) -> Outcome<Sample> {
    let (app, ()) = Child::start_program(PROGRAM, settings)?;
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
