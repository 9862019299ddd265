//! A small, honest Nango for localhost.
//!
//! It behaves as Nango 0.71.4 was observed to behave: connect sessions and their page, API-key,
//! basic, client-credentials and OAuth2 flows, connections, signed webhooks with Nango's own
//! retries, the proxy, syncs with their records and webhooks, actions, and its many irregularities. It
//! also does what a real Nango cannot: drop, delay and reorder webhooks, revoke a connection, advance
//! its clock, and run Rust code as a sync or an action ([`Emulator::sync`], [`Emulator::action`]).
//!
//! - [`Emulator`] runs in tests, several in one process, each started in milliseconds.
//! - The `nango-emulator` binary runs beside an application during development.
//!
//! Each rule of Nango is in one file, named after its subject.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::missing_errors_doc)]

pub use code::{ActionCall, RecordBatch, SyncRun};
pub use control::flows::{Connected, Credentials};
pub use emulator::{Emulator, EmulatorBuilder, ModelRecords, SyncBuilder};
pub use error::{EmulatorError, HttpError};
pub use model::{
    Account, Attempt, CallFaults, Counts, Delivery, DeliveryState, FunctionError, HeldCall,
    keys::{DEV_READ_KEY, DEV_SECRET_KEY, DEV_SESSIONS_KEY, DEV_SIGNING_KEY},
};

#[macro_use]
mod debug;

mod app;
mod auth;
mod browser_auth;
mod check;
mod code;
mod config;
mod connections;
mod control;
mod emulator;
mod environment;
mod error;
mod front;
mod functions;
mod http;
mod integrations;
mod jsonb;
mod lock;
mod model;
mod oauth2;
mod outbound;
mod pages;
mod provider_webhooks;
mod providers;
mod proxy;
mod router;
mod runs;
mod sessions;
mod time;
mod unknown;
mod upstream;
mod webhooks;

#[cfg(test)]
mod tests {
    use super::*;

    const _: () = {
        const fn is_send_and_sync<T: Send + Sync>() {}
        is_send_and_sync::<ActionCall>();
        is_send_and_sync::<Credentials>();
        is_send_and_sync::<Emulator>();
        is_send_and_sync::<EmulatorBuilder>();
        is_send_and_sync::<EmulatorError>();
        is_send_and_sync::<FunctionError>();
        is_send_and_sync::<ModelRecords>();
        is_send_and_sync::<RecordBatch>();
        is_send_and_sync::<SyncBuilder<'_>>();
        is_send_and_sync::<SyncRun>();
    };
}
