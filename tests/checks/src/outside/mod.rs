//! The READMEs' code in projects outside of the workspace, with the packed crates and the dependencies that the README lists.
//!
//! The workspace compiles that code, too, but there another member turns on features that an app lacks, and a crate
//! reads files that its package does not have.

mod markdown;
mod program;
mod project;
mod run;

pub(crate) use run::run;
