//! The store: the app's memory of its connections, in a database of its choice.

mod cause;
mod contract;
mod error;
mod memory;

pub use cause::StoreCause;
pub use contract::{ConnectionStore, Lease};
pub use error::{StoreError, StoreErrorKind};
pub use memory::MemoryStore;
