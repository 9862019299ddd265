//! The copy of the sources in which the rules are broken.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::rules;

/// The libraries whose rules are broken.
const LIBRARIES: [&str; 2] = ["nango-client/src", "nango-core/src"];

/// Decides in the copy whether a rule is broken in this run.
const SWITCH: &str = r#"
mod broken {
    pub(crate) fn rule(name: &str) -> bool {
        std::env::var_os("NANGO_BROKEN_RULE").is_some_and(|broken| broken == name)
    }
}
"#;

/// Copies all files that git does not ignore into a folder, with all breaks.
pub(crate) fn with_breaks(sources: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(sources)
        .output()?;
    if !listed.status.success() {
        return Err(String::from_utf8_lossy(&listed.stderr).into());
    }
    let broken = broken_files(sources)?;
    let names = String::from_utf8(listed.stdout)?;
    // Git lists deleted files, too.
    let names: Vec<&str> = names.split_terminator('\0').filter(|name| sources.join(name).exists()).collect();
    fs::create_dir_all(folder)?;
    let list = folder.join("copied.txt");
    for old in fs::read_to_string(&list).unwrap_or_default().lines().filter(|old| !names.contains(old)) {
        fs::remove_file(folder.join(old))?;
    }
    fs::write(&list, names.join("\n"))?;
    for name in names {
        let file = Path::new(name);
        let text = match broken.get(file) {
            Some(text) => text.clone().into_bytes(),
            None => fs::read(sources.join(file))?,
        };
        let copy = folder.join(file);
        // An equal file is not written, and so not built again.
        if fs::read(&copy).is_ok_and(|there| there == text) {
            continue;
        }
        fs::create_dir_all(copy.parent().ok_or("no folder")?)?;
        fs::write(copy, text)?;
    }
    Ok(())
}

/// Returns the files that differ in the copy.
pub(crate) fn broken_files(sources: &Path) -> Result<BTreeMap<PathBuf, String>, Box<dyn Error>> {
    let mut files = BTreeMap::new();
    for library in LIBRARIES {
        read(sources, Path::new(library), &mut files)?;
    }
    let original = files.clone();
    for rule in rules::all() {
        for index in 0..rule.breaks.len() {
            insert(&mut files, &rule.marker(index), &rule.code(index))?;
        }
    }
    for library in LIBRARIES {
        files.entry(Path::new(library).join("lib.rs")).or_default().push_str(SWITCH);
    }
    files.retain(|file, text| original.get(file) != Some(text));
    Ok(files)
}

/// Reads all Rust files below a folder.
fn read(sources: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, String>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(sources.join(folder))? {
        let entry = entry?;
        let file = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            read(sources, &file, files)?;
        } else if file.extension().is_some_and(|extension| extension == "rs") {
            files.insert(file, fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}

/// Inserts code after the one line that is this marker.
fn insert(files: &mut BTreeMap<PathBuf, String>, marker: &str, code: &str) -> Result<(), String> {
    let is_marker = |line: &&str| line.trim() == marker;
    let count: usize = files.values().map(|text| text.lines().filter(is_marker).count()).sum();
    if count != 1 {
        return Err(format!(
            "the line `{marker}` must stand once in {LIBRARIES:?}, and stands {count} times"
        ));
    }
    for text in files.values_mut().filter(|text| text.lines().any(|line| is_marker(&line))) {
        let lines: Vec<&str> =
            text.lines().flat_map(|line| [line, if is_marker(&line) { code } else { "" }]).collect();
        *text = lines.join("\n");
    }
    Ok(())
}
