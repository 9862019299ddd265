//! The app's keys: one signs the cookies, two belong to the emulator. They are drawn at the first
//! start and stored in files, so that logins and connections survive a restart.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::files;

/// The length that both frameworks expect: one half signs, the other could encrypt.
const LENGTH: usize = 64;

/// The keys of the emulator that the app starts. Its published keys would let every page that the
/// browser visits read what was connected.
#[derive(Serialize, Deserialize)]
pub struct EmulatorKeys {
    pub api_key: String,
    pub webhook_signing_key: String,
}

/// Reads the key of the cookies from a file, or generates it and creates the file.
pub fn cookie_key(path: &Path, generate: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, String> {
    let key = load_or_generate(path, generate)?;
    if key.len() == LENGTH {
        return Ok(key);
    }
    Err(format!(
        "the key file {} does not contain {LENGTH} bytes; delete it, which ends all logins",
        path.display()
    ))
}

/// Reads the emulator's keys from a file, or draws them and creates the file.
pub fn emulator_keys(path: &Path) -> Result<EmulatorKeys, String> {
    let generate = || {
        let [api_key, webhook_signing_key] = [(); 2].map(|()| Uuid::new_v4().to_string());
        serde_json::to_vec(&EmulatorKeys { api_key, webhook_signing_key }).unwrap_or_default()
    };
    let keys = load_or_generate(path, generate)?;
    // The text of a JSON error may quote a key.
    serde_json::from_slice(&keys).map_err(|_| {
        format!("the key file {} does not contain the keys; delete it to draw new ones", path.display())
    })
}

fn load_or_generate(path: &Path, generate: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, String> {
    let with_path = |error: io::Error| format!("cannot use the key file {}: {error}", path.display());
    match fs::read(path) {
        Ok(key) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = generate();
            files::create_private(path).and_then(|mut file| file.write_all(&key)).map_err(with_path)?;
            Ok(key)
        }
        Err(error) => Err(with_path(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_drawn_once_and_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let [cookies, emulator] = ["key", "json"].map(|name| folder.path().join(name));
        let drawn = emulator_keys(&emulator).unwrap();
        assert_ne!(drawn.api_key, nango_emulator::DEV_SECRET_KEY);
        assert_ne!(drawn.api_key, drawn.webhook_signing_key);
        assert_eq!(emulator_keys(&emulator).unwrap().api_key, drawn.api_key);
        assert_eq!(cookie_key(&cookies, || vec![7; LENGTH]).unwrap(), [7; LENGTH]);
        assert_eq!(cookie_key(&cookies, Vec::new).unwrap(), [7; LENGTH]);
        #[cfg(unix)]
        for path in [&cookies, &emulator] {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }

        fs::write(&emulator, r#"{"api_key": "secret"}"#).unwrap();
        assert!(emulator_keys(&emulator).is_err_and(|error| !error.contains("secret")));
        fs::write(&cookies, "short").unwrap();
        assert!(cookie_key(&cookies, Vec::new).is_err());
    }
}
