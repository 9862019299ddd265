//! The check over packages, and its messages.

use super::document::{document, load};
use super::walk::leaks;
use crate::failure::{Failure, Result};
use crate::workspace::{Package, Workspace, list, text};

/// Documents the packages together, and checks the libraries among them; all that are published where none is named.
///
/// A crate allows others in its manifest, by the names of crates in
/// `package.metadata.nango-checks.public-types`.
pub(crate) fn run(workspace: &Workspace, names: &[String]) -> Result<bool> {
    let mut clean = true;
    let packages = chosen(workspace, names)?;
    let named: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let docs = document(&workspace.root, &workspace.target, &named)?;
    for package in packages {
        // A derive's interface is macros, which name no types; a program has none.
        if !package.has_library {
            continue;
        }
        let allowed: Vec<&str> = list(&package.metadata["public-types"]).map(text).collect();
        let found = leaks(&load(&docs, &package.name)?, &allowed);
        for leak in &found {
            println!("{}: `{}` names {}, a type of another crate", leak.place, leak.item, leak.foreign);
        }
        println!("{}: {} foreign types in public signatures", package.name, found.len());
        clean &= found.is_empty();
    }
    Ok(clean)
}

fn chosen<'a>(workspace: &'a Workspace, names: &[String]) -> Result<Vec<&'a Package>> {
    if names.is_empty() {
        return Ok(workspace.published().collect());
    }
    let find = |name: &String| {
        let package = workspace.packages.iter().find(|package| package.name == *name);
        package.ok_or_else(|| Failure::new(format!("{name}: not a package of the workspace")))
    };
    names.iter().map(find).collect()
}
