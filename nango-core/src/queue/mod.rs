//! Queues: events that no state remembers, kept until the app's handler has taken them.

mod contract;
mod event;
mod memory;
mod received;

pub use contract::{Claim, DeadLetter, EventQueue, Outcome, QueueDepth, Settlement, WorkQueue};
pub use event::{EventContent, EventFormatError, EventKind, QueuedEvent};
pub use memory::MemoryEventQueue;
pub use received::Received;
