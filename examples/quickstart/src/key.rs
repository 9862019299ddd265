//! The key that signs the cookies, kept in a file so that a login outlives the app.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Longer than any signature needs: half of it could encrypt.
const LENGTH: usize = 64;

/// The key in this file. A new one is drawn when there is none.
pub fn of_file(path: &Path, draw: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, String> {
    let named = |error: io::Error| format!("{}: {error}", path.display());
    match fs::read(path) {
        Ok(key) if key.len() == LENGTH => Ok(key),
        Ok(_) => {
            let advice = "does not hold a key: delete it, and everyone logs in again";
            Err(format!("{}: {advice}", path.display()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = draw();
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(path).and_then(|mut file| file.write_all(&key)).map_err(named)?;
            Ok(key)
        }
        Err(error) => Err(named(error)),
    }
}
