//! Imports as edges between files.

use std::path::PathBuf;

use crate::modules::{Crate, Kind, Target};

/// An import of one file from another of the same crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
    pub(crate) path: String,
}

/// Lists a crate's imports, by the modules whose files hold both ends.
pub(crate) fn edges(found: &Crate) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (module, here) in found.modules.iter().enumerate() {
        let from = found.home(module);
        for reference in &here.references {
            let Some(target) = found.resolve(module, &reference.path) else { continue };
            let to = match target {
                Target::Item(to) => found.home(to),
                // A module around this one is only the way to something else, and a single name in
                // code is not a module's: modules and variables may share one.
                Target::Module(to)
                    if found.ancestors(module).any(|around| around == to)
                        || (reference.kind == Kind::Inline && reference.path.len() == 1) =>
                {
                    continue;
                }
                Target::Module(to) => found.home(to),
            };
            // A folder's file shows what the folder holds; that is its purpose, and not an import.
            let is_shown = reference.kind == Kind::Reexport
                && here.is_folder()
                && found.ancestors(to).any(|around| around == module);
            if from != to && !is_shown {
                let path = reference.path.join("::");
                edges.push(Edge { from, to, file: here.file.clone(), line: reference.line, path });
            }
        }
    }
    edges
}
