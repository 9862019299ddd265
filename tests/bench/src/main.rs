//! Measures the routes of the workspace beside floors, which are written by hand.

use clap::Parser;

/// Measures the routes of the workspace beside floors, which are written by hand.
#[derive(Debug, Parser)]
struct Arguments {}

fn main() {
    let Arguments {} = Arguments::parse();
}
