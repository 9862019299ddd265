//! `nango-rs`: checks the set-up of an app that uses Nango, reads its tables, and replays events that failed.

mod app;
mod args;
mod clock;
mod connections;
mod database;
mod doctor;
mod events;
mod output;
mod sweep;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};

#[tokio::main]
async fn main() -> ExitCode {
    let Args { json, command } = Args::parse();
    let outcome = match command {
        Command::Connections(args) => connections::run(args, json).await,
        Command::Doctor(args) => doctor::run(args, json).await,
        Command::Events(args) => events::run(args, json).await,
        Command::Sweep(args) => sweep::run(args, json).await,
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("nango-rs: {error}");
            ExitCode::from(output::FAILED)
        }
    }
}
