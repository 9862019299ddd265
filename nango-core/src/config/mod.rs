//! What an app tells us once, when it starts.

mod error;
mod secrets;

pub use error::ConfigError;
pub use secrets::ApiKey;
