//! The routes on Axum, over HTTP, with the emulator behind them.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "axum/callback.rs"]
mod callback;
#[path = "axum/handler.rs"]
mod handler;
#[path = "axum/metadata.rs"]
mod metadata;
#[path = "axum/openapi.rs"]
mod openapi;
#[path = "axum/owned.rs"]
mod owned;
#[path = "axum/ownership.rs"]
mod ownership;
#[path = "axum/reconnect.rs"]
mod reconnect;
#[path = "axum/secrets.rs"]
mod secrets;
#[path = "axum/sessions.rs"]
mod sessions;
#[path = "axum/transfer.rs"]
mod transfer;
#[path = "axum/webhook.rs"]
mod webhook;
