//! Foreign types in public signatures, which tie a crate's versions to those of other crates.

mod document;
mod run;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use run::run;
