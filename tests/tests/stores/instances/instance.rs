//! A process of the app.

use std::process::Command;
use std::time::Duration;

use nango_core::Timestamp;
use nango_emulator::Emulator;
use nango_tests::Program;

pub(crate) struct Instance(Program);

impl Instance {
    pub(crate) fn start(database: &str, emulator: &Emulator) -> Self {
        Self(Program::start(&mut command(database, emulator)))
    }

    /// Starts one with a handler that takes so long.
    pub(crate) fn with_handler(database: &str, emulator: &Emulator, takes: Duration) -> Self {
        let millis = takes.as_millis().to_string();
        Self(Program::start(command(database, emulator).env("TEST_HANDLER_MILLIS", millis)))
    }

    /// Returns what it has logged after this text, in each line that has it.
    pub(crate) fn logged(&self, text: &str) -> Vec<String> {
        let log = self.0.log();
        log.iter().filter_map(|line| line.split_once(text)).map(|(_, after)| after.to_owned()).collect()
    }

    pub(crate) fn url(&self) -> &str {
        self.0.url()
    }

    pub(crate) fn is_killed(&self) -> bool {
        self.0.is_killed()
    }

    /// Returns the times at which it had finished a sweep, which it logs.
    pub(crate) fn sweeps(&self) -> Vec<Timestamp> {
        let log = self.0.log();
        let swept = log.iter().filter(|line| line.contains(": swept: "));
        swept.map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect()
    }

    /// Sends SIGKILL; returns the time at which the process was dead.
    pub(crate) fn kill(&self) -> Timestamp {
        self.0.kill();
        Timestamp::now()
    }
}

fn command(database: &str, emulator: &Emulator) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instance"));
    command
        .arg(database)
        .env("NANGO_SECRET_KEY", emulator.secret_key())
        .env("NANGO_WEBHOOK_SIGNING_KEY", emulator.signing_key())
        .env("NANGO_HOST", emulator.local_url());
    command
}
