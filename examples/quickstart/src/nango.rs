//! The handle of Nango, as every process of the app configures it.

use std::env;
use std::sync::Arc;

use nango_core::{BoxError, ConnectionStore, Nango, NangoBuilder, SigningKeys};

use crate::args::Args;
use crate::database::Database;
use crate::events::Handler;
use crate::key::emulator_keys;
use crate::labels;
use crate::models::{Organization, User};
use crate::storage::Storage;

const CLOUD: &str = "https://api.nango.dev";

/// Sets what all processes have in common: whichever looks at a connection keeps the same of it.
pub fn configure(builder: NangoBuilder, storage: &Storage) -> NangoBuilder {
    builder
        .entity::<User>()
        .entity::<Organization>()
        .track_attempts()
        .label_with(labels::label)
        .handler(Handler(storage.inbox.clone()))
        .event_queue(storage.queue.clone())
}

/// Creates the handle of a process that serves nothing: with the Nango of the environment, or with the
/// emulator of the web process on this machine.
pub fn of_worker(args: &Args, database: &Database, storage: &Storage) -> Result<Nango, BoxError> {
    let store = storage.store.clone();
    let builder = if secret_key().is_some() {
        of_environment(store)?
    } else {
        let keys = emulator_keys(&database.companion("emulator.keys.json"))?;
        let signing_keys = SigningKeys::new([keys.webhook_signing_key.as_str()])?;
        Nango::builder(keys.api_key.as_str(), signing_keys, store).host(format!("http://{}", args.emulator))
    };
    // Only sessions are limited to integrations, and this process creates none.
    Ok(configure(builder, storage).allowed_integrations(["none"]).build()?)
}

/// Begins the handle of the Nango in the environment.
pub fn of_environment(store: Arc<dyn ConnectionStore>) -> Result<NangoBuilder, BoxError> {
    let is_https = |host: &str| host.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("https:"));
    if !cfg!(feature = "tls") && is_https(&host()) {
        return Err("the Nango host (NANGO_HOST, or Nango's cloud) is https, which this build does not have; build with \
                    --features tls"
            .into());
    }
    Ok(Nango::from_env(store)?)
}

/// Returns the address of the Nango in the environment.
pub fn host() -> String {
    variable("NANGO_HOST").unwrap_or_else(|| CLOUD.to_owned())
}

/// Returns the API key of the environment. Without one the app has an emulator.
pub fn secret_key() -> Option<String> {
    variable("NANGO_SECRET_KEY").or_else(|| variable("NANGO_API_KEY"))
}

pub fn variable(name: &str) -> Option<String> {
    // A line end, of the file that it was read from, is no part of it.
    env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}
