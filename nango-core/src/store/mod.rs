//! The store: the app's memory of its connections, in a database of its choice.

mod contract;
mod error;
mod lease;
mod memory;

pub use contract::ConnectionStore;
pub use error::{StoreError, StoreErrorKind};
pub use lease::Lease;
pub use memory::MemoryStore;
