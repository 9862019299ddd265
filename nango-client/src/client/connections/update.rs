//! `PATCH /connections/{id}`.

use std::collections::BTreeMap;

use http::Method;
use serde::Serialize;

use super::url::{Done, connection_url};
use crate::client::client::Client;
use crate::connection::ConnectionKey;
use crate::error::Error;
use crate::tags::Tags;
use crate::transport::Endpoint;

static UPDATE: Endpoint = Endpoint::new(Method::PATCH, "/connections/{connectionId}", "change a connection");

/// A change of a connection that is about to be made. [`Client::update_connection`] creates it.
#[must_use = "nothing is changed before `send`"]
#[derive(Clone)]
pub struct UpdateConnection<'a> {
    client: &'a Client,
    key: ConnectionKey,
    tags: Option<Tags>,
    webhook_url: Option<String>,
}

crate::__debug_only!(UpdateConnection<'_> { key, tags });

impl Client {
    /// Changes the tags of a connection, its webhook address, or both. Nango sends no webhook for it.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, Tags};
    /// # async fn run(client: Client, key: ConnectionKey, tags: Tags) -> Result<(), Error> {
    /// client.update_connection(&key).tags(&tags).webhook_url(Some("https://app.example.com/eu")).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_connection(&self, key: &ConnectionKey) -> UpdateConnection<'_> {
        UpdateConnection { client: self, key: key.clone(), tags: None, webhook_url: None }
    }
}

impl UpdateConnection<'_> {
    /// Replaces all tags.
    pub fn tags(mut self, tags: &Tags) -> Self {
        self.tags = Some(tags.clone());
        self
    }

    /// Sets the URL that receives its webhooks, in place of the environment's; with `None` removes it.
    pub fn webhook_url(mut self, url: Option<&str>) -> Self {
        // An empty text removes it (observed on 0.71.4).
        self.webhook_url = Some(url.unwrap_or_default().to_owned());
        self
    }

    /// Makes the change.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such connection,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when Nango does not take the URL, and those of any call.
    pub async fn send(&self) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            tags: Option<&'a BTreeMap<String, String>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            webhook_url_override: Option<&'a str>,
        }
        let call = self.client.transport.call(&UPDATE);
        let body = Body {
            tags: self.tags.as_ref().map(Tags::as_map),
            webhook_url_override: self.webhook_url.as_deref(),
        };
        let Done {} = call.submit(connection_url(call, &self.key)?, &body).await?;
        Ok(())
    }
}
