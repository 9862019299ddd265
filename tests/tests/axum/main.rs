//! The routes on Axum, over HTTP, with the emulator behind them.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod attempts;
mod attempts_balanced;
mod callback;
mod environments;
mod events;
mod functions;
mod handler;
mod health;
mod host;
mod jobs;
mod labels;
mod limits;
mod log;
mod marks;
mod metadata;
mod notifications;
mod openapi;
mod origins;
mod owned;
mod ownership;
mod reconnect;
mod secrets;
mod sessions;
mod storm;
mod transfer;
mod typed_events;
mod webhook;
mod wire;
