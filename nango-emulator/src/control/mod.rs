//! Control endpoints under `/_emulator/`, which a real Nango does not have.

pub(crate) mod actions;
mod connections;
mod endpoints;
pub(crate) mod held;
mod router;

pub(crate) use router::router;
