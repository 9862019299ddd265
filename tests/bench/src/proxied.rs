//! A call to a provider after a look-up of the connection: the process that makes it, call by call in turns.

use std::time::{Duration, Instant};

use nango_core::Nango;
use serde::{Deserialize, Serialize};

use crate::child::{self, Child};
use crate::databases::Databases;
use crate::emulate;
use crate::figures::{P50_US, P99_US, PER_SECOND, Sample};
use crate::floors::Floor;
use crate::ours::{self, User};
use crate::outcome::Outcome;
use crate::plan::Rows;
use crate::plan::{App, By, Fill, Framework, INTEGRATION, user};

/// The path of the provider's API, which echoes the request.
const PATH: &str = "/v1/models";

/// The work: an owner's only connection is looked up, and its provider called, one call at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proxied {
    pub(crate) rows: Rows,
    pub(crate) fill: Fill,
}

#[derive(Serialize, Deserialize)]
struct Settings {
    app: App,
    seconds: f64,
}

impl Proxied {
    /// Returns the figures of the floor and of ours.
    pub(crate) async fn play(&self, seconds: f64, databases: &mut Databases) -> Outcome<Vec<Sample>> {
        let settings = emulate::Settings { connections: u32::try_from(self.fill.rows)?, rate_limit: None };
        let (_emulator, nango) = settings.start()?;
        let store = databases.with_rows(self.rows, self.fill).await?;
        let fill = Some(self.fill);
        // Both are in the one process, whichever is named.
        let app = App { by: By::Ours, framework: Framework::Axum, store, looks: false, fill, nango };
        Child::finish("call", &Settings { app, seconds })
    }
}

#[tokio::main(worker_threads = 2)]
pub(crate) async fn run(settings: &str) -> Outcome<()> {
    let Settings { app, seconds } = serde_json::from_str(settings)?;
    child::end_with_parent();
    let users = app.fill.ok_or("no rows")?.rows;
    let floor = Floor::new(&app).await?;
    let nango = ours::nango(&app.nango, ours::store(&app.store, app.fill).await?, app.looks)?;
    let expected = call_by_hand(&floor, &user(1)).await?;
    let (mut by_hand, mut by_ours) = (Vec::new(), Vec::new());
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let mut n = 0_usize;
    while Instant::now() < end {
        n += 1;
        let user = user(n % users + 1);
        // Each is first in every other turn.
        for is_ours in [n.is_multiple_of(2), !n.is_multiple_of(2)] {
            let began = Instant::now();
            let length =
                if is_ours { call(&nango, &user).await? } else { call_by_hand(&floor, &user).await? };
            if length == 0 || expected == 0 {
                return Err("the provider's reply is empty".into());
            }
            if is_ours { by_ours.push(began.elapsed()) } else { by_hand.push(began.elapsed()) }
        }
    }
    child::print(&[sample(by_hand), sample(by_ours)])
}

async fn call_by_hand(floor: &Floor, user: &str) -> Outcome<usize> {
    let connection_id = floor.connection_id(user, INTEGRATION).await?.ok_or("the user has no connection")?;
    floor.nango.call(&connection_id, PATH).await
}

async fn call(nango: &Nango, user: &str) -> Outcome<usize> {
    let connection = nango.connection(&User { id: user.to_owned() }, INTEGRATION).await?;
    let reply = connection.proxy().get(PATH).send().await?;
    if reply.status().is_success() {
        Ok(reply.bytes().len())
    } else {
        Err("the provider refuses the call".into())
    }
}

fn sample(mut times: Vec<Duration>) -> Sample {
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).map_or(0.0, |time| time.as_secs_f64() * 1e6);
    let total: Duration = times.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 calls")]
    let per_second = times.len() as f64 / total.as_secs_f64();
    let figures = [(PER_SECOND, per_second), (P50_US, at(50)), (P99_US, at(99))];
    figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
