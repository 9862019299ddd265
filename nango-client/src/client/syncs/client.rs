//! The way to the syncs of a connection or an integration.

use crate::client::client::Client;
use crate::connection::ConnectionKey;

/// The syncs of one connection, or of all connections of an integration. [`Client::syncs`] and
/// [`Client::syncs_of_all_connections`] create it.
#[derive(Clone)]
pub struct SyncClient {
    pub(super) client: Client,
    pub(super) integration: String,
    /// `None` for all connections of the integration.
    pub(super) connection_id: Option<String>,
}

impl Client {
    /// Runs, pauses and watches the syncs of a connection.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use nango_client::{Client, ConnectionKey, Error, Syncs};
    /// # async fn run(client: Client, github: ConnectionKey) -> Result<(), Error> {
    /// let syncs = client.syncs(&github);
    /// syncs.start(Syncs::All).await?;
    /// let runs = syncs.trigger(Syncs::these(["issues"])).run(Duration::from_secs(120)).await?;
    /// for status in runs.ended {
    ///     println!("{}: {:?}", status.name, status.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn syncs(&self, key: &ConnectionKey) -> SyncClient {
        let (integration, id) = (key.integration().to_owned(), key.connection_id().to_owned());
        SyncClient { client: self.clone(), integration, connection_id: Some(id) }
    }

    /// Runs, pauses and watches the syncs of all connections of an integration.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error, Syncs};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// client.syncs_of_all_connections("github").pause(Syncs::these(["issues"])).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn syncs_of_all_connections(&self, integration: impl Into<String>) -> SyncClient {
        SyncClient { client: self.clone(), integration: integration.into(), connection_id: None }
    }
}

crate::__debug_only!(SyncClient { integration });
