//! The oldest compiler that the published crates claim, beside the one that they need.
//!
//! Three things need a compiler: dependencies, which name theirs; functions of the standard library, which clippy's
//! `incompatible_msrv` knows; features of the language, for which there is no lint, and which `language` looks for.

mod demand;
mod language;
mod run;
mod version;

pub(crate) use run::run;
