//! A cargo project in the target directory, which depends on packed crates.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::markdown::{Block, blocks};
use crate::failure::{Failure, Result, read};
use crate::workspace::cargo;

#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) dir: PathBuf,
    /// Programs by their names, `block-1` being the first block of Rust.
    pub(crate) programs: Vec<String>,
    /// The first block that is a whole program.
    pub(crate) whole: Option<(String, Block)>,
}

impl Project {
    /// Writes the project for a README, or returns `None` where it has no Rust.
    ///
    /// `packed` are the folders of the crates, each named after its crate and version.
    pub(crate) fn write(dir: &Path, readme: &Path, packed: &[(String, PathBuf)]) -> Result<Option<Self>> {
        let blocks = blocks(&read(readme)?);
        let rust: Vec<&Block> = blocks.iter().filter(|block| block.is_rust()).collect();
        if rust.is_empty() {
            return Ok(None);
        }
        let mut lists =
            blocks.iter().filter(|block| block.info == "toml" && block.text.contains("[dependencies]"));
        let (Some(list), None) = (lists.next(), lists.next()) else {
            return Err(Failure::at(
                readme,
                "has Rust, and not exactly one block of TOML with [dependencies]",
            ));
        };
        let mut manifest = format!(
            "[package]\nname = \"outside\"\nedition = \"2024\"\n\n[lints.rust]\ndead_code = \"allow\"\n\n{}\n[profile.dev]\ndebug = false\n\n[workspace]\n\n[patch.crates-io]\n",
            list.text
        );
        for (name, path) in packed {
            manifest += &format!("{name} = {{ path = {:?} }}\n", path.display().to_string());
        }
        let bin = dir.join("src").join("bin");
        if dir.exists() {
            fs::remove_dir_all(dir).map_err(|error| Failure::at(dir, error))?;
        }
        fs::create_dir_all(&bin).map_err(|error| Failure::at(&bin, error))?;
        write(&dir.join("Cargo.toml"), &manifest)?;
        // A page that the program reads.
        if let Some(page) = blocks.iter().find(|block| block.info == "html") {
            write(&dir.join("index.html"), &page.text)?;
        }
        let mut project = Self { dir: dir.to_owned(), programs: Vec::new(), whole: None };
        for (at, block) in rust.into_iter().enumerate() {
            let name = format!("block-{}", at + 1);
            write(&bin.join(format!("{name}.rs")), &block.program())?;
            if block.is_whole() && project.whole.is_none() {
                project.whole =
                    Some((name.clone(), Block { info: block.info.clone(), text: block.program() }));
            }
            project.programs.push(name);
        }
        Ok(Some(project))
    }

    /// Replaces the code of a program.
    pub(crate) fn rewrite(&self, program: &str, code: &str) -> Result<()> {
        write(&self.dir.join("src").join("bin").join(format!("{program}.rs")), code)
    }

    /// Runs cargo in the project, and returns whether it succeeded. What it says is printed.
    ///
    /// The versions of other crates are the newest that the registry has for the README's: those that a new app gets.
    pub(crate) fn cargo(&self, target: &Path, arguments: &[&str]) -> Result<bool> {
        let status = Command::new(cargo())
            .args(arguments)
            .arg("--quiet")
            .arg("--target-dir")
            .arg(target)
            .current_dir(&self.dir)
            .status()
            .map_err(|error| Failure::new(format!("cargo did not start: {error}")))?;
        Ok(status.success())
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| Failure::at(path, error))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Project;

    fn project(readme: &str) -> crate::failure::Result<Option<Project>> {
        let root = tempfile::tempdir().unwrap().keep();
        fs::write(root.join("README.md"), readme).unwrap();
        Project::write(&root.join("made"), &root.join("README.md"), &[("a".to_owned(), root.join("a-1.0.0"))])
    }

    #[test]
    fn the_project_has_what_the_readme_lists() {
        let readme = "```toml\n[dependencies]\na = \"1\"\n```\n```rust\nfn f() {}\n```\n```rust,no_run\nfn main() {}\n```\n```html\n<p>\n```\n";
        let found = project(readme).unwrap().unwrap();
        assert_eq!(found.programs, ["block-1", "block-2"]);
        assert_eq!(found.whole.as_ref().unwrap().0, "block-2");
        let manifest = fs::read_to_string(found.dir.join("Cargo.toml")).unwrap();
        assert!(
            manifest.contains("[dependencies]\na = \"1\"\n") && manifest.contains("a-1.0.0"),
            "{manifest}"
        );
        assert_eq!(fs::read_to_string(found.dir.join("index.html")).unwrap(), "<p>\n");
        assert_eq!(
            fs::read_to_string(found.dir.join("src/bin/block-1.rs")).unwrap(),
            "fn f() {}\n\nfn main() {}\n"
        );
    }

    #[test]
    fn rust_needs_its_dependencies() {
        assert!(project("no code").unwrap().is_none());
        assert!(project("```rust\nfn f() {}\n```\n").is_err());
        assert!(
            project("```toml\n[dependencies]\n```\n```toml\n[dependencies]\n```\n```rust\nfn f() {}\n```\n")
                .is_err()
        );
    }
}
