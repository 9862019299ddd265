//! Processes of this program: each emulator, app and driver is one, so that its memory and its time are its own.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child as Process, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::outcome::Outcome;

/// A running process. It ends when this is dropped, and also when this process dies: its standard input
/// is closed then.
pub(crate) struct Child {
    process: Process,
    stdout: BufReader<ChildStdout>,
    stdin: Option<ChildStdin>,
}

impl Child {
    /// Starts a subcommand, and waits for the line of JSON that it prints when it is ready.
    pub(crate) fn start<T: DeserializeOwned>(
        subcommand: &str,
        settings: &impl Serialize,
    ) -> Outcome<(Self, T)> {
        let mut command = Command::new(env::current_exe()?);
        Self::run(command.args([subcommand, &serde_json::to_string(settings)?]))
    }

    /// Starts another program of this package.
    pub(crate) fn start_program<T: DeserializeOwned>(
        name: &str,
        settings: &impl Serialize,
    ) -> Outcome<(Self, T)> {
        let program = env::current_exe()?.with_file_name(name);
        if !program.exists() {
            return Err(format!(
                "{name} is missing: build all programs with `cargo build --release -p nango-bench`"
            )
            .into());
        }
        Self::run(Command::new(program).arg(serde_json::to_string(settings)?))
    }

    fn run<T: DeserializeOwned>(command: &mut Command) -> Outcome<(Self, T)> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = process.stdin.take();
        let stdout = BufReader::new(process.stdout.take().ok_or("a process has no output")?);
        let mut child = Self { process, stdout, stdin };
        let ready = child.read()?;
        Ok((child, ready))
    }

    /// Runs a subcommand to its end, and returns what it prints.
    pub(crate) fn finish<T: DeserializeOwned>(subcommand: &str, settings: &impl Serialize) -> Outcome<T> {
        let (_child, printed) = Self::start(subcommand, settings)?;
        Ok(printed)
    }

    /// Sends a process that reads its standard input a line, and returns the one that it prints.
    pub(crate) fn ask<T: DeserializeOwned>(&mut self, question: &impl Serialize) -> Outcome<T> {
        let stdin = self.stdin.as_mut().ok_or("a process has no input")?;
        writeln!(stdin, "{}", serde_json::to_string(question)?)?;
        stdin.flush()?;
        self.read()
    }

    fn read<T: DeserializeOwned>(&mut self) -> Outcome<T> {
        let mut line = String::new();
        if self.stdout.read_line(&mut line)? == 0 {
            return Err("a process has ended before it was ready".into());
        }
        Ok(serde_json::from_str(&line)?)
    }

    /// Returns the processor time that the process has used, in seconds.
    pub(crate) fn processor_time(&self) -> Outcome<f64> {
        /// The unit of the times, which is the same on every Linux of today.
        const TICKS_PER_SECOND: f64 = 100.0;
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The name of the program, which comes before, may contain spaces.
        let (_, fields) = stat.rsplit_once(')').ok_or("no name in stat")?;
        let mut fields = fields.split_ascii_whitespace().skip(11);
        let mut ticks = || fields.next().ok_or("no times in stat")?.parse::<f64>().map_err(|_| "not a time");
        Ok((ticks()? + ticks()?) / TICKS_PER_SECOND)
    }

    /// Returns a size in the status of the process, in MiB: `VmRSS`, or `VmHWM` for the largest so far.
    pub(crate) fn memory(&self, name: &str) -> Outcome<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        Ok(number_in(&status, name)? / 1024.0)
    }

    /// Returns the number of times that a thread of the process went to sleep. Each is one wake-up.
    pub(crate) fn sleeps(&self) -> Outcome<f64> {
        let mut sleeps = 0.0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let status = fs::read_to_string(thread?.path().join("status"))?;
            sleeps += number_in(&status, "voluntary_ctxt_switches")?;
        }
        Ok(sleeps)
    }
}

fn number_in(status: &str, name: &str) -> Outcome<f64> {
    let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number = value.and_then(|value| value.split_ascii_whitespace().next()?.parse().ok());
    number.ok_or_else(|| format!("no {name} in the status of a process").into())
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.process.wait();
    }
}

/// Prints the line that [`Child::start`] waits for.
pub(crate) fn print(ready: &impl Serialize) -> Outcome<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", serde_json::to_string(ready)?)?;
    Ok(stdout.flush()?)
}

/// Ends this process once the one that started it has closed its standard input, or has died.
pub(crate) fn end_with_parent() {
    thread::spawn(|| {
        let _ = std::io::stdin().lock().read(&mut [0]);
        std::process::exit(0);
    });
}
