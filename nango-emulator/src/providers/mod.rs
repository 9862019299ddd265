//! `GET /providers` and logos.

mod endpoints;

pub(crate) use endpoints::{get, list, logo, templates};
