//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::failure::Result;
use crate::workspace::Workspace;
use crate::{
    examples, imports, instructions, lines, links, outside, packages, prose, public_types, release,
    rust_version,
};

#[derive(Debug, Parser)]
#[command(name = "nango-checks", about = "Checks of the workspace's own sources")]
struct Arguments {
    #[command(subcommand)]
    check: Check,
}

#[derive(Debug, Subcommand)]
enum Check {
    /// Fails on methods of the public API that no example calls
    Examples,
    /// Fails on a circle between modules and on an import that runs up
    Imports {
        /// Directories of crates; all members named nango-* where none is given
        dirs: Vec<PathBuf>,
    },
    /// Counts instructions under valgrind. Fails where a count has grown by more than 5 %
    Instructions {
        /// Makes the counts the committed ones
        #[arg(long)]
        update: bool,
    },
    /// Counts lines, code lines and long files per crate. Never fails
    Lines,
    /// Fails on links that lead nowhere, in this machine's files: those to other servers are not followed
    Links {
        /// Directories of built pages; the Markdown of the workspace where none is given
        dirs: Vec<PathBuf>,
    },
    /// Fails on Rust of a README that does not compile outside of the workspace, and on a program of README.md that does not serve
    Outside {
        /// The directory of the unpacked crates
        packed: PathBuf,
    },
    /// Fails on published crates without licences, a README or a field of the manifest, and on files that have no place there
    Packages,
    /// Fails on doc comments and words that the language rules exclude
    Prose {
        /// Directories to read; the whole workspace where none is given
        dirs: Vec<PathBuf>,
    },
    /// Documents each package alone, and fails on warnings and on foreign types in public signatures
    PublicTypes {
        /// Packages to document; all published ones where none is given
        packages: Vec<String>,
    },
    /// Fails on versions that differ, a changelog without the version, and an address that is a placeholder
    Release {
        /// Prints the published crates instead, in the order of their uploads
        #[arg(long)]
        order: bool,
    },
    /// Fails on a `rust-version` that is lower than what dependencies or sources of published crates need
    RustVersion,
}

/// Runs the check that the command line names. Returns `false` when it found something.
pub(crate) fn run() -> Result<bool> {
    let arguments = Arguments::parse();
    let workspace = Workspace::find()?;
    match arguments.check {
        Check::Examples => examples::run(&workspace),
        Check::Imports { dirs } => imports::run(&workspace, &dirs),
        Check::Instructions { update } => instructions::run(&workspace, update),
        Check::Lines => lines::run(&workspace),
        Check::Links { dirs } => links::run(&workspace, &dirs),
        Check::Outside { packed } => outside::run(&workspace, &packed),
        Check::Packages => packages::run(&workspace),
        Check::Prose { dirs } => prose::run(&workspace, &dirs),
        Check::PublicTypes { packages } => public_types::run(&workspace, &packages),
        Check::Release { order } => release::run(&workspace, order),
        Check::RustVersion => rust_version::run(&workspace),
    }
}
