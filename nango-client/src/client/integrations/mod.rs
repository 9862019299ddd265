//! `/integrations`.

mod app;
mod edit;
mod integration;
mod read;

pub use app::{NewCredentials, OAuthClient};
pub use edit::{CreateIntegration, UpdateIntegration};
pub use integration::{Integration, IntegrationCredentials};
pub use read::ReadIntegration;
