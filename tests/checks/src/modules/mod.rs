//! The modules of a crate as its sources declare them, without what only tests compile, and the
//! names that each uses.

mod cfg;
mod collect;
mod load;
mod paths;
mod resolve;
mod tree;

pub(crate) use load::load;
pub(crate) use resolve::Target;
pub(crate) use tree::{Crate, Kind};
