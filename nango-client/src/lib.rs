//! A typed client for the [Nango](https://nango.dev) API and its webhooks.
//!
//! - [`Client`] calls the API: connections with their tokens and metadata, integrations, connect
//!   sessions, and providers through the proxy; syncs and their records, actions, functions, and
//!   environments.
//! - [`ConnectionKey`] identifies a connection, [`Connection`] describes one, [`Tags`] say whose it
//!   is.
//! - [`SigningKeys`] verifies webhooks, [`Delivery`] is a verified one, by type.
//!
//! The crate has no opinion about owners, stores or web frameworks. No error, log line or `Debug`
//! output of it contains a key, a connection id, a credential or a URL. All behaviour of Nango that
//! is described here was observed on 0.71.4.
//!
//! Older servers were not tried. By Nango's release notes, they sign webhooks with `X-Nango-Hmac-Sha256`
//! since 0.69.15 of December 2025, before which webhooks are refused with [`SignatureError::LegacyOnly`],
//! and accept a session with tags and no end user since 0.69.31 of February 2026.
//!
//! # Nango's Node SDK
//!
//! `node_sdk`, a page of this documentation, has a table of its methods with those of this crate beside them.
//!
//! # Features
//!
//! `rustls` is on by default, `native-tls` is the alternative. Without one of them only `http://`
//! hosts can be reached, and [`Client::new`] refuses others. `metrics` records the duration of calls
//! through the facade of the crate `metrics`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::missing_errors_doc)]

mod api_key;
mod client;
mod connection;
mod debug;
mod error;
mod tags;
mod timestamp;
mod transport;
mod webhook;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(doc)]
pub mod node_sdk;

#[cfg(fuzzing)]
#[doc(hidden)]
pub use client::{path_below_proxy, read_details, read_page, read_records, read_replies, written_form};

// Their types are in signatures: an app need not depend on the same versions by itself.
#[doc(no_inline)]
pub use {bytes, http};

pub use api_key::{ApiKey, ConfigError, KeyProblem};
pub use client::{
    ActionFailure, ActionFailureKind, ActionOutcome, ActionResult, ApiKeyCredentials, ApiReply, ApiRequest,
    AppCredentials, AppStoreCredentials, AuthMode, AwsSigV4Credentials, BasicCredentials, BillCredentials,
    Client, ClientBuilder, ClientOverride, Comparison, ConnectLink, ConnectSession, ConnectUiSettings,
    ConnectionDetails, ConnectionPage, ConnectionPages, ConnectionStream, CreateIntegration, CreatedApiKey,
    Credentials, Cursor, CustomCredentials, Environment, EnvironmentVariable, ExecutionStatus, FullRead,
    Function, FunctionCode, FunctionKind, FunctionPage, FunctionTemplate, ImportConnection,
    ImportedCredentials, Integration, IntegrationCredentials, IntegrationDefaults, JwtCredentials,
    ListConnections, ListFunctions, ListRecords, Lookup, Multipart, NewCredentials, OAuth1Credentials,
    OAuth2ClientCredentials, OAuth2Credentials, OAuthClient, OpenAiFunction, OtherCredentials, Pagination,
    Provider, ProviderField, ProviderReply, ProxyClient, ProxyReply, ProxyRequest, ProxyStream, PruneRecords,
    Pruned, ReadConnection, ReadIntegration, Record, RecordAction, RecordData, RecordFilter, RecordMetadata,
    RecordPage, RecordPages, RecordReader, RecordStream, Refresh, Reset, RunAction, ScriptConfig,
    ScriptModel, ScriptsConfig, Secret, SecretFields, SecretJson, SessionDefaults, SessionInfo, SessionToken,
    SignatureCredentials, StartedAction, SyncClient, SyncCounts, SyncFrequency, SyncName, SyncRuns,
    SyncState, SyncStatus, SyncVariant, Syncs, TbaCredentials, Token, TriggerSyncs, TwoStepCredentials,
    UnreadableConnection, UnreadableRecord, UpdateConnection, UpdateIntegration, Waited,
};
pub use connection::{Connection, ConnectionError, ConnectionKey, EndUser, EndUserOrganization};
pub use error::{Cause, Error, ErrorKind, InvalidField, TlsFailure};
pub use tags::{FromTag, MAX_TAGS, MAX_VALUE_UNITS, Tag, TagError, TagFields, TagKey, TagValue, Tags};
pub use timestamp::{Timestamp, TimestampError};
pub use transport::{HttpOptions, RateLimitState, ResponseBody, RetryPolicy, Transport, TransportError};
pub use webhook::{
    AsyncActionEvent, AuthEvent, AuthFailure, Delivery, ForwardEvent, Operation, PayloadError,
    SIGNATURE_HEADER, Signature, SignatureError, SigningKeys, SyncCheckpoints, SyncEvent, SyncFailure,
    SyncFailureCause, SyncRunKind, ThrownError, Verified,
};

/// The README's example, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
