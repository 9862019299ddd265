//! The check, and the commands that it prints.

use serde_json::Value;

use super::order::order;
use super::readiness::problems;
use crate::failure::{Result, read};
use crate::workspace::Workspace;

/// Lists what stands in the way of a release, or prints the packages in the order of their uploads.
pub(crate) fn run(workspace: &Workspace, only_order: bool) -> Result<bool> {
    let manifests: Vec<&Value> = workspace.published().map(|package| &package.manifest).collect();
    if only_order {
        order(&manifests)?.iter().for_each(|name| println!("{name}"));
        return Ok(true);
    }
    let changelog = read(&workspace.root.join("CHANGELOG.md"))?;
    let own = std::iter::once(workspace.root.join("README.md"));
    let files: Vec<_> =
        own.chain(workspace.published().map(|package| package.dir.join("README.md"))).collect();
    let mut readmes = Vec::new();
    for file in &files {
        readmes.push((workspace.shown(file), read(file)?));
    }
    let readmes: Vec<(&str, &str)> =
        readmes.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
    let found = problems(&manifests, &changelog, &readmes);
    found.iter().for_each(|problem| println!("not ready: {problem}"));
    println!("{} crates, {} problems", manifests.len(), found.len());
    Ok(found.is_empty())
}
