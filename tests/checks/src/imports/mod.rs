//! Imports between the modules of a crate: no circle at any level, and none that runs up.

mod circles;
mod edges;
mod rooms;
mod run;
#[cfg(test)]
mod tests;

pub(crate) use run::run;
