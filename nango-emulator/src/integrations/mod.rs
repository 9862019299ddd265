//! Integrations (wire reference 5; observed on Nango 0.71.4).

mod credentials;
mod read;
mod write;

pub(crate) use read::{delete, get, list};
pub(crate) use write::{create, patch, quickstart};
