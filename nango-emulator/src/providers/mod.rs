//! `GET /providers` and logos.

mod endpoints;
mod logo;

pub(crate) use endpoints::{get, list, templates};
pub(crate) use logo::get as logo;
