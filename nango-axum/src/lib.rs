#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::missing_errors_doc)]

mod router;

pub use axum;
pub use nango_core;

pub use router::{RouteOwner, owner_routes, public_routes, router};
