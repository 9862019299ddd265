//! Cargo projects that are no members of this workspace, checked with what is downloaded already.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The crates that are not published yet.
const OURS: [&str; 5] = ["nango-actix", "nango-axum", "nango-client", "nango-core", "nango-derive"];

/// An adapter, with its documentation, which is its README.
pub(crate) struct Adapter {
    pub(crate) name: &'static str,
    pub(crate) docs: &'static str,
}

impl Adapter {
    /// Returns the dependencies that the documentation shows.
    pub(crate) fn dependencies(&self) -> String {
        self.block("toml")
    }

    /// Returns the example, with the lines that the documentation hides.
    pub(crate) fn example(&self) -> String {
        self.block("rust,no_run")
    }

    fn block(&self, kind: &str) -> String {
        let block = self.docs.lines().skip_while(|line| *line != format!("```{kind}")).skip(1);
        let block: String = block
            .take_while(|line| *line != "```")
            .map(|line| line.strip_prefix("# ").unwrap_or(line).to_owned() + "\n")
            .collect();
        assert!(!block.is_empty(), "{} documents no {kind}", self.name);
        block
    }
}

/// A project in the target directory.
pub(crate) struct Project {
    folder: PathBuf,
}

impl Project {
    pub(crate) fn new(name: &str, adapter: &Adapter, dependencies: &str, main: &str) -> Self {
        let workspace = workspace();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside").join(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        let mut manifest = format!(
            "[package]\nname = \"outside\"\nedition = \"2024\"\n\n[lints.rust]\nwarnings = \"deny\"\n\n{dependencies}\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n\n[workspace]\n\n[patch.crates-io]\n"
        );
        for ours in OURS.iter().filter(|ours| !ours.contains("-a") || **ours == adapter.name) {
            manifest += &format!("{ours} = {{ path = {:?} }}\n", workspace.join(ours));
        }
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        // With the versions of the workspace, which are on this machine.
        fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        fs::write(folder.join("src/main.rs"), main).unwrap();
        Self { folder }
    }

    /// Uses the crate in a folder beside this file.
    pub(crate) fn patch(&mut self, crate_name: &str, folder: &str) {
        let manifest = self.folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        fs::write(manifest, format!("{text}{crate_name} = {{ path = {:?} }}\n", here().join(folder)))
            .unwrap();
    }

    /// Compares what the compiler says with a file beside this one, which `BLESS=1` writes.
    pub(crate) fn assert_says(&self, file: &str) {
        let path = here().join(file);
        let said = without_paths(&self.check());
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &said).unwrap();
        }
        assert_eq!(said, fs::read_to_string(&path).unwrap_or_default(), "`BLESS=1` accepts it");
    }

    /// Returns what the compiler says, which is nothing for an app that is right.
    pub(crate) fn check(&self) -> String {
        // Beside what the workspace has compiled: what is the same there is not compiled again.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let output =
            self.cargo(&["check", "--offline", "--quiet", "--color", "never", "--target-dir"], &[target]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() == said.is_empty(), "{} and said: {said}", output.status);
        said
    }

    /// Returns whether the app is compiled with this crate.
    pub(crate) fn depends_on(&self, crate_name: &str, arguments: &[&str]) -> bool {
        let tree = ["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
        let arguments = [&tree, arguments].concat();
        let mut output = self.cargo(&[&arguments[..], &["--offline"]].concat(), &[]);
        if !output.status.success() {
            // Not all features are built in the workspace, so that crates of others may not be downloaded.
            output = self.cargo(&arguments, &[]);
        }
        let tree = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && tree.contains("nango-core v"),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        tree.lines().any(|line| line.split(' ').next() == Some(crate_name))
    }

    fn cargo(&self, arguments: &[&str], paths: &[&Path]) -> Output {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut cargo = Command::new(cargo);
        cargo.current_dir(&self.folder).args(arguments).args(paths);
        cargo.output().unwrap()
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn here() -> PathBuf {
    workspace().join("tests/ui/tests/outside")
}

/// Replaces what differs between machines, and what changes with lines that are none of the app's: folders,
/// numbers of lines, and patch versions.
fn without_paths(said: &str) -> String {
    let said = said.replace(workspace().to_str().unwrap(), "$WORKSPACE");
    let mut is_foreign = false;
    let mut text = String::new();
    for line in said.lines() {
        let margin = line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit());
        if let Some(path) = margin.strip_prefix("--> ").or(margin.strip_prefix("::: ")) {
            is_foreign = !path.starts_with("src/");
            let path =
                path.split_once("/registry/src/").map_or(path.to_owned(), |(_, path)| registered(path));
            match path.split_once(':') {
                Some((path, _)) if is_foreign => text += &format!("    {} {path}\n", &margin[..3]),
                _ => text += &format!("{line}\n"),
            }
        } else if is_foreign && line.len() > margin.len() && margin.starts_with(['|', '.']) {
            text += &format!("     {margin}\n");
        } else {
            text += &format!("{line}\n");
        }
    }
    text
}

fn registered(path: &str) -> String {
    let path = path.split_once('/').unwrap().1;
    let (package, path) = path.split_once('/').unwrap();
    let (minor, _) = package.rsplit_once('.').unwrap();
    format!("$REGISTRY/{minor}.*/{path}")
}
