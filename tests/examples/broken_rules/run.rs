//! Building and running the tests of the copy.

use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// The deadline of one program. A broken rule can make a test wait for ever.
const DEADLINE: Duration = Duration::from_secs(600);

/// The tests that have to notice.
const TESTS: [&str; 11] = [
    "--package", "nango-client", "--package", "nango-core", "--package", "nango-tests", "--lib", "--test",
    "axum", "--test", "truth",
];

/// A program of tests, and the folder in which it expects to run.
pub(crate) struct Program {
    file: PathBuf,
    folder: PathBuf,
}

/// What a run of tests has shown.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) passed: Vec<String>,
    pub(crate) failed: Vec<String>,
    /// `true` if a program exceeded its deadline.
    pub(crate) hung: bool,
}

impl Outcome {
    pub(crate) fn add(&mut self, other: Self) {
        self.passed.extend(other.passed);
        self.failed.extend(other.failed);
        self.hung |= other.hung;
    }
}

/// Builds the tests of the copy.
pub(crate) fn build(folder: &Path, target: &Path) -> Result<Vec<Program>, Box<dyn Error>> {
    let built = Command::new("cargo")
        .args(["test", "--locked", "--no-run", "--message-format", "json"])
        .args(TESTS)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .stderr(Stdio::inherit())
        .output()?;
    if !built.status.success() {
        return Err("the copy does not build".into());
    }
    let mut programs = Vec::new();
    for line in built.stdout.lines() {
        let message: Value = serde_json::from_str(&line?)?;
        if let (Some(file), Some(manifest), Some(true)) = (
            message["executable"].as_str(),
            message["manifest_path"].as_str(),
            message["profile"]["test"].as_bool(),
        ) {
            let folder = Path::new(manifest).parent().ok_or("no folder")?.to_owned();
            programs.push(Program { file: file.into(), folder });
        }
    }
    Ok(programs)
}

/// Most tests wait, so that many run at once: as many as the environment says, or four for each processor.
pub(crate) fn threads() -> usize {
    let set = env::var("RUST_TEST_THREADS").ok().and_then(|number| number.parse().ok());
    set.unwrap_or_else(|| 4 * thread::available_parallelism().map_or(1, NonZero::get))
}

impl Program {
    /// Runs all tests, or one, with one rule broken or none. A program that lacks the one runs nothing.
    pub(crate) fn run(&self, rule: Option<&str>, only: Option<&str>) -> Result<Outcome, Box<dyn Error>> {
        let mut process = Command::new(&self.file);
        if let Some(test) = only {
            process.args(["--exact", test]);
        }
        let mut process = process
            .current_dir(&self.folder)
            .env("RUST_TEST_THREADS", threads().to_string())
            // The breaks take room in the futures whose sizes these compare.
            .args(["--skip", "_is_small", "--skip", "_takes_little_memory"])
            .env("NANGO_BROKEN_RULE", rule.unwrap_or_default())
            // That a test fails is enough; to find the smallest case takes minutes.
            .env("PROPTEST_MAX_SHRINK_ITERS", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = process.stdout.take().ok_or("no output")?;
        let (send, lines) = channel();
        let reader = thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        let until = Instant::now() + DEADLINE;
        let mut outcome = Outcome::default();
        loop {
            match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    let Some(line) = line.strip_prefix("test ") else { continue };
                    outcome.passed.extend(line.strip_suffix(" ... ok").map(str::to_owned));
                    outcome.failed.extend(line.strip_suffix(" ... FAILED").map(str::to_owned));
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    outcome.hung = true;
                    process.kill()?;
                    break;
                }
            }
        }
        let status = process.wait()?;
        drop(lines);
        let _ = reader.join();
        if !status.success() && outcome.failed.is_empty() && !outcome.hung {
            return Err(format!("{} ended with {status}, and no test failed", self.file.display()).into());
        }
        Ok(outcome)
    }
}
