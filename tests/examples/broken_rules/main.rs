//! Breaks the rules of reconciliation, one at a time, and fails where the test that each rule names
//! does not notice: `broken_rules`, or `broken_rules stale mark` for these two. With `--every-test`
//! it runs all tests for each rule, and reports which notice.
//!
//! The sources are copied into a folder of their own, get every break at once, and are built once;
//! an environment variable names the rule that a run breaks.

mod copy;
mod rules;
mod run;
mod verdicts;

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rules::Rule;
use run::{Outcome, Program};

fn main() -> Result<(), Box<dyn Error>> {
    let (options, names): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|word| word.starts_with('-'));
    let is_thorough = match options.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--every-test"] => true,
        _ => return Err("usage: broken_rules [--every-test] [RULE ...]".into()),
    };
    let rules = chosen(names)?;
    let folder = copied()?;
    let programs = run::build(&folder, &folder.join("target"))?;
    let wrong =
        if is_thorough { run_every_test(&programs, &rules)? } else { verdicts::judge(&programs, &rules)? };
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
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

/// Runs all tests for each rule, prints which notice, and returns what is wrong.
fn run_every_test(programs: &[Program], rules: &[&Rule]) -> Result<Vec<String>, Box<dyn Error>> {
    let every_test = |rule: Option<&Rule>| -> Result<Outcome, Box<dyn Error>> {
        let mut outcome = Outcome::default();
        for program in programs {
            outcome.add(program.run(rule.map(|rule| rule.name), None)?);
        }
        Ok(outcome)
    };
    let Outcome { failed, hung, .. } = every_test(None)?;
    if hung || !failed.is_empty() {
        return Err(format!("without any rule broken these fail, or one hangs: {}", failed.join(", ")).into());
    }
    let mut wrong = Vec::new();
    for rule in rules {
        let start = Instant::now();
        let Outcome { failed, hung, .. } = every_test(Some(rule))?;
        println!("\n{}: {} ({} s)", rule.name, rule.text, start.elapsed().as_secs());
        for test in &failed {
            println!("  {test}");
        }
        if hung {
            println!("  and one program did not end");
        }
        if !failed.iter().any(|test| test == rule.noticed_by) {
            wrong.push(format!("`{}` does not notice that `{}` is broken", rule.noticed_by, rule.name));
        }
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_break_has_its_place_in_the_sources() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        copy::broken_files(sources).unwrap();
    }

    /// So the breaks still fit after a rename in the libraries, and each is noticed.
    #[test]
    #[ignore = "not beside others, since cargo takes the macro of the copy for that of the workspace: `.ci/run` runs it last"]
    fn every_broken_rule_is_noticed() {
        let folder = copied().unwrap();
        // Where this program lies, in `debug/examples`, dependencies are compiled already.
        let program = env::current_exe().unwrap();
        let programs = run::build(&folder, program.ancestors().nth(3).unwrap()).unwrap();
        let wrong = verdicts::judge(&programs, &rules::all().collect::<Vec<_>>()).unwrap();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
