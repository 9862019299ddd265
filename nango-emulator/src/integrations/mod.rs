//! Integrations (wire reference 5; observed on Nango 0.71.4).

mod credentials;
mod legacy;
mod read;
mod write;

pub(crate) use legacy::config;
pub(crate) use read::{delete, get, list};
pub(crate) use write::{create, patch, quickstart};
