//! Everything under `/_emulator/`: what a real Nango does not have.

pub(crate) mod actions;
mod connections;
pub(crate) mod endpoints;
pub(crate) mod faults;
pub(crate) mod held;
