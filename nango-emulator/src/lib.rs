//! A small, honest Nango for localhost.
//!
//! It behaves as a real Nango server was observed to behave (version 0.71.4): connect sessions and
//! their page, API-key, basic, client-credentials and OAuth2 flows, connections, signed webhooks
//! with Nango's own retries, the proxy, and its many irregularities. On top of that it does what a
//! real one cannot: lose, delay and reorder webhooks, revoke a connection, move its clock.
//!
//! - [`Emulator`] runs in your tests, several in one process, each in milliseconds.
//! - The `nango-emulator` binary runs beside your application while you develop.
//!
//! Each rule of Nango is in one file, named after the thing it rules.

pub use control::{faults::CallFaults, held::HeldCall};
pub use emulator::{Connected, Credentials, Emulator, EmulatorBuilder};
pub use error::EmulatorError;
pub use keys::{DEV_READ_KEY, DEV_SECRET_KEY, DEV_SESSIONS_KEY, DEV_SIGNING_KEY};
pub use webhooks::log::{Attempt, Delivery, DeliveryState};

mod app;
mod browser_auth;
mod clock;
mod config;
mod connections;
mod control;
mod emulator;
mod end_users;
mod environment;
mod error;
mod functions;
mod http;
mod ids;
mod integrations;
mod jsonb;
mod keys;
mod oauth2;
mod outbound;
mod pages;
mod providers;
mod proxy;
mod sessions;
mod state;
mod tags;
mod telemetry;
mod time;
mod verification;
mod webhooks;
