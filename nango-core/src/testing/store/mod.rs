//! The contract of [`ConnectionStore`](crate::ConnectionStore), each guarantee as a function that
//! is named after it.
//!
//! [`store_suite!`](super::store_suite) makes a test of each. The functions take an empty store,
//! and panic when it does not keep the guarantee.

mod apply;
mod bytes;
mod check;
mod mark;
mod pending;
mod race;
mod read;
mod removal;
mod rows;
mod suite;

pub use apply::*;
pub use bytes::*;
pub use check::*;
pub use mark::*;
pub use pending::*;
pub use race::*;
pub use read::*;
pub use removal::*;
pub use rows::{again, erase, insert, live, update};
pub use suite::{Case, cases};
