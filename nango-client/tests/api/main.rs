//! Every call against a server that records requests and sends prepared responses.

#![expect(clippy::unwrap_used, reason = "in a test it means failure")]

mod actions;
mod addresses;
mod canned;
mod causes;
mod connections;
mod halves;
mod limits;
mod lookup;
mod options;
mod proxy;
mod proxy_bodies;
mod records;
mod resilience;
mod resources;
mod retries;
mod secrets;
mod server;
mod sessions;
mod sockets;
mod syncs;
mod tls;
mod token;
mod transport;
mod unreadable;
