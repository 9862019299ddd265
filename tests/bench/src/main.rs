//! Measures the routes of the workspace beside floors: the same work, written by hand.

mod child;
mod databases;
mod drive;
mod emulate;
mod figures;
mod floors;
mod idle;
mod options;
mod ours;
mod outcome;
mod plan;
mod proxied;
mod report;
mod requests;
mod rows;
mod run;
mod running;
mod serve;
mod served;
mod turns;
mod works;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use options::Run;

/// Measures the routes of the workspace beside floors: the same work, written by hand.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plays works in turns, and prints the ratios.
    Run(Run),
    /// Lists the works.
    List,
    /// Starts an emulator. A process that `run` starts.
    #[command(hide = true)]
    Emulate { settings: String },
    /// Starts an app. A process that `run` starts.
    #[command(hide = true)]
    Serve { settings: String },
    /// Sends requests. A process that `run` starts.
    #[command(hide = true)]
    Drive { settings: String },
    /// Calls a provider. A process that `run` starts.
    #[command(hide = true)]
    Call { settings: String },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(options) => run::run(&options),
        Command::List => {
            works::all(false).iter().for_each(|work| println!("{:22} {}", work.name, work.about));
            Ok(())
        }
        Command::Emulate { settings } => emulate::run(&settings),
        Command::Serve { settings } => serve::run(&settings),
        Command::Drive { settings } => drive::run(&settings),
        Command::Call { settings } => proxied::run(&settings),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nango-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
