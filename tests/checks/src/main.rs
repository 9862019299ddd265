//! Checks of the workspace's own sources. `.ci/run` runs them; each ends with exit code 1 when it
//! finds something.

mod command;
mod examples;
mod failure;
mod imports;
mod instructions;
mod lines;
mod links;
mod modules;
mod outside;
mod packages;
mod prose;
mod public_types;
mod release;
mod rust_version;
mod scan;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
