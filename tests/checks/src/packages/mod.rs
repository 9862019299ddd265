//! What crates.io, docs.rs and an app get of each published crate: its manifest's fields and the packed files.

mod contents;
mod fields;
mod run;

pub(crate) use run::run;
