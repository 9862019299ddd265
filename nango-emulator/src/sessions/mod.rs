//! Connect sessions (wire reference 2; observed on Nango 0.71.4).

mod body;
mod endpoints;
mod store;

pub(crate) use endpoints::{create, delete, get, reconnect};
pub(crate) use store::create_stored;
