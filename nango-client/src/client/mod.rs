//! Nango's API: one file per resource.

mod actions;
mod builder;
#[expect(clippy::module_inception, reason = "it holds the type that the folder is named after")]
mod client;
mod connections;
#[cfg(fuzzing)]
mod fuzzing;
mod headers;
mod integrations;
mod list;
mod lookup;
mod metadata;
mod pace;
mod page;
mod proxy;
mod records;
mod reply;
mod sessions;
mod syncs;
mod token;
mod wire;

pub use actions::{
    ActionFailure, ActionFailureKind, ActionOutcome, ActionResult, ProviderReply, RunAction, StartedAction,
};
pub use builder::ClientBuilder;
pub use client::Client;
#[cfg(fuzzing)]
pub use fuzzing::{path_below_proxy, read_page};
pub use integrations::Integration;
pub use list::{ListConnections, Pages};
pub use lookup::{Lookup, Refresh};
pub use pace::Waited;
pub use page::{ConnectionPage, UnreadableConnection};
pub use proxy::{ProxyClient, ProxyReply, ProxyRequest};
pub use records::{
    Comparison, Cursor, FullRead, ListRecords, PruneRecords, Pruned, Record, RecordAction, RecordData,
    RecordFilter, RecordMetadata, RecordPage, RecordPages, RecordReader, RecordStream, UnreadableRecord,
};
pub use sessions::{ConnectLink, ConnectSession, IntegrationDefaults, SessionDefaults, SessionToken};
pub use syncs::{
    ExecutionStatus, Reset, SyncClient, SyncCounts, SyncFrequency, SyncName, SyncRuns, SyncState, SyncStatus,
    SyncVariant, Syncs, TriggerSyncs,
};
pub use token::Token;
