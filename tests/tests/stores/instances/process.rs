//! A process of the app.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use nango_core::Timestamp;
use nango_emulator::Emulator;

/// It is killed when this is dropped.
pub(crate) struct Instance {
    process: Mutex<Child>,
    log: Arc<Mutex<Vec<String>>>,
    url: String,
}

impl Instance {
    /// Starts one, and waits until it listens.
    pub(crate) fn start(database: &str, emulator: &Emulator) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_instance"))
            .arg(database)
            .env("NANGO_SECRET_KEY", emulator.secret_key())
            .env("NANGO_WEBHOOK_SIGNING_KEY", emulator.signing_key())
            .env("NANGO_HOST", emulator.local_url())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let url = lines.next().unwrap().strip_prefix("ready ").unwrap().to_owned();
        let log = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&log);
        std::thread::spawn(move || lines.for_each(|line| to.lock().unwrap().push(line)));
        Self { process: Mutex::new(process), log, url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// When it had finished its sweeps.
    pub(crate) fn sweeps(&self) -> Vec<Timestamp> {
        let log = self.log.lock().unwrap();
        let swept = log.iter().filter(|line| line.contains(": swept report="));
        swept.map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect()
    }

    pub(crate) fn is_killed(&self) -> bool {
        self.process.lock().unwrap().try_wait().unwrap().is_some()
    }

    /// SIGKILL; when it was dead.
    pub(crate) fn kill(&self) -> Timestamp {
        let mut process = self.process.lock().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
        Timestamp::now()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.kill();
    }
}
