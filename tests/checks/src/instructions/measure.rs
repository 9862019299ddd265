//! Runs the benchmarks and reads what they print.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::figures::Counts;
use crate::failure::{Failure, Result};
use crate::workspace::{cargo, text};

/// Counts the instructions of each benchmark under callgrind.
pub(super) fn measure(root: &Path, package: &Path) -> Result<Counts> {
    let runner = output(Command::new(package.join("install-runner")).current_dir(root))?;
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = [PathBuf::from(runner.trim())].into_iter().chain(std::env::split_paths(&paths));
    let paths = std::env::join_paths(paths).map_err(|error| Failure::new(format!("PATH: {error}")))?;
    let printed = output(
        Command::new(cargo())
            .args(["bench", "--quiet", "--locked", "--profile", "counts", "--package", "nango-micro"])
            .args(["--features", "instructions", "--bench", "instructions", "--", "--output-format=json"])
            .env("PATH", paths)
            .current_dir(root),
    )?;
    read(&printed)
}

/// Returns what a program prints, and lets its errors through.
fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::new(format!("{name} did not start: {error}")))?;
    if !output.status.success() {
        return Err(Failure::new(format!("{name} failed: {}", output.status)));
    }
    String::from_utf8(output.stdout)
        .map_err(|error| Failure::new(format!("{name} did not print text: {error}")))
}

/// Reads one summary a line.
fn read(printed: &str) -> Result<Counts> {
    let counts = printed.lines().map(|line| {
        let summary: Value = serde_json::from_str(line)
            .map_err(|error| Failure::new(format!("a summary of gungraun is not JSON: {error}")))?;
        let (function, id) = (text(&summary["function_name"]), text(&summary["id"]));
        let name = if id.is_empty() { function.to_owned() } else { format!("{function}/{id}") };
        match count(&summary) {
            Some(count) => Ok((name, count)),
            None => Err(Failure::new(format!("a summary of gungraun has no count of instructions: {name}"))),
        }
    });
    counts.collect()
}

/// Returns the count of this run; beside it there is that of the run before, where there was one.
fn count(summary: &Value) -> Option<u64> {
    let metrics = summary.pointer("/profiles/0/summaries/total/summary/Callgrind/Ir/metrics")?;
    metrics.pointer("/Left/Int").or_else(|| metrics.pointer("/Both/0/Int"))?.as_u64()
}

#[cfg(test)]
mod tests {
    use super::read;

    fn summary(name: &str, id: &str, metrics: &str) -> String {
        format!(
            r#"{{"function_name":"{name}","id":{id},"profiles":[{{"summaries":{{"total":{{"summary":{{"Callgrind":{{"Ir":{{"metrics":{metrics}}}}}}}}}}}}}]}}"#
        )
    }

    #[test]
    fn a_count_is_that_of_this_run() {
        let printed = [
            summary("route", "null", r#"{"Left":{"Int":7}}"#),
            summary("parse", "\"auth\"", r#"{"Both":[{"Int":8},{"Int":9}]}"#),
        ]
        .join("\n");
        let counts: Vec<_> = read(&printed).unwrap().into_iter().collect();
        assert_eq!(counts, [("parse/auth".to_owned(), 8), ("route".to_owned(), 7)]);
        assert!(read(&summary("route", "null", r#"{"Right":{"Int":7}}"#)).is_err());
    }
}
