//! Methods that an app calls, and whether documentation shows a call of each.
//!
//! A crate names the types in `package.metadata.nango-checks.examples` of its manifest. Compiling the examples is the tests' task.

mod calls;
mod docs;
mod methods;
mod run;

pub(crate) use run::run;
