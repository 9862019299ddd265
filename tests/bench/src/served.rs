//! The sides of a work that are apps, each with an emulator and a driver of its own.

use crate::child::Child;
use crate::databases::Databases;
use crate::drive::{Driver, Load};
use crate::emulate;
use crate::figures::Sample;
use crate::outcome::Outcome;
use crate::plan::{App, By, Fill, Framework, Rows, Store};
use crate::requests::Requests;
use crate::running::Running;

/// The time that one side is measured before the next has its turn.
const TURN_SECONDS: f64 = 0.25;

/// An app and its load.
#[derive(Debug, Clone)]
pub(crate) struct Served {
    pub(crate) by: By,
    pub(crate) framework: Framework,
    pub(crate) rows: Rows,
    pub(crate) fill: Option<Fill>,
    pub(crate) looks: bool,
    pub(crate) connections_at_nango: usize,
    /// The connections of the driver.
    pub(crate) connections: usize,
    pub(crate) requests: Requests,
}

/// Measures sides in short turns, there and back, each for so many seconds in all: what the machine does
/// for a second, or for a minute, then befalls all of them.
pub(crate) async fn play(sides: &[Served], seconds: f64, databases: &mut Databases) -> Outcome<Vec<Sample>> {
    let mut running = Vec::new();
    for side in sides {
        running.push(side.start(databases).await?);
    }
    for side in &mut running {
        side.begin().await?;
    }
    let (mut left, mut is_back) = (seconds, false);
    while left > 0.0 {
        let turn = left.min(TURN_SECONDS);
        let mut order: Vec<_> = running.iter_mut().collect();
        if is_back {
            order.reverse();
        }
        for side in order {
            side.turn(turn)?;
        }
        (left, is_back) = (left - turn, !is_back);
    }
    let mut samples = Vec::new();
    for side in running {
        samples.push(side.finish().await?);
    }
    Ok(samples)
}

impl Served {
    /// An app on Axum without rows, and without a budget of looks.
    pub(crate) fn new(by: By, rows: Rows, connections: usize, requests: Requests) -> Self {
        Self {
            by,
            framework: Framework::Axum,
            rows,
            fill: None,
            looks: false,
            connections_at_nango: 0,
            connections,
            requests,
        }
    }

    /// Returns the name of the side among those of its work.
    pub(crate) fn name(&self) -> String {
        let by = match self.by {
            By::Floor => "floor",
            By::Ours => "ours",
        };
        match (self.requests, self.fill) {
            (Requests::Lists(_), Some(fill)) => format!("{by}, {} rows", fill.rows),
            _ => by.to_owned(),
        }
    }

    /// Starts emulator, app and driver.
    async fn start(&self, databases: &mut Databases) -> Outcome<Running<'_>> {
        let settings = emulate::Settings {
            connections: u32::try_from(self.connections_at_nango)?,
            // As good as none: each delivery shall be within the budget of looks.
            rate_limit: self.looks.then_some(u32::MAX),
        };
        let (emulator, nango) = settings.start()?;
        let store = match self.fill {
            Some(fill) => databases.with_rows(self.rows, fill).await?,
            None => Store::Memory,
        };
        let (by, framework, looks, fill) = (self.by, self.framework, self.looks, self.fill);
        let app = App { by, framework, store, looks, fill, nango: nango.clone() };
        let (server, address) = Child::start("serve", &app)?;
        let load = Load { address, connections: self.connections, requests: self.requests };
        let driver = Driver::start(load, &nango.signing_key)?;
        Running::new(self, nango, address, driver, [server, emulator])
    }
}
