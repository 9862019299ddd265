//! The check over packages, and its messages.

use std::process::Command;

use serde_json::Value;

use super::demand::highest;
use super::language::uses;
use super::version::RustVersion;
use crate::failure::{Failure, Result, read};
use crate::workspace::{Workspace, cargo, files, text};

/// Compares the `rust-version` of each published package with what its dependencies and its sources need, and with the README.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    let metadata = metadata(workspace)?;
    let readme = read(&workspace.root.join("README.md"))?;
    let mut clean = true;
    for package in workspace.published() {
        let own: RustVersion = text(&package.manifest["rust_version"]).parse().map_err(Failure::new)?;
        let mut found = Vec::new();
        let demand = highest(&metadata, &package.name)?;
        let needed = demand
            .as_ref()
            .map_or_else(String::new, |demand| format!("{} needs {}", demand.name, demand.version));
        if demand.is_some_and(|demand| demand.version > own) {
            found.push(format!("{needed}: raise `rust-version` in the workspace's Cargo.toml"));
        }
        for file in files(&package.dir.join("src"), &["rs"])? {
            let source = syn::parse_file(&read(&file)?).map_err(|error| Failure::at(&file, error))?;
            let newer = uses(&source).into_iter().filter(|used| used.since > own);
            found.extend(newer.map(|used| {
                format!("{}:{}: {} is of {}", workspace.shown(&file), used.line, used.feature, used.since)
            }));
        }
        if !readme.contains(&format!("Rust {own}")) {
            found.push(format!("README.md does not say \"Rust {own}\""));
        }
        found.iter().for_each(|problem| println!("{}, rust-version {own}: {problem}", package.name));
        println!("{}: {own}; of its dependencies, {needed}", package.name);
        clean &= found.is_empty();
    }
    Ok(clean)
}

fn metadata(workspace: &Workspace) -> Result<Value> {
    let output = Command::new(cargo())
        .args(["metadata", "--locked", "--all-features", "--format-version", "1"])
        .current_dir(&workspace.root)
        .output()
        .map_err(|error| Failure::new(format!("cargo metadata did not start: {error}")))?;
    if !output.status.success() {
        let cause = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("cargo metadata failed: {cause}")));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure::new(format!("cargo metadata did not print JSON: {error}")))
}
