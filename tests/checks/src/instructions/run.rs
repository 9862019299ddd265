//! The check and its table.

use std::env::consts::ARCH;
use std::path::Path;

use super::figures::{CALIBRATION, Counts, Figures, TOLERANCE, change, judge, tolerance};
use super::measure::measure;
use crate::failure::{Failure, Result, read};
use crate::workspace::Workspace;

/// Compares the counts with the committed ones of this architecture, or commits them.
pub(crate) fn run(workspace: &Workspace, update: bool) -> Result<bool> {
    let package = workspace.root.join("tests/bench/micro");
    let file = package.join("instructions.json");
    let mut figures: Figures =
        serde_json::from_str(&read(&file)?).map_err(|error| Failure::at(&file, error))?;
    let measured = measure(&workspace.root, &package)?;
    let committed = figures.get(ARCH).cloned().unwrap_or_default();
    let clean = show(&committed, &measured);
    if update {
        figures.insert(ARCH.to_owned(), measured);
        write(&file, &figures)?;
        println!("written to {}", workspace.shown(&file));
        return Ok(true);
    }
    if committed.is_empty() {
        println!("WARNING: NOTHING WAS COMPARED. {} has no figures of {ARCH}.", workspace.shown(&file));
        return Ok(true);
    }
    Ok(clean)
}

/// Prints the table. Returns `false` when a count has to be justified.
fn show(committed: &Counts, measured: &Counts) -> bool {
    let tolerance = tolerance(committed, measured);
    println!("{:<24} {:>10} {:>10} {:>8}", "instructions", "committed", "now", "change");
    let names = committed.keys().chain(measured.keys().filter(|name| !committed.contains_key(*name)));
    let mut clean = true;
    for name in names {
        let (before, now) = (committed.get(name).copied(), measured.get(name).copied());
        let verdict = judge(name, before, now, tolerance);
        let number = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        let change = before.zip(now).map(|(before, now)| format!("{:+.1} %", change(before, now)));
        let line = format!(
            "{name:<24} {:>10} {:>10} {:>8}",
            number(before),
            number(now),
            change.unwrap_or_default()
        );
        println!("{}", format!("{line}  {}", verdict.advice()).trim_end());
        clean &= !verdict.is_failure();
    }
    if tolerance > TOLERANCE {
        println!(
            "WARNING: {CALIBRATION} differs, so the C library or valgrind is not the committed figures'. Tolerated are {tolerance:.1} %."
        );
    }
    clean
}

fn write(file: &Path, figures: &Figures) -> Result<()> {
    let text = serde_json::to_string_pretty(figures).map_err(|error| Failure::at(file, error))?;
    std::fs::write(file, text + "\n").map_err(|error| Failure::at(file, error))
}
