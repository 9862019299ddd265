#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::missing_errors_doc)]

mod convert;
mod routes;

pub use actix_web;
pub use nango_core;

pub use routes::{RouteOwner, owner_routes, public_routes, routes};
