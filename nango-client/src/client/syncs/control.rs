//! Starting and pausing syncs, their intervals and variants.

use http::Method;
use serde::{Deserialize, Serialize};

use super::client::SyncClient;
use super::names::{SyncName, Syncs};
use crate::client::reply::{Reply, reply};
use crate::error::Error;
use crate::transport::{Call, Endpoint};

static START: Endpoint = Endpoint::new(Method::POST, "/sync/start", "start syncs");
static PAUSE: Endpoint = Endpoint::new(Method::POST, "/sync/pause", "pause syncs");
static SET_FREQUENCY: Endpoint =
    Endpoint::new(Method::PUT, "/sync/update-connection-frequency", "set the frequency of a sync");
static CREATE_VARIANT: Endpoint =
    Endpoint::new(Method::POST, "/sync/{name}/variant/{variant}", "create a variant of a sync");
static DELETE_VARIANT: Endpoint =
    Endpoint::new(Method::DELETE, "/sync/{name}/variant/{variant}", "delete a variant of a sync")
        .of("the variant");

reply! {
    /// The interval of a sync.
    #[derive(Clone, PartialEq)]
    SyncFrequency {
        /// The interval as Nango writes it, such as `12h`.
        frequency: String,
    }
}

reply! {
    /// A variant of a sync.
    #[derive(Clone, PartialEq)]
    SyncVariant {
        /// Its id.
        id: String,
        /// The sync.
        name: String,
        /// The variant.
        variant: String,
    }
}

crate::__debug_only!(SyncFrequency {});
crate::__debug_only!(SyncVariant { name, variant });

/// `{"success": true}`, which says only that the syncs were found.
#[derive(Deserialize)]
struct Found {}

#[derive(Serialize)]
struct Target<'a> {
    provider_config_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<&'a str>,
}

impl SyncClient {
    /// Lets syncs run at their interval. Starting them twice changes nothing.
    ///
    /// Success means that Nango has found them. A sync whose next run is still ahead does not run at
    /// once (observed on 0.71.4); [`trigger`](Self::trigger) does that.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when no sync is named,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with the code `no_syncs_found` when one does not
    /// exist, and those of any call.
    pub async fn start(&self, syncs: impl Into<Syncs>) -> Result<(), Error> {
        self.switch(self.client.transport.call(&START), "start", &syncs.into()).await
    }

    /// Keeps syncs from running at their interval. A run that is active goes on to its end, and a paused
    /// sync can still be triggered (observed on 0.71.4).
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start).
    pub async fn pause(&self, syncs: impl Into<Syncs>) -> Result<(), Error> {
        self.switch(self.client.transport.call(&PAUSE), "pause", &syncs.into()).await
    }

    async fn switch(&self, call: Call<'_>, what: &str, syncs: &Syncs) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            syncs: &'a [SyncName],
            #[serde(flatten)]
            target: Target<'a>,
        }
        let syncs = syncs.in_a_body().map_err(|error| call.named(error))?;
        let Found {} =
            call.submit(call.url(&["sync", what])?, &Body { syncs, target: self.target() }).await?;
        Ok(())
    }

    /// Sets the interval of a sync of the connection, such as `every 5 minutes` or `every half day`; with
    /// `None` the one that it was deployed with.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, SyncName};
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// let issues = SyncName::new("issues");
    /// client.syncs(&key).set_frequency(&issues, Some("every 5 minutes")).await?;
    /// client.syncs(&key).set_frequency(&issues, None).await?; // as it was deployed
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the interval cannot be read or is shorter
    /// than 30 s, and when there is no such sync or the client is that of a whole integration; and those
    /// of any call.
    pub async fn set_frequency(
        &self,
        sync: &SyncName,
        interval: Option<&str>,
    ) -> Result<SyncFrequency, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            sync_name: &'a str,
            sync_variant: &'a str,
            frequency: Option<&'a str>,
            #[serde(flatten)]
            target: Target<'a>,
        }
        let call = self.client.transport.call(&SET_FREQUENCY);
        let body = Body {
            sync_name: sync.as_str(),
            sync_variant: sync.variant_name(),
            frequency: interval,
            target: self.target(),
        };
        let Reply(frequency): Reply<SyncFrequency> =
            call.submit(call.url(&["sync", "update-connection-frequency"])?, &body).await?;
        Ok(frequency)
    }

    /// Creates the variant that the name has. If the sync is one that starts by itself, the variant runs at
    /// once; otherwise it is paused (observed on 0.71.4). A sync has at most 100 for a connection.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, SyncName};
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// let of_a_team = SyncName::new("issues").variant("team-2");
    /// client.syncs(&key).create_variant(&of_a_team).await?;
    /// client.syncs(&key).delete_variant(&of_a_team).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) with the codes `sync_variant_already_exists`,
    /// `unknown_sync` and `invalid_variant`, which `base` is, and those of any call.
    pub async fn create_variant(&self, sync: &SyncName) -> Result<SyncVariant, Error> {
        let call = self.client.transport.call(&CREATE_VARIANT);
        let Reply(created): Reply<SyncVariant> =
            call.submit(variant_url(call, sync)?, &self.target()).await?;
        Ok(created)
    }

    /// Deletes the variant that the name has. Its records stay (observed on 0.71.4).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such variant,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) for `base`, and those of any call.
    pub async fn delete_variant(&self, sync: &SyncName) -> Result<(), Error> {
        let call = self.client.transport.call(&DELETE_VARIANT);
        let Found {} = call.submit(variant_url(call, sync)?, &self.target()).await?;
        Ok(())
    }

    fn target(&self) -> Target<'_> {
        Target { provider_config_key: &self.integration, connection_id: self.connection_id.as_deref() }
    }
}

fn variant_url(call: Call<'_>, sync: &SyncName) -> Result<url::Url, Error> {
    sync.check().map_err(|error| call.named(error))?;
    call.url(&["sync", sync.as_str(), "variant", sync.variant_name()])
}
