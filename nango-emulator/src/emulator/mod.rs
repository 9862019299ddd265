//! The handle on a running emulator.

mod assemble;
mod builder;
mod flows;
mod handle;

mod instance;
mod start;

pub use builder::EmulatorBuilder;
pub use flows::{Connected, Credentials};
pub use instance::Emulator;
