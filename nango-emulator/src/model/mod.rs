//! Data of the emulator, without HTTP.

mod account;
mod breaker;
mod connection;
mod connections;
mod credentials;
mod deliveries;
mod end_user;
mod expiring;
pub(crate) mod failure;
mod faults;
pub(crate) mod functions;
mod held_calls;
mod ids;
mod integration;
pub(crate) mod keys;
pub(crate) mod masks;
mod providers;
pub(crate) mod session;
mod state;
mod store;
pub(crate) mod tags;

pub use account::Account;
pub use deliveries::{Attempt, Delivery, DeliveryState};
pub use faults::CallFaults;
pub use functions::{Counts, FunctionError};
pub use held_calls::HeldCall;

pub(crate) use account::{Accounts, DEFAULT_EMAIL, SECOND_EMAIL};
pub(crate) use breaker::Breaker;
pub(crate) use connection::{Connection, ConnectionError, RefreshHistory};
pub(crate) use connections::Connections;
pub(crate) use credentials::Credentials;
pub(crate) use deliveries::DeliveryLog;
pub(crate) use end_user::{EndUser, TagsError, combine};
pub(crate) use faults::{CallFault, Faults, WebhookFault};
pub(crate) use ids::Ids;
pub(crate) use integration::Integration;
pub(crate) use keys::Keys;
pub(crate) use masks::Masks;
pub(crate) use providers::{Catalog, DEMO, Provider, logo_url, template};
pub(crate) use session::{Client, Code, Flow, Grants, ReconnectTarget, Session};
pub(crate) use state::{Listeners, Settings, State, Variable};
pub(crate) use store::Store;
pub(crate) use tags::Tags;
