//! Queues: events that no state remembers, kept until the app's handler has taken them.

mod contract;
mod event;
mod memory;
mod parts;
mod received;

pub use contract::{EventQueue, WorkQueue};
pub use event::{EventContent, EventFormatError, EventKind, QueuedEvent};
pub use memory::MemoryEventQueue;
pub use parts::{Claim, DeadLetter, Outcome, QueueDepth, Settlement};
pub use received::Received;
