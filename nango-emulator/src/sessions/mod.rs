//! Connect sessions (wire reference 2; observed on Nango 0.71.4).

mod body;
mod create;
mod current;
mod reconnect;
mod store;

pub(crate) use create::create;
pub(crate) use current::{delete, get};
pub(crate) use reconnect::reconnect;
pub(crate) use store::create_stored;
