//! The key that signs the cookies, stored in a file so that logins survive a restart.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// The length that both frameworks expect: one half signs, the other could encrypt.
const LENGTH: usize = 64;

/// Reads the key from a file, or generates it and creates the file.
pub fn load_or_generate(path: &Path, generate: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, String> {
    let with_path = |error: io::Error| format!("cannot use the key file {}: {error}", path.display());
    match fs::read(path) {
        Ok(key) if key.len() == LENGTH => Ok(key),
        Ok(_) => Err(format!(
            "the key file {} does not contain {LENGTH} bytes; delete it, which ends all logins",
            path.display()
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = generate();
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(path).and_then(|mut file| file.write_all(&key)).map_err(with_path)?;
            Ok(key)
        }
        Err(error) => Err(with_path(error)),
    }
}
