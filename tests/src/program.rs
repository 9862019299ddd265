//! A program of the workspace, as a process.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// A running server. It is killed when this is dropped.
#[derive(Debug)]
pub struct Program {
    process: Mutex<Child>,
    log: Arc<Mutex<Vec<String>>>,
    reader: Mutex<Option<JoinHandle<()>>>,
    url: String,
}

impl Program {
    /// Starts a program that logs to its error output, and waits until it prints `ready` and its
    /// URL.
    ///
    /// # Panics
    ///
    /// When it prints anything else.
    #[must_use]
    #[expect(clippy::panic, clippy::unwrap_used, reason = "a test has nothing to do without its program")]
    pub fn start(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::<Mutex<Vec<String>>>::default();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        let to = Arc::clone(&log);
        let reader = std::thread::spawn(move || {
            for line in stderr.split(b'\n').map_while(Result::ok) {
                lock(&to).push(String::from_utf8_lossy(&line).into_owned());
            }
        });
        let mut ready = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let Some(url) = ready.trim().strip_prefix("ready ").map(str::to_owned) else {
            reader.join().unwrap();
            panic!("the program is not ready but {ready:?}: {:?}", lock(&log));
        };
        Self { process: Mutex::new(process), log, reader: Mutex::new(Some(reader)), url }
    }

    /// Returns the URL at which it serves.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the id of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        lock(&self.process).id()
    }

    /// Returns the lines that it has logged so far. After [`kill`](Self::kill) they are complete.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        lock(&self.log).clone()
    }

    /// Returns whether it has ended.
    #[must_use]
    pub fn is_killed(&self) -> bool {
        lock(&self.process).try_wait().is_ok_and(|status| status.is_some())
    }

    /// Sends SIGKILL and waits for the end.
    pub fn kill(&self) {
        let mut process = lock(&self.process);
        // Fails where the process has ended by itself.
        let _ = process.kill();
        let _ = process.wait();
        if let Some(reader) = lock(&self.reader).take() {
            let _ = reader.join();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
