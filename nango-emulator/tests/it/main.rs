//! The emulator from outside: over HTTP and through its library.

#![expect(clippy::unwrap_used, reason = "in a test it means failure")]

mod flows;
mod http;
mod refresh;
mod support;
mod webhooks;
mod wire;
