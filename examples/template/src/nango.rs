//! The handle of Nango.

use nango_core::{BoxError, Nango, SigningKeys};
use nango_sqlx::{PostgresEventQueue, PostgresStore};

use crate::config::Config;
use crate::handler::Handler;
use crate::product::{APP, INTEGRATIONS};
use crate::users::User;

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
