//! Shared code of the workspace's tests.

mod app;
mod balancer;
mod browser;
mod database;
mod entities;
mod guide;
mod http;
mod intercept;
mod log;
mod nango;
mod pgbouncer;
mod postgres_server;
mod program;
mod queues;
mod round_trips;
#[cfg(test)]
mod tag_keys;

pub use app::{App, eventually, on_axum};
pub use balancer::Balancer;
pub use browser::Browser;
pub use database::{Database, block_on_thread, execute, service_url, unique_name};
pub use entities::{Organization, User};
pub use http::{Reply, http, send};
pub use intercept::{Access, Intercept, Interceptor};
pub use log::Log;
pub use nango::{call_nango, nango_builder, sign};
pub use pgbouncer::PgBouncer;
pub use postgres_server::PostgresServer;
pub use program::Program;
pub use queues::{delete_queue, open_queue};
pub use round_trips::{Counted, RoundTrips};

/// Compiles the README's code.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
#[non_exhaustive]
pub struct Readme;
