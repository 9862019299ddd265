//! The workspace as `cargo metadata` describes it, and its files.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::{Failure, Result};

#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dir: PathBuf,
    /// The root file of the library where there is one, then those of the programs.
    pub(crate) roots: Vec<PathBuf>,
    pub(crate) has_library: bool,
    pub(crate) is_published: bool,
    /// `package.metadata.nango-checks` of its manifest.
    pub(crate) metadata: Value,
    /// The whole of it, as `cargo metadata` prints it.
    pub(crate) manifest: Value,
}

impl Workspace {
    /// Describes the workspace of the current directory, and this package, which is a workspace of
    /// its own.
    pub(crate) fn find() -> Result<Self> {
        let metadata = describe(&[])?;
        let own = describe(&["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])?;
        let packages = [&metadata, &own].into_iter().flat_map(|one| list(&one["packages"]));
        Ok(Self {
            root: path(&metadata["workspace_root"]),
            target: path(&metadata["target_directory"]),
            packages: packages.map(Package::from_metadata).collect(),
        })
    }

    /// Returns the packages that crates.io gets, in the order of their names.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_published)
    }

    /// Returns the path as a reader at the workspace's root would write it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

fn describe(arguments: &[&str]) -> Result<Value> {
    let output = Command::new(cargo())
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .args(arguments)
        .output()
        .map_err(|error| Failure::new(format!("cargo metadata did not start: {error}")))?;
    if !output.status.success() {
        let cause = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!(
            "cargo metadata failed, run this inside of the workspace: {cause}"
        )));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure::new(format!("cargo metadata did not print JSON: {error}")))
}

impl Package {
    fn from_metadata(package: &Value) -> Self {
        let manifest = path(&package["manifest_path"]);
        let of_kind = |kinds: &'static [&str]| {
            list(&package["targets"])
                .filter(move |target| list(&target["kind"]).any(|kind| kinds.contains(&text(kind))))
                .map(|target| path(&target["src_path"]))
        };
        let libraries: Vec<PathBuf> = of_kind(&["lib", "proc-macro"]).collect();
        Self {
            name: text(&package["name"]).to_owned(),
            dir: manifest.parent().unwrap_or(Path::new("")).to_owned(),
            has_library: of_kind(&["lib"]).next().is_some(),
            roots: libraries.into_iter().chain(of_kind(&["bin"])).collect(),
            is_published: package["publish"].is_null(),
            metadata: package["metadata"]["nango-checks"].clone(),
            manifest: package.clone(),
        }
    }
}

/// Returns the program that runs as cargo: the one that started this program, where it did.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Returns the elements of a JSON array, and none for any other value.
pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Returns a JSON string's text, and an empty one for any other value.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn path(value: &Value) -> PathBuf {
    PathBuf::from(text(value))
}

/// Lists the files below a directory that end in one of the extensions, sorted. Leaves out hidden
/// directories, build output and npm packages.
pub(crate) fn files(dir: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut pending = vec![dir.to_owned()];
    while let Some(dir) = pending.pop() {
        for entry in std::fs::read_dir(&dir).map_err(|error| Failure::at(&dir, error))? {
            let entry = entry.map_err(|error| Failure::at(&dir, error))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = entry.path();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "node_modules" {
                    pending.push(path);
                }
            } else if path.extension().is_some_and(|found| extensions.iter().any(|wanted| found == *wanted)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
