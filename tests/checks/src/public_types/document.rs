//! Runs rustdoc for its JSON, which is unstable: `RUSTC_BOOTSTRAP` lets a stable toolchain print
//! it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::{Failure, Result, read};
use crate::workspace::cargo;

/// The version of rustdoc's JSON that `walk` was written for, that of the compiler in
/// `rust-toolchain.toml`.
const FORMAT: u64 = 57;

/// Documents the libraries of the packages with the features, which are written `package/feature`.
/// Returns where their JSON is.
///
/// One run for all: cargo would build shared dependencies again where packages alone choose other
/// features. A target directory of its own, because `RUSTC_BOOTSTRAP` makes cargo build everything
/// again.
pub(crate) fn document(root: &Path, packages: &[&str], features: &[String]) -> Result<PathBuf> {
    let target = root.join("target").join("checks");
    let mut cargo = Command::new(cargo());
    cargo
        .args(["doc", "--quiet", "--locked", "--no-deps", "--lib", "--all-features", "--target-dir"])
        .arg(&target);
    cargo.arg("--features").arg(features.join(","));
    packages.iter().for_each(|name| {
        cargo.args(["--package", name]);
    });
    let status = cargo
        .current_dir(root)
        .env("RUSTC_BOOTSTRAP", "1")
        // As docs.rs documents them, so that what only it compiles is compiled here, too.
        .env("RUSTDOCFLAGS", "--cfg docsrs -Z unstable-options --output-format json")
        .status()
        .map_err(|error| Failure::new(format!("cargo doc did not start: {error}")))?;
    if !status.success() {
        return Err(Failure::new("cargo doc failed, its errors are above"));
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
