//! Keeping the state in a file: a snapshot beside it, then a rename, so that whoever is killed
//! leaves either the old or the new state behind.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::State;
use crate::error::EmulatorError;

/// The state behind its lock, and the file that follows it.
pub(crate) struct Store {
    state: Mutex<State>,
    file: Option<PathBuf>,
    /// Held while the file is written: the task and a clean stop may both want to.
    writing: Mutex<()>,
    changed: watch::Sender<u64>,
    written: watch::Sender<u64>,
}

impl Store {
    /// Reads the data file when there is one.
    pub(crate) fn open(file: Option<PathBuf>) -> Result<(Self, bool), EmulatorError> {
        let loaded = file.as_deref().map(load).transpose()?.flatten();
        let fresh = loaded.is_none();
        let state = Mutex::new(loaded.unwrap_or_default());
        let (changed, written) = (watch::Sender::new(0), watch::Sender::new(0));
        Ok((Self { state, file, writing: Mutex::new(()), changed, written }, fresh))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that the state is not what was last written.
    pub(crate) fn touch(&self) {
        self.changed.send_modify(|generation| *generation += 1);
    }

    /// Waits until everything changed so far is on disk.
    pub(crate) async fn settled(&self) {
        if self.file.is_none() {
            return;
        }
        let wanted = *self.changed.borrow();
        let mut written = self.written.subscribe();
        // An error means that the writer is gone, which only happens on the way out.
        let _ = written.wait_for(|done| *done >= wanted).await;
    }

    /// Writes one snapshot for all the changes that came while the last was being written.
    pub(crate) async fn keep_writing(self: Arc<Self>) {
        let Some(file) = self.file.clone() else { return };
        let mut changed = self.changed.subscribe();
        changed.mark_changed();
        while changed.changed().await.is_ok() {
            let generation = *changed.borrow_and_update();
            let store = Arc::clone(&self);
            let path = file.clone();
            let done = tokio::task::spawn_blocking(move || store.snapshot(&path)).await;
            if !matches!(done, Ok(Ok(()))) {
                tracing::error!("the data file cannot be written; changes are in memory only");
            }
            self.written.send_replace(generation);
        }
    }

    /// Writes once more, for a clean stop. Nobody waits for the file after this.
    pub(crate) fn flush(&self) {
        if let Some(file) = &self.file
            && self.snapshot(file).is_err()
        {
            tracing::error!("the data file cannot be written");
        }
        self.written.send_replace(u64::MAX);
    }

    fn snapshot(&self, file: &Path) -> std::io::Result<()> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = {
            let state = self.lock();
            serde_json::to_vec(&*state)?
        };
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".tmp");
        let beside = file.with_file_name(name);
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // Credentials are in it.
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
        Err(source) => return Err(EmulatorError::File { path: file.into(), source }),
    };
    // The position is enough to find the place; the text may quote a credential.
    serde_json::from_slice(&bytes).map(Some).map_err(|error| EmulatorError::Format {
        path: file.into(),
        reason: format!("line {} column {}", error.line(), error.column()),
    })
}
