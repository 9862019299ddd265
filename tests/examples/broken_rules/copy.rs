//! The copy of the sources in which the rules are broken.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::rules;

/// What says in the copy whether a rule is broken in this run.
const SWITCH: &str = r#"
mod broken {
    pub(crate) fn rule(name: &str) -> bool {
        std::env::var_os("NANGO_BROKEN_RULE").is_some_and(|broken| broken == name)
    }
}
"#;

/// Copies what git does not ignore into a folder, with all the breaks.
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
    // Of what is deleted git still knows.
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
        // What is the same is not built again.
        if fs::read(&copy).is_ok_and(|there| there == text) {
            continue;
        }
        fs::create_dir_all(copy.parent().ok_or("no folder")?)?;
        fs::write(copy, text)?;
    }
    Ok(())
}

/// The files of which the copy has others.
pub(crate) fn broken_files(sources: &Path) -> Result<BTreeMap<PathBuf, String>, Box<dyn Error>> {
    let core = Path::new("nango-core/src");
    let library = core.join("lib.rs");
    let text = fs::read_to_string(sources.join(&library))? + SWITCH;
    let mut broken = BTreeMap::from([(library, text)]);
    for rule in rules::all() {
        for edit in rule.breaks {
            let file = core.join(edit.file);
            let text = match broken.remove(&file) {
                Some(text) => text,
                None => fs::read_to_string(sources.join(&file))?,
            };
            broken.insert(file, edit.make(&text, rule)?);
        }
    }
    Ok(broken)
}
