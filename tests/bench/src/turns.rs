//! Works whose sides are under a load, measured in turns.

use crate::child::Child;
use crate::databases::Databases;
use crate::drive::{Driver, Load};
use crate::emulate;
use crate::figures::Sample;
use crate::outcome::Outcome;
use crate::plan::{App, Store};
use crate::running::Running;
use crate::served::Served;

/// The time that one side is measured before the next has its turn.
const TURN_SECONDS: f64 = 0.25;

/// Measures sides in short turns, there and back, each for so many seconds in all: what the machine does
/// for a second, or for a minute, then befalls all of them.
pub(crate) async fn play(sides: &[Served], seconds: f64, databases: &mut Databases) -> Outcome<Vec<Sample>> {
    let mut running = Vec::new();
    for side in sides {
        running.push(start(side, databases).await?);
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

/// Starts emulator, app and driver.
async fn start<'a>(side: &'a Served, databases: &mut Databases) -> Outcome<Running<'a>> {
    let settings = emulate::Settings {
        connections: u32::try_from(side.connections_at_nango)?,
        // As good as none: each delivery shall be within the budget of looks.
        rate_limit: side.looks.then_some(u32::MAX),
    };
    let (emulator, nango) = settings.start()?;
    let store = match side.fill {
        Some(fill) => databases.with_rows(side.rows, fill).await?,
        None => Store::Memory,
    };
    let (by, framework, looks, fill) = (side.by, side.framework, side.looks, side.fill);
    let app = App { by, framework, store, looks, fill, nango: nango.clone() };
    let (server, address) = Child::start("serve", &app)?;
    let load = Load { address, connections: side.connections, requests: side.requests };
    let driver = Driver::start(load, &nango.signing_key)?;
    Running::new(side, nango, address, driver, [server, emulator])
}
