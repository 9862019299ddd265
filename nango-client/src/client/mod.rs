//! Nango's API: one file per resource.

mod actions;
mod builder;
#[expect(clippy::module_inception, reason = "it holds the type that the folder is named after")]
mod client;
mod connections;
mod credentials;
mod environments;
mod functions;
#[cfg(fuzzing)]
mod fuzzing;
mod headers;
mod integrations;
mod pace;
mod providers;
mod proxy;
#[cfg(test)]
pub(crate) mod recordings;
mod records;
pub(crate) mod reply;
mod request;
mod rows;
mod scripts;
mod secret;
mod sessions;
mod syncs;
mod wire;

pub use actions::{
    ActionFailure, ActionFailureKind, ActionOutcome, ActionResult, ProviderReply, RunAction, StartedAction,
};
pub use builder::ClientBuilder;
pub use client::Client;
pub use connections::{
    ConnectionDetails, ConnectionPage, ConnectionPages, ConnectionStream, ImportConnection,
    ImportedCredentials, ListConnections, Lookup, ReadConnection, Refresh, Token, UnreadableConnection,
    UpdateConnection,
};
pub use credentials::{
    ApiKeyCredentials, AppCredentials, AppStoreCredentials, AuthMode, AwsSigV4Credentials, BasicCredentials,
    BillCredentials, ClientOverride, Credentials, CustomCredentials, JwtCredentials, OAuth1Credentials,
    OAuth2ClientCredentials, OAuth2Credentials, OtherCredentials, SignatureCredentials, TbaCredentials,
    TwoStepCredentials,
};
pub use environments::{CreatedApiKey, Environment, EnvironmentVariable};
pub use functions::{
    Function, FunctionCode, FunctionKind, FunctionPage, FunctionTemplate, ListFunctions, Pagination,
};
#[cfg(fuzzing)]
pub use fuzzing::{path_below_proxy, read_details, read_page, read_records, read_replies, written_form};
pub use integrations::{
    CreateIntegration, Integration, IntegrationCredentials, NewCredentials, OAuthClient, ReadIntegration,
    UpdateIntegration,
};
pub use pace::Waited;
pub use providers::{Provider, ProviderField};
pub use proxy::{Multipart, ProxyClient, ProxyReply, ProxyRequest, ProxyStream};
pub use records::{
    Comparison, Cursor, FullRead, ListRecords, PruneRecords, Pruned, Record, RecordAction, RecordData,
    RecordFilter, RecordMetadata, RecordPage, RecordPages, RecordReader, RecordStream, UnreadableRecord,
};
pub use request::{ApiReply, ApiRequest};
pub use scripts::{OpenAiFunction, ScriptConfig, ScriptModel, ScriptsConfig};
pub use secret::{Secret, SecretFields, SecretJson};
pub use sessions::{
    ConnectLink, ConnectSession, ConnectUiSettings, IntegrationDefaults, SessionDefaults, SessionInfo,
    SessionToken,
};
pub use syncs::{
    ExecutionStatus, Reset, SyncClient, SyncCounts, SyncFrequency, SyncName, SyncRuns, SyncState, SyncStatus,
    SyncVariant, Syncs, TriggerSyncs,
};
