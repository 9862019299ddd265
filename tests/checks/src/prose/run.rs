//! The check over files, and its messages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::openings::Openings;
use super::words::{Words, count};
use crate::failure::{Failure, Result, read};
use crate::scan::{Piece, scan};
use crate::workspace::{Workspace, files};

/// The length at which a printed line is cut.
const SHOWN: usize = 110;

/// The counts of one crate.
#[derive(Debug, Default)]
struct Counts {
    openings: Openings,
    who: usize,
    banned: usize,
}

/// Checks all Rust and Markdown files in the directories, and in the whole workspace where none is
/// given.
pub(crate) fn run(workspace: &Workspace, dirs: &[PathBuf]) -> Result<bool> {
    let words = Words::load();
    let mut crates: BTreeMap<String, Counts> = BTreeMap::new();
    for file in chosen(workspace, dirs)? {
        let source = read(&file)?;
        let dir = crate_of(workspace, &file);
        let counts = crates.entry(workspace.shown(&dir)).or_default();
        if file.starts_with(dir.join("src")) && is_rust(&file) {
            counts.openings.add(Openings::count(&source));
        }
        for Piece { line, text } in prose(&file, &source) {
            counts.who += count(&text, "who");
            for word in words.find(&text) {
                counts.banned += 1;
                let text: String = text.trim().chars().take(SHOWN).collect();
                println!("{}:{line}: \"{word}\" in: {text}", workspace.shown(&file));
            }
        }
    }
    let mut clean = true;
    for (name, Counts { openings, who, banned }) in &crates {
        let Openings { comments, indirect } = *openings;
        let name = if name.is_empty() { "(workspace)" } else { name };
        let verdict = if openings.are_too_many() { ", TOO MANY" } else { "" };
        println!(
            "{name}: {indirect} of {comments} ({:.1} %){verdict}; banned words: {banned}; \"who\": {who}",
            openings.percent()
        );
        clean &= !openings.are_too_many() && *banned == 0;
    }
    Ok(clean)
}

fn chosen(workspace: &Workspace, dirs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let kinds = ["rs", "md"];
    if dirs.is_empty() {
        return files(&workspace.root, &kinds);
    }
    let mut found = Vec::new();
    for dir in dirs {
        let full = std::fs::canonicalize(dir).map_err(|error| Failure::at(dir, error))?;
        found.extend(files(&full, &kinds)?);
    }
    Ok(found)
}

/// Returns the innermost directory around the file that has a manifest.
fn crate_of(workspace: &Workspace, file: &Path) -> PathBuf {
    let around = file.ancestors().skip(1).find(|dir| dir.join("Cargo.toml").exists());
    around.unwrap_or(&workspace.root).to_owned()
}

/// Lists the lines of a file that are prose: comments and string literals, or all of a text.
fn prose(file: &Path, source: &str) -> Vec<Piece> {
    if is_rust(file) {
        let found = scan(source);
        return found.comments.into_iter().chain(found.literals).collect();
    }
    source.lines().enumerate().map(|(at, line)| Piece { line: at + 1, text: line.to_owned() }).collect()
}

fn is_rust(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "rs")
}
