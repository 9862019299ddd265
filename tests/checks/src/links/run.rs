//! The check over files, and its messages.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{html, markdown};
use crate::failure::{Result, read};
use crate::workspace::{Workspace, files};

/// Checks the pages in the directories, and the Markdown of the workspace where none is given.
pub(crate) fn run(workspace: &Workspace, dirs: &[PathBuf]) -> Result<bool> {
    let mut check = Check::default();
    if dirs.is_empty() {
        for file in files(&workspace.root, &["md"])? {
            for (line, target) in markdown::targets(&read(&file)?) {
                check.follow(&file, &target, &format!("{}:{line}", workspace.shown(&file)))?;
            }
        }
    }
    for dir in dirs {
        for file in files(dir, &["html"])? {
            // Its links are of the pages that it repeats, and relative to the root of a server.
            if file.ends_with("print.html") || file.ends_with("404.html") {
                continue;
            }
            for target in html::targets(&read(&file)?) {
                check.follow(&file, &target, &file.display().to_string())?;
            }
        }
    }
    println!("{} links followed, {} dead", check.followed, check.dead);
    Ok(check.dead == 0 && check.followed > 0)
}

#[derive(Debug, Default)]
struct Check {
    followed: usize,
    dead: usize,
    /// The places in files that were read.
    places: HashMap<PathBuf, Vec<String>>,
}

impl Check {
    /// Follows a target of a file, unless it is on another server.
    fn follow(&mut self, file: &Path, target: &str, shown: &str) -> Result<()> {
        let (path, place) = target.split_once('#').unwrap_or((target, ""));
        // Addresses, and names of items, which rustdoc checks.
        if target.contains("::") || ["http", "data:", "mailto:"].iter().any(|start| target.starts_with(start))
        {
            return Ok(());
        }
        self.followed += 1;
        let to = if path.is_empty() { file.to_owned() } else { file.parent().unwrap_or(file).join(path) };
        if !to.exists() {
            self.dead += 1;
            println!("{shown}: there is no {path}");
        } else if !place.is_empty() && !self.places(&to)?.iter().any(|known| known == place) {
            self.dead += 1;
            println!("{shown}: there is no #{place} in {}", to.display());
        }
        Ok(())
    }

    fn places(&mut self, file: &Path) -> Result<&[String]> {
        if !self.places.contains_key(file) {
            let text = read(file)?;
            let is_page = file.extension().is_some_and(|extension| extension == "html");
            let places = if is_page { html::values(&text, "id").collect() } else { markdown::anchors(&text) };
            self.places.insert(file.to_owned(), places);
        }
        Ok(self.places.get(file).map_or(&[], Vec::as_slice))
    }
}
