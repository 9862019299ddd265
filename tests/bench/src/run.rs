//! Plays works in turns.

use std::env;
use std::fs;

use crate::databases::Databases;
use crate::figures::Sample;
use crate::idle;
use crate::options::Run;
use crate::outcome::Outcome;
use crate::report::{Report, WorkReport};
use crate::served::Served;
use crate::turns;
use crate::works::{self, Play, Work};

/// The emulator counts calls in windows of a minute, of which the two sides that look may take a part only.
const MAX_SECONDS: f64 = 15.0;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(options: &Run) -> Outcome<()> {
    if !(options.seconds > 0.0 && options.seconds <= MAX_SECONDS) {
        return Err(format!("--seconds is above 0 and at most {MAX_SECONDS}").into());
    }
    let server = env::var("NANGO_TEST_POSTGRES_URL").ok();
    let mut report = Report::new(options.seconds, options.rounds, options.quick);
    for work in works::all(options.quick).iter().filter(|work| is_wanted(work, options)) {
        if server.is_none() && work.name.contains("postgres") {
            println!("{}: skipped, NANGO_TEST_POSTGRES_URL is not set\n", work.name);
            continue;
        }
        let done =
            play(work, options, server.clone()).await.map_err(|error| format!("{}: {error}", work.name))?;
        println!("{done}");
        report.works.push(done);
    }
    if report.works.is_empty() {
        return Err("no work was played; `nango-bench list` has their names".into());
    }
    if let Some(file) = &options.json {
        fs::write(file, serde_json::to_string_pretty(&report)?)?;
    }
    Ok(())
}

fn is_wanted(work: &Work, options: &Run) -> bool {
    options.works.is_empty() || options.works.iter().any(|name| work.name.starts_with(name))
}

/// Plays a work in rounds, each with new processes.
async fn play(work: &Work, options: &Run, server: Option<String>) -> Outcome<WorkReport> {
    let mut databases = Databases::new(server)?;
    let mut rounds: Vec<Vec<Sample>> = Vec::new();
    for _ in 0..options.rounds {
        rounds.push(match &work.play {
            Play::Served(sides) => turns::play(sides, options.seconds, &mut databases).await?,
            Play::Proxied(proxied) => proxied.play(options.seconds, &mut databases).await?,
            Play::Idle(idle) => idle.play(options.seconds, &mut databases).await?,
        });
    }
    let sides = match &work.play {
        Play::Served(sides) => sides.iter().map(Served::name).collect(),
        Play::Proxied(_) => vec!["floor".to_owned(), "ours".to_owned()],
        Play::Idle(_) => idle::SIDES.map(str::to_owned).to_vec(),
    };
    Ok(WorkReport::of(work, sides, &rounds))
}
