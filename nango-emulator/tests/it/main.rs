//! Tests of the emulator over HTTP and through its library.

#![expect(clippy::unwrap_used, reason = "in a test it means failure")]

mod attacks;
mod control;
mod flows;
mod http;
mod oauth2;
mod refresh;
mod rules;
mod support;
mod webhooks;
mod wire;
