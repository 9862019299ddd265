//! The routes on Axum, over HTTP, with the emulator behind them.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod callback;
mod handler;
mod host;
mod metadata;
mod openapi;
mod owned;
mod ownership;
mod reconnect;
mod secrets;
mod sessions;
mod transfer;
mod webhook;
