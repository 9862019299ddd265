//! The check over packages, and its messages.

use std::process::Command;

use super::{contents, fields};
use crate::failure::{Failure, Result};
use crate::workspace::{Package, Workspace, cargo};

/// Checks all published packages. Builds nothing.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    let mut clean = true;
    for package in workspace.published() {
        let files = packed(package)?;
        let mut found = fields::problems(package)?;
        found.extend(contents::problems(&workspace.root, &package.dir, &files)?);
        found.iter().for_each(|problem| println!("{}: {problem}", package.name));
        println!("{}: {} files, {} problems", package.name, files.len(), found.len());
        clean &= found.is_empty();
    }
    Ok(clean)
}

/// Lists the files that cargo packs, by their paths in the package.
fn packed(package: &Package) -> Result<Vec<String>> {
    let output = Command::new(cargo())
        .args(["package", "--list", "--allow-dirty", "--quiet", "--package", &package.name])
        .output()
        .map_err(|error| Failure::new(format!("cargo package did not start: {error}")))?;
    if !output.status.success() {
        let cause = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("cargo package --list failed for {}: {cause}", package.name)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(|line| line.replace('\\', "/")).collect())
}
