//! `/integrations`.

mod app;
mod edit;
mod integration;
mod read;

pub use app::{NewClient, NewCredentials};
pub use edit::{CreateIntegration, UpdateIntegration};
pub use integration::{Integration, IntegrationCredentials};
pub use read::ReadIntegration;
