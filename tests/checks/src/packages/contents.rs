//! The files of a package.

use std::path::Path;

use crate::failure::{Failure, Result, read};

/// Files that every package has. Licences ask that their text is in each copy.
const REQUIRED: [&str; 5] = ["Cargo.lock", "Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// The files that cargo adds by itself.
const OF_CARGO: [&str; 2] = [".cargo_vcs_info.json", "Cargo.toml.orig"];

/// The licences of the workspace's root, which the packages' own are links to.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Folders whose files are packed, with the endings that files have there. Tests, keys, databases and recordings have no place.
const ROOMS: [(&str, &[&str]); 4] = [
    ("docs/", &["md"]),
    ("examples/", &["rs"]),
    ("migrations/", &["sql"]),
    ("src/", &["css", "html", "js", "rs", "sql"]),
];

/// The size in bytes beyond which a file is none that was written by hand.
const LARGE: u64 = 100_000;

/// Lists what is wrong with the packed files of a package.
pub(crate) fn problems(root: &Path, dir: &Path, files: &[String]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for required in REQUIRED {
        if !files.iter().any(|file| file == required) {
            found.push(format!("{required} is not packed; see `include` in its Cargo.toml"));
        }
    }
    for file in files {
        if !is_expected(file) {
            found.push(format!(
                "{file} is packed, and has no place in a package; see `include` in its Cargo.toml"
            ));
        }
        let path = dir.join(file);
        if LICENCES.contains(&file.as_str()) && read(&path)? != read(&root.join(file))? {
            found.push(format!("{file} differs from that of the workspace; make it a link to ../{file}"));
        }
        // Cargo writes the others when it packs.
        if !REQUIRED.contains(&file.as_str()) && path.exists() {
            let size = path.metadata().map_err(|error| Failure::at(&path, error))?.len();
            if size > LARGE {
                found.push(format!("{file} has {size} bytes, more than {LARGE}"));
            }
        }
    }
    Ok(found)
}

fn is_expected(file: &str) -> bool {
    let in_room = |(room, endings): &(&str, &[&str])| {
        file.starts_with(room) && file.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
    };
    REQUIRED.contains(&file) || OF_CARGO.contains(&file) || ROOMS.iter().any(in_room)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{LARGE, REQUIRED, problems};

    fn found(more: &[&str], write: impl FnOnce(&std::path::Path)) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("made");
        fs::create_dir_all(dir.join("src")).unwrap();
        for licence in super::LICENCES {
            fs::write(root.path().join(licence), licence).unwrap();
            fs::write(dir.join(licence), licence).unwrap();
        }
        write(&dir);
        let files: Vec<String> = REQUIRED.iter().chain(more).map(|file| (*file).to_owned()).collect();
        problems(root.path(), &dir, &files).unwrap()
    }

    #[test]
    fn sources_and_texts_are_expected() {
        let more =
            ["Cargo.toml.orig", "src/lib.rs", "src/a/page.html", "docs/events.md", "migrations/a/1.sql"];
        assert!(found(&more, |_| {}).is_empty());
    }

    #[test]
    fn tests_keys_and_databases_have_no_place() {
        for file in ["tests/it.rs", "src/app.key", "app.db", ".env", "src/pem", "benches/a.rs", "docs/a.rs"] {
            assert_eq!(found(&[file], |_| {}).len(), 1, "{file}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(problems(root.path(), root.path(), &[]).unwrap().len(), REQUIRED.len());
    }

    #[test]
    fn a_licence_is_that_of_the_workspace() {
        let found = found(&[], |dir| fs::write(dir.join("LICENSE-MIT"), "../LICENSE-MIT").unwrap());
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn a_large_file_is_named() {
        let large = vec![b' '; usize::try_from(LARGE).unwrap() + 1];
        assert_eq!(found(&["src/a.rs"], |dir| fs::write(dir.join("src/a.rs"), large).unwrap()).len(), 1);
    }
}
