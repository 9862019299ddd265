//! Breaks the rules of reconciliation, one at a time, and reports which tests notice:
//! `broken_rules`, or `broken_rules stale mark` for these two. It fails when none does.
//!
//! The sources are copied into a folder of their own, get every break at once, and are built once;
//! an environment variable names the rule that a run breaks.

mod copy;
mod rules;
mod run;

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rules::Rule;
use run::{Outcome, Program};

fn main() -> Result<(), Box<dyn Error>> {
    let names: Vec<String> = env::args().skip(1).collect();
    let rules = chosen(names)?;
    let folder = copied()?;
    let programs = run::build(&folder, &folder.join("target"), run::ALL)?;

    let (_, Outcome { failed, hung }) = try_rule(&programs, None)?;
    if hung || !failed.is_empty() {
        return Err(format!("without any rule broken these fail, or one hangs: {}", failed.join(", ")).into());
    }
    let mut unnoticed = Vec::new();
    for rule in rules {
        let (seconds, Outcome { failed, hung }) = try_rule(&programs, Some(rule))?;
        println!("\n{}: {} ({seconds} s)", rule.name, rule.text);
        for test in &failed {
            println!("  {test}");
        }
        if hung {
            println!("  and one program did not end");
        }
        if failed.is_empty() && !hung {
            unnoticed.push(rule.name);
        }
    }
    if unnoticed.is_empty() {
        return Ok(());
    }
    Err(format!("no test notices when these are broken: {}", unnoticed.join(", ")).into())
}

/// Copies the sources, with all breaks, and returns the folder.
fn copied() -> Result<PathBuf, Box<dyn Error>> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no workspace")?;
    let folder = sources.join("target/broken-rules");
    copy::with_breaks(sources, &folder)?;
    Ok(folder)
}

fn chosen(names: Vec<String>) -> Result<Vec<&'static Rule>, String> {
    if names.is_empty() {
        return Ok(rules::all().collect());
    }
    let named = |name: String| rules::all().find(|rule| rule.name == name).ok_or(name);
    let chosen: Result<Vec<_>, _> = names.into_iter().map(named).collect();
    chosen.map_err(|name| {
        let known: Vec<_> = rules::all().map(|rule| rule.name).collect();
        format!("there is no rule `{name}`, there are: {}", known.join(", "))
    })
}

/// Runs all programs with a rule broken, and returns the seconds that it took and the tests that
/// failed.
fn try_rule(programs: &[Program], rule: Option<&Rule>) -> Result<(u64, Outcome), Box<dyn Error>> {
    let start = Instant::now();
    let mut outcome = Outcome::default();
    for program in programs {
        let Outcome { failed, hung } = program.run(rule.map(|rule| rule.name))?;
        outcome.failed.extend(failed);
        outcome.hung |= hung;
    }
    Ok((start.elapsed().as_secs(), outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_break_has_its_place_in_the_sources() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        copy::broken_files(sources).unwrap();
    }

    /// So the breaks still fit after a rename in the libraries, and the tests are those of unbroken code until one
    /// is chosen.
    #[test]
    #[ignore = "not beside others, since cargo takes the macro of the copy for that of the workspace: `.ci/run` runs it last"]
    fn every_break_compiles_and_only_a_chosen_one_is_noticed() {
        let folder = copied().unwrap();
        // The target folder of the workspace, whose dependencies are compiled already: the copy lies in it.
        let target = folder.parent().unwrap();
        let libraries = ["--package", "nango-client", "--package", "nango-core", "--lib"];
        let programs = run::build(&folder, target, &libraries).unwrap();
        assert_eq!(programs.len(), 2);
        let (_, unbroken) = try_rule(&programs, None).unwrap();
        assert!(unbroken.failed.is_empty() && !unbroken.hung, "{:?}", unbroken.failed);
        // One that tests of the libraries notice; most rules need those of the workspace.
        let rule = rules::all().find(|rule| rule.name == "signature").unwrap();
        let (_, broken) = try_rule(&programs, Some(rule)).unwrap();
        assert!(!broken.failed.is_empty(), "no test notices: {}", rule.text);
    }
}
