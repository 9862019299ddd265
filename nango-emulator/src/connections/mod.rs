//! Connections (wire reference 4; observed on Nango 0.71.4).

mod delete;
mod get;
mod import;
mod list;
mod metadata;
mod patch;
pub(crate) mod refresh;
pub(crate) mod upsert;

pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use import::import;
pub(crate) use list::list;
pub(crate) use metadata::{replace as replace_metadata, update as update_metadata};
pub(crate) use patch::patch;
