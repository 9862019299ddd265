//! Runs rustdoc for its JSON, which is unstable: a wrapper lets a stable toolchain print it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::{Failure, Result, read};
use crate::workspace::cargo;

/// The version of rustdoc's JSON that `walk` was written for, that of the compiler in
/// `rust-toolchain.toml`.
const FORMAT: u64 = 57;

/// Documents packages with all of their features. One by itself is documented as docs.rs does; of several, each may link to
/// what another one turns on, and their dependencies are built once. A warning is an error. Returns where the JSON is.
pub(crate) fn document(root: &Path, target: &Path, packages: &[&str]) -> Result<PathBuf> {
    let status = Command::new(cargo())
        .args(["doc", "--quiet", "--locked", "--no-deps", "--all-features"])
        .args(packages.iter().flat_map(|package| ["--package", package]))
        .arg("--target-dir")
        .arg(target)
        .current_dir(root)
        .env("RUSTDOC", concat!(env!("CARGO_MANIFEST_DIR"), "/rustdoc-json"))
        .env("RUSTDOCFLAGS", "-D warnings --cfg docsrs -Z unstable-options --output-format json")
        .status()
        .map_err(|error| Failure::new(format!("cargo doc did not start: {error}")))?;
    if !status.success() {
        let packages = packages.join(", ");
        return Err(Failure::new(format!("cargo doc failed for {packages}, the errors are above")));
    }
    Ok(target.join("doc"))
}

/// Reads the JSON of one package.
pub(crate) fn load(docs: &Path, package: &str) -> Result<Value> {
    let file = docs.join(format!("{}.json", package.replace('-', "_")));
    let docs: Value = serde_json::from_str(&read(&file)?).map_err(|error| Failure::at(&file, error))?;
    match docs["format_version"].as_u64() {
        Some(FORMAT) => Ok(docs),
        found => Err(Failure::at(
            &file,
            format!(
                "format version {found:?} where {FORMAT} was expected; compare the formats and adapt `walk`"
            ),
        )),
    }
}
