//! What several tests need: an app on Axum, and a Nango behind it.

mod app;
mod browser;
mod entities;
mod log;

pub use app::App;
pub use browser::{Browser, Reply, http, sign};
pub use entities::{Organization, User};
pub use log::Log;

/// The README's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
#[non_exhaustive]
pub struct Readme;
