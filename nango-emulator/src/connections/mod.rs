//! Connections (wire reference 4; observed on Nango 0.71.4).

mod import;
mod list;
mod metadata;
mod one;
pub(crate) mod refresh;
pub(crate) mod upsert;

pub(crate) use import::import;
pub(crate) use list::list;
pub(crate) use metadata::{replace as replace_metadata, update as update_metadata};
pub(crate) use one::{delete, get, patch};
