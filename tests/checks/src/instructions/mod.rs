//! Instruction counts beside the committed ones.

mod figures;
mod measure;
mod run;

pub(crate) use run::run;
