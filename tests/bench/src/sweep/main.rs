//! How fast a sweep is, and how much memory it takes: of connections that are all new, and once more
//! where all agree.
//!
//! Every sweep runs in a process of its own, so that the memory is the sweep's, and so does the Nango
//! that serves the pages.

mod databases;
mod measure;
mod memory;
mod nango;
mod outcome;
mod part;
mod stub;

use std::path::PathBuf;
use std::process::Stdio;

use clap::Parser;

use databases::Database;
use measure::Figures;
use nango::Nango;
use outcome::Outcome;
use part::part;

/// Measures sweeps: the time, and the most memory that one takes.
#[derive(Debug, Parser)]
struct Arguments {
    /// The numbers of connections. The memory is compared with that of the first.
    #[arg(long, value_delimiter = ',', default_value = "10000,100000")]
    connections: Vec<u32>,
    /// The databases. PostgreSQL is at NANGO_TEST_POSTGRES_URL.
    #[arg(long, value_delimiter = ',', default_value = "memory,sqlite,postgres")]
    databases: Vec<Database>,
    /// The emulator, for pages as it serves them. Without it, a stub of this program serves pages at
    /// once, and the figures are those of the sweep alone.
    #[arg(long)]
    emulator: Option<PathBuf>,
    /// Rounds; the median is shown.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Runs as a part of itself.
    #[arg(long, hide = true)]
    part: Option<String>,
}

fn main() -> Outcome<()> {
    let arguments = Arguments::parse();
    match arguments.part.as_deref() {
        None => compare(&arguments),
        Some("stub") => stub::serve(*first(&arguments.connections)?),
        Some(_) => measure::print(*first(&arguments.databases)?),
    }
}

fn compare(arguments: &Arguments) -> Outcome<()> {
    println!(
        "| database | connections | all new, a second | all agree, a second | most memory, MiB | of the first |"
    );
    println!("|---|---|---|---|---|---|");
    for database in &arguments.databases {
        let mut first = None;
        for connections in &arguments.connections {
            let rounds =
                (0..arguments.rounds).map(|_| one(*database, *connections, arguments.emulator.as_deref()));
            let rounds: Vec<Figures> = rounds.collect::<Outcome<_>>()?;
            let of = |figure: fn(&Figures) -> f64| median(rounds.iter().map(figure).collect());
            let most = of(|figures| figures.new.most.max(figures.agreeing.most));
            let first = *first.get_or_insert(most);
            println!(
                "| {} | {connections} | {:.0} | {:.0} | {most:.1} | {:.2} |",
                database.name(),
                of(|figures| figures.new.per_second),
                of(|figures| figures.agreeing.per_second),
                most / first,
            );
        }
    }
    Ok(())
}

/// Starts a Nango with so many connections and a process that sweeps them twice.
fn one(database: Database, connections: u32, emulator: Option<&std::path::Path>) -> Outcome<Figures> {
    let nango = Nango::start(connections, emulator)?;
    let output = part("measure")?
        .args(["--databases", database.name()])
        .env("NANGO_HOST", nango.url())
        .env("NANGO_SECRET_KEY", nango.key())
        .stderr(Stdio::inherit())
        .output()?;
    let figures: Figures = serde_json::from_slice(&output.stdout)?;
    let least = (connections as usize).saturating_sub(COLLIDING);
    if figures.listed < least || figures.written < least {
        return Err(format!("not all of {connections}: {figures:?}").into());
    }
    Ok(figures)
}

/// Connections that a sweep may take for others: two of the same fingerprint are in one of forty sweeps of a million, and in
/// one of thousands of a hundred thousand.
const COLLIDING: usize = 3;

fn first<T>(values: &[T]) -> Outcome<&T> {
    Ok(values.first().ok_or("at least one is needed")?)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
