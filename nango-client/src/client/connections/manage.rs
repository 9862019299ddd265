//! The list, tags and deletion of connections.

use std::collections::BTreeMap;

use http::Method;
use serde::Serialize;

use super::list::ListConnections;
use super::url::{Done, connection_url};
use crate::client::client::Client;
use crate::connection::ConnectionKey;
use crate::error::Error;
use crate::tags::Tags;
use crate::transport::Endpoint;

static SET_TAGS: Endpoint =
    Endpoint::new(Method::PATCH, "/connections/{connectionId}", "set the tags of a connection");

static DELETE: Endpoint = Endpoint::new(Method::DELETE, "/connections/{connectionId}", "delete a connection");

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
        ListConnections::new(self)
    }

    /// Replaces all tags of a connection. Nango sends no webhook for it.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, Tags};
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// let mut tags = Tags::new();
    /// tags.insert("end_user_id", "alice")?;
    /// client.set_tags(&key, &tags).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such connection, and
    /// those of any call.
    pub async fn set_tags(&self, key: &ConnectionKey, tags: &Tags) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Patch<'a> {
            tags: &'a BTreeMap<String, String>,
        }
        let call = self.transport.call(&SET_TAGS);
        let Done {} = call.submit(connection_url(call, key)?, &Patch { tags: tags.as_map() }).await?;
        Ok(())
    }

    /// Deletes a connection, with its credentials. Nango sends no webhook for it.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, ErrorKind};
    /// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
    /// match client.delete_connection(&key).await {
    ///     Err(error) if error.kind() == ErrorKind::NotFound => println!("it had ended already"),
    ///     deleted => deleted?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such connection, or no
    /// longer, and those of any call.
    pub async fn delete_connection(&self, key: &ConnectionKey) -> Result<(), Error> {
        let call = self.transport.call(&DELETE);
        let Done {} = call.send(connection_url(call, key)?).await?;
        Ok(())
    }
}
