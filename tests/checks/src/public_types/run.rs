//! The check over packages, and its messages.

use super::document::{document, load};
use super::walk::leaks;
use crate::failure::{Failure, Result};
use crate::workspace::{Package, Workspace, list, text};

/// Features without an API of their own, whose dependencies take long to build.
const LEFT_OUT: [&str; 2] = ["native-tls", "rustls"];

/// Checks the packages, and all that are published where none is named.
///
/// A crate allows others in its manifest, by the names of crates in
/// `package.metadata.nango-checks.public-types`.
pub(crate) fn run(workspace: &Workspace, names: &[String]) -> Result<bool> {
    let chosen = chosen(workspace, names)?;
    let names: Vec<&str> = chosen.iter().map(|package| package.name.as_str()).collect();
    let docs = document(&workspace.root, &names, &features(&chosen))?;
    let mut clean = true;
    for package in chosen {
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
    // A derive's interface is macros, which name no types.
    let libraries = workspace.packages.iter().filter(|package| package.has_library);
    if names.is_empty() {
        return Ok(libraries.filter(|package| package.is_published).collect());
    }
    let find = |name: &String| {
        let package = libraries.clone().find(|package| package.name == *name);
        package.ok_or_else(|| {
            Failure::new(format!("{name}: not a library of the workspace, see its Cargo.toml"))
        })
    };
    names.iter().map(find).collect()
}

fn features(packages: &[&Package]) -> Vec<String> {
    let own = |package: &&Package| {
        let wanted =
            package.features.iter().filter(|name| !LEFT_OUT.contains(&name.as_str()) && *name != "default");
        wanted.map(|name| format!("{}/{name}", package.name)).collect::<Vec<_>>()
    };
    packages.iter().flat_map(own).collect()
}
