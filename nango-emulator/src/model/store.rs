//! State with its data file. Each snapshot is written beside the file and renamed, so that a kill
//! leaves either the old or the new state.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;

use super::state::State;
use crate::error::EmulatorError;
use crate::lock::lock;

/// State behind its mutex, and the data file.
pub(crate) struct Store {
    state: Mutex<State>,
    file: Option<PathBuf>,
    /// Held while the file is written, since the background task and a clean stop both write it.
    writing: Mutex<()>,
    changed: watch::Sender<u64>,
    written: watch::Sender<u64>,
}

impl Store {
    /// Opens the data file. Also returns true if there was none.
    pub(crate) fn open(file: Option<PathBuf>) -> Result<(Self, bool), EmulatorError> {
        let loaded = file.as_deref().map(load).transpose()?.flatten();
        let fresh = loaded.is_none();
        let state = Mutex::new(loaded.unwrap_or_default());
        let (changed, written) = (watch::Sender::new(0), watch::Sender::new(0));
        Ok((Self { state, file, writing: Mutex::new(()), changed, written }, fresh))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Records that the state differs from the file.
    pub(crate) fn mark_changed(&self) {
        self.changed.send_modify(|generation| *generation += 1);
    }

    /// Waits until all changes so far are on disk.
    pub(crate) async fn written(&self) {
        if self.file.is_none() {
            return;
        }
        let wanted = *self.changed.borrow();
        let mut written = self.written.subscribe();
        // An error means that the writer ended, which only happens when the emulator stops.
        let _ = written.wait_for(|done| *done >= wanted).await;
    }

    /// Writes a snapshot for all changes since the last one, until the emulator stops.
    pub(crate) async fn write_in_background(self: Arc<Self>) {
        let Some(file) = self.file.clone() else { return };
        let mut changed = self.changed.subscribe();
        changed.mark_changed();
        while changed.changed().await.is_ok() {
            let generation = *changed.borrow_and_update();
            let store = Arc::clone(&self);
            let path = file.clone();
            let done = tokio::task::spawn_blocking(move || store.snapshot(&path)).await;
            if !matches!(done, Ok(Ok(()))) {
                tracing::error!(
                    "the data file cannot be written; changes are in memory only until it is writable"
                );
            }
            self.written.send_replace(generation);
        }
    }

    /// Writes a last snapshot for a clean stop. Later changes wait for no write.
    pub(crate) fn flush(&self) {
        if let Some(file) = &self.file
            && self.snapshot(file).is_err()
        {
            tracing::error!("the data file cannot be written; the latest changes are lost");
        }
        self.written.send_replace(u64::MAX);
    }

    fn snapshot(&self, file: &Path) -> std::io::Result<()> {
        let _guard = lock(&self.writing);
        let bytes = {
            let state = self.lock();
            serde_json::to_vec(&*state)?
        };
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".tmp");
        let beside = file.with_file_name(name);
        // A file that a kill has left may have other permissions.
        let _ = fs::remove_file(&beside);
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        // The file contains credentials.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(&beside)?;
        out.write_all(&bytes)?;
        out.sync_all()?;
        fs::rename(&beside, file)
    }
}

fn load(file: &Path) -> Result<Option<State>, EmulatorError> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(EmulatorError::Io { path: file.into(), source }),
    };
    // The position suffices to find the error; the text may quote a credential.
    serde_json::from_slice(&bytes).map(Some).map_err(|error| EmulatorError::Parse {
        path: file.into(),
        reason: format!("line {} column {}", error.line(), error.column()),
    })
}
