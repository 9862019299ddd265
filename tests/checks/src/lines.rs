//! Lines per crate: a table, not a judgement.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::failure::{Result, read};
use crate::modules::load;
use crate::scan::scan;
use crate::workspace::{Package, Workspace, files};

/// The length from which on a file counts as long.
const LONG: usize = 300;

#[derive(Debug, Default)]
struct Counts {
    files: usize,
    lines: usize,
    /// Lines of files that the library and the programs are built from, without blanks, comments
    /// and tests.
    code: usize,
    long: Vec<String>,
    impls: usize,
}

/// Prints the table. Always clean.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    println!(
        "{:<28} {:>5} {:>7} {:>7} {:>5}  {:>16}",
        "crate", "files", "lines", "code", ">300", "impl Nango {"
    );
    let mut sums = Counts::default();
    for package in &workspace.packages {
        let counts = count(workspace, package)?;
        show(&package.name, &counts);
        sums.files += counts.files;
        sums.lines += counts.lines;
        sums.code += counts.code;
        sums.impls += counts.impls;
        sums.long.extend(counts.long);
    }
    show("all", &sums);
    sums.long.iter().for_each(|file| println!("over {LONG} lines: {file}"));
    Ok(true)
}

fn show(name: &str, counts: &Counts) {
    let Counts { files, lines, code, long, impls } = counts;
    println!("{name:<28} {files:>5} {lines:>7} {code:>7} {:>5}  {impls:>16}", long.len());
}

fn count(workspace: &Workspace, package: &Package) -> Result<Counts> {
    let mut counts = Counts::default();
    let src = package.dir.join("src");
    for file in if src.exists() { files(&src, &["rs"])? } else { Vec::new() } {
        let lines = read(&file)?.lines().count();
        counts.files += 1;
        counts.lines += lines;
        if lines > LONG {
            counts.long.push(format!("{} ({lines})", workspace.shown(&file)));
        }
    }
    let mut counted: BTreeSet<PathBuf> = BTreeSet::new();
    for root in &package.roots {
        let found = load(root)?;
        for module in &found.modules {
            if !module.file.starts_with(&src) || !counted.insert(module.file.clone()) {
                continue;
            }
            let source = read(&module.file)?;
            let tests = found.test_lines.get(&module.file).map_or(&[][..], Vec::as_slice);
            let code = scan(&source).code;
            counts.code += code.iter().filter(|line| !tests.iter().any(|lines| lines.contains(line))).count();
            counts.impls += source.lines().filter(|line| line.starts_with("impl Nango {")).count();
        }
    }
    Ok(counts)
}
