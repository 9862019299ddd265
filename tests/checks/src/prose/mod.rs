//! The language rules that a program can check: how doc comments open, and words that hide the
//! subject.

mod openings;
mod run;
mod words;

pub(crate) use run::run;
