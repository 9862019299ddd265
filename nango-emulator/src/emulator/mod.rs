//! The handle on a running emulator.

mod assemble;
mod builder;
mod flows;
mod functions;
mod handle;

mod instance;
mod start;
mod sync_builder;

pub use builder::EmulatorBuilder;
pub use functions::ModelRecords;
pub use instance::Emulator;
pub use sync_builder::SyncBuilder;
