//! The live sessions. A copy of a signed cookie would stay valid after a logout; so the cookie holds
//! the id of a session, and the logout ends that session here.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::files;

/// The longest life of a session, in seconds: 30 days.
const LIFETIME: u64 = 30 * 24 * 3600;

/// The number of sessions above which the oldest one ends.
const MAX_SESSIONS: usize = 10_000;

/// The live sessions, in memory and in a file, so that logins survive a restart. A real app keeps
/// them in its database.
pub struct Sessions {
    file: PathBuf,
    live: Mutex<HashMap<String, Session>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Session {
    user: String,
    /// Seconds since 1970.
    started: u64,
}

impl Sessions {
    /// Reads the file. A missing one has no sessions.
    pub fn open(file: PathBuf) -> Result<Self, String> {
        let live = read(&file).map_err(|error| {
            format!(
                "cannot use the file of sessions {}: {error}; delete it, which ends all logins",
                file.display()
            )
        })?;
        Ok(Self { file, live: Mutex::new(live) })
    }

    /// Starts a session and returns its id.
    pub fn start(&self, user: &str) -> io::Result<String> {
        let id = Uuid::new_v4().to_string();
        let mut live = self.lock();
        let started = now();
        live.retain(|_, session| is_live(session));
        if live.len() >= MAX_SESSIONS {
            let oldest = live.iter().min_by_key(|(_, session)| session.started);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                live.remove(&oldest);
            }
        }
        live.insert(id.clone(), Session { user: user.to_owned(), started });
        self.write(&live)?;
        Ok(id)
    }

    /// Returns the user of a live session.
    pub fn user(&self, id: &str) -> Option<String> {
        self.lock().get(id).filter(|session| is_live(session)).map(|session| session.user.clone())
    }

    /// Ends a session. It stays ended if the file cannot be written, but only until a restart.
    pub fn end(&self, id: &str) -> io::Result<()> {
        let mut live = self.lock();
        if live.remove(id).is_some() { self.write(&live) } else { Ok(()) }
    }

    /// Writes beside the file and renames, so that a kill leaves the old or the new sessions.
    fn write(&self, live: &HashMap<String, Session>) -> io::Result<()> {
        let beside = self.file.with_added_extension("tmp");
        // A kill may have left one.
        let _ = fs::remove_file(&beside);
        files::create_private(&beside)?.write_all(&serde_json::to_vec(live)?)?;
        fs::rename(&beside, &self.file)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(file: &Path) -> io::Result<HashMap<String, Session>> {
    match fs::read(file) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(HashMap::new()),
        Err(error) => Err(error),
    }
}

fn is_live(session: &Session) -> bool {
    now().saturating_sub(session.started) < LIFETIME
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_survive_a_restart_until_they_are_ended_or_old() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sessions.json");
        let sessions = Sessions::open(file.clone()).unwrap();
        let [alice, again, bob] = ["alice", "alice", "bob"].map(|user| sessions.start(user).unwrap());
        sessions.end(&alice).unwrap();
        for sessions in [sessions, Sessions::open(file.clone()).unwrap()] {
            assert_eq!(sessions.user(&alice), None);
            assert_eq!(sessions.user(&again).as_deref(), Some("alice"));
            assert_eq!(sessions.user(&bob).as_deref(), Some("bob"));
            assert_eq!(sessions.user(""), None);
        }

        let old = Session { user: "alice".to_owned(), started: now() - LIFETIME };
        fs::write(&file, serde_json::to_vec(&HashMap::from([("id", old)])).unwrap()).unwrap();
        assert_eq!(Sessions::open(file.clone()).unwrap().user("id"), None);

        fs::write(&file, "no JSON").unwrap();
        assert!(Sessions::open(file).is_err_and(|error| error.contains("sessions.json")));
    }
}
