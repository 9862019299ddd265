//! The handle of Nango, and what the app offers to connect.

use nango_core::{BoxError, Nango, SigningKeys};
use nango_sqlx::{PostgresEventQueue, PostgresStore};

use crate::config::Config;
use crate::handler::Handler;
use crate::users::User;

/// The name of the app in its Nango environment. It is part of every connection, and stays as it is.
const APP: &str = "app-template";

/// The integrations on offer: ids of the Nango environment, with their names for people.
pub(crate) const INTEGRATIONS: &[(&str, &str)] = &[("slack", "Slack")];

/// Returns the name of an integration for people.
pub(crate) fn name_of(integration: &str) -> &str {
    INTEGRATIONS.iter().find(|(id, _)| *id == integration).map_or(integration, |(_, name)| name)
}

/// Builds the handle. Does not contact Nango.
pub(crate) fn build(
    config: &Config,
    store: PostgresStore,
    queue: PostgresEventQueue,
    handler: Handler,
) -> Result<Nango, BoxError> {
    let keys: SigningKeys = config.nango_signing_keys.parse()?;
    let mut builder = Nango::builder(config.nango_key.as_str(), keys, store)
        .app(APP)
        .allowed_integrations(INTEGRATIONS.iter().map(|(id, _)| *id))
        .entity::<User>()
        .track_attempts()
        .guard_callback(format!("{}/nango/oauth-callback", config.public_url))
        .trusted_origins([&config.public_url])
        .handler(handler)
        .event_queue(queue);
    if let Some(keys) = &config.nango_handle_keys {
        builder = builder.handle_keys(keys.split(',').map(str::trim));
    }
    if let Some(host) = &config.nango_host {
        builder = builder.host(host).connect_url(&config.connect_url);
    }
    if let Some(host) = &config.nango_public_host {
        builder = builder.public_host(host);
    }
    Ok(builder.build()?)
}
