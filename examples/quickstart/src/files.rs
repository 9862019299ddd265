//! Files that only the user of the app may read: they hold keys, ids and e-mail addresses.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Creates a file, which must not exist.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes every file private that this process creates, also those that SQLite puts beside a
/// database.
pub fn create_privately() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Creates a folder that git ignores, if it is missing.
pub fn create_ignored_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    match create_private(&path.join(".gitignore")) {
        Ok(mut file) => io::Write::write_all(&mut file, b"*\n"),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_ignores_itself_and_may_exist() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        for _ in 0..2 {
            create_ignored_folder(&path).unwrap();
            assert_eq!(fs::read_to_string(path.join(".gitignore")).unwrap(), "*\n");
        }
        assert!(create_private(&path.join(".gitignore")).is_err(), "it is never overwritten");
    }
}
