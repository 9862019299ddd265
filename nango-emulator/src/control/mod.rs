//! Control endpoints under `/_emulator/`, which a real Nango does not have.

pub(crate) mod actions;
mod connections;
pub(crate) mod deployments;
pub(crate) mod endpoints;
pub(crate) mod flows;
pub(crate) mod functions;
mod router;
mod sessions;

pub(crate) use router::router;
