//! `/connections`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

use super::client::Client;
use super::wire::WireConnection;
use crate::connection::{Connection, ConnectionKey};
use crate::error::{Error, ErrorKind};
use crate::tags::Tags;

const DEFAULT_LIMIT: u32 = 100;

/// The longest page that Nango returns.
const MAX_LIMIT: u32 = 2_000;

impl Client {
    /// Lists connections, newest first: all of the environment, or those that pass every filter
    /// that is set.
    ///
    /// ```no_run
    /// # async fn run(client: nango_client::Client) -> Result<(), nango_client::Error> {
    /// let newest = client.connections().tag("end_user_id", "alice").send().await?;
    ///
    /// let mut pages = client.connections().integration("slack").limit(1000).pages();
    /// while let Some(page) = pages.next_page().await? {
    ///     println!("{} connections", page.len());
    /// }
    /// # let _ = newest;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connections(&self) -> ListConnections<'_> {
        ListConnections { client: self, filters: Vec::new(), limit: DEFAULT_LIMIT, page: 0 }
    }

    /// Replaces all tags of a connection. Nango sends no webhook for it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is no such connection, and those of any call.
    pub async fn set_tags(&self, key: &ConnectionKey, tags: &Tags) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Patch<'a> {
            tags: &'a BTreeMap<String, String>,
        }
        let Done {} = self.transport.patch(self.connection_url(key)?, &Patch { tags: tags.as_map() }).await?;
        Ok(())
    }

    /// Deletes a connection, with its credentials. Nango sends no webhook for it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is no such connection, or no longer, and those of any
    /// call.
    pub async fn delete_connection(&self, key: &ConnectionKey) -> Result<(), Error> {
        let Done {} = self.transport.delete(self.connection_url(key)?).await?;
        Ok(())
    }

    pub(super) fn connection_url(&self, key: &ConnectionKey) -> Result<Url, Error> {
        let mut url = self.transport.url(&["connections", key.connection_id()])?;
        url.query_pairs_mut().append_pair("provider_config_key", key.integration());
        Ok(url)
    }
}

/// A list of connections that is about to be requested. [`Client::connections`] creates it.
#[must_use = "nothing is requested before `send` or `pages`"]
#[derive(Clone)]
pub struct ListConnections<'a> {
    client: &'a Client,
    filters: Vec<(String, String)>,
    limit: u32,
    page: u32,
}

impl<'a> ListConnections<'a> {
    /// Keeps only connections of an integration.
    pub fn integration(self, id: impl Into<String>) -> Self {
        self.filter("integrationId", id)
    }

    /// Keeps only connections with exactly this id, at most one per integration.
    pub fn connection_id(self, id: impl Into<String>) -> Self {
        self.filter("connectionId", id)
    }

    /// Keeps only the connection with this key.
    pub fn key(self, key: &ConnectionKey) -> Self {
        self.connection_id(key.connection_id()).integration(key.integration())
    }

    /// Keeps only connections with this tag. Values compare exactly, with case.
    pub fn tag(self, key: &str, value: impl Into<String>) -> Self {
        self.filter(format!("tags[{key}]"), value)
    }

    /// Sets the length of a page: 1 to 2000, 100 by default.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// Sets the page, counted from 0.
    ///
    /// There is no cursor: rows shift between pages when connections are created or deleted
    /// meanwhile.
    pub fn page(mut self, page: u32) -> Self {
        self.page = page;
        self
    }

    /// Requests the one page.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when the limit is out of range, [`ErrorKind::Unauthorized`]
    /// when the key may not list, and those of any call.
    pub async fn send(&self) -> Result<Vec<Connection>, Error> {
        #[derive(Deserialize)]
        struct Page {
            connections: Vec<WireConnection>,
        }
        if !(1..=MAX_LIMIT).contains(&self.limit) {
            return Err(Error::new(ErrorKind::InvalidRequest));
        }
        let mut url = self.client.transport.url(&["connections"])?;
        url.query_pairs_mut()
            .append_pair("limit", &self.limit.to_string())
            .append_pair("page", &self.page.to_string())
            .extend_pairs(&self.filters);
        let Page { connections } = self.client.transport.get(url).await?;
        connections.into_iter().map(WireConnection::read).collect()
    }

    /// Walks over all pages, from the current one.
    pub fn pages(self) -> Pages<'a> {
        Pages { next: Some(self) }
    }

    /// Sets a filter; of two with the same name the later one counts.
    fn filter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.filters.retain(|(other, _)| *other != name);
        self.filters.push((name, value.into()));
        self
    }
}

// Without the filters: they contain ids, and personal data.
crate::__debug_only!(ListConnections<'_> { limit, page });

/// A walk over all pages of a list. [`ListConnections::pages`] creates it.
#[must_use = "nothing is requested before `next_page`"]
#[derive(Debug, Clone)]
pub struct Pages<'a> {
    next: Option<ListConnections<'a>>,
}

impl Pages<'_> {
    /// Requests the next page. Returns `None` after the last, which is shorter than the limit.
    ///
    /// # Errors
    ///
    /// Those of [`ListConnections::send`]. The next call requests the same page again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Connection>>, Error> {
        let Some(list) = &mut self.next else {
            return Ok(None);
        };
        let page = list.send().await?;
        list.page = list.page.saturating_add(1);
        if page.len() < list.limit as usize {
            self.next = None;
        }
        Ok((!page.is_empty()).then_some(page))
    }
}

/// `{"success": true}`; the status is enough.
#[derive(Deserialize)]
struct Done {}
