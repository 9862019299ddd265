//! Connections one by one, as a stream.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::list::{ConnectionPages, ListConnections};
use crate::client::rows::{Pager, Rows};
use crate::connection::Connection;
use crate::error::{Error, ErrorKind};

/// The connections of a list, page after page. [`ListConnections::stream`] creates it.
#[must_use = "nothing is requested before it is polled"]
pub struct ConnectionStream<'a>(Rows<'a, ConnectionPages<'a>>);

crate::__debug_only!(ConnectionStream<'_> {});

impl<'a> ListConnections<'a> {
    /// Streams the connections of all pages, from the current one.
    ///
    /// A row that cannot be read is an error of the kind [`ErrorKind::Decode`] in its place, after which the
    /// stream goes on. It ends after any other error. Rows shift between pages when connections are created
    /// or deleted meanwhile.
    ///
    /// ```no_run
    /// # async fn run(client: nango_client::Client) -> Result<(), nango_client::Error> {
    /// use futures_util::StreamExt as _;
    ///
    /// let mut connections = client.connections().integration("slack").limit(1000).stream();
    /// while let Some(connection) = connections.next().await {
    ///     println!("{:?}", connection?.tags);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> ConnectionStream<'a> {
        ConnectionStream(Rows::new(self.pages()))
    }
}

impl Pager for ConnectionPages<'_> {
    type Row = Result<Connection, Error>;

    async fn next_rows(&mut self) -> Result<Option<VecDeque<Self::Row>>, Error> {
        let Some(page) = self.next_page().await? else { return Ok(None) };
        let unreadable = page.unreadable.iter().map(|_| Err(Error::new(ErrorKind::Decode)));
        Ok(Some(page.connections.into_iter().map(Ok).chain(unreadable).collect()))
    }
}

impl Stream for ConnectionStream<'_> {
    type Item = Result<Connection, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let row = ready!(self.get_mut().0.poll_row(context));
        Poll::Ready(row.map(|row| row.and_then(|row| row)))
    }
}
