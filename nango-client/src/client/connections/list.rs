//! `GET /connections`.

use std::borrow::Cow;

use http::Method;

use super::page::{self, ConnectionPage, Range, Row, UnreadableConnection};
use crate::client::client::Client;
use crate::connection::ConnectionKey;
use crate::error::{Error, ErrorKind};
use crate::transport::Endpoint;

static LIST: Endpoint = Endpoint::new(Method::GET, "/connections", "list connections");

const DEFAULT_LIMIT: u32 = 100;

/// The longest page that Nango returns.
const MAX_LIMIT: u32 = 2_000;

/// A list of connections that is about to be requested. [`Client::connections`] creates it.
///
/// ```no_run
/// # use nango_client::{Client, ConnectionKey, Error};
/// # async fn run(client: Client, key: ConnectionKey) -> Result<(), Error> {
/// let of_a_text = client.connections().search("alice@").limit(20).page(1).send().await?;
/// let one = client.connections().key(&key).send().await?;
/// let in_several = client.connections().connection_id("alice-1").integrations(["slack", "github"]).send().await?;
/// // Connections of the time before tags:
/// let older = client.connections().end_user("alice").end_user_organization("acme").send().await?;
/// # let _ = (of_a_text, one, in_several, older);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is requested before `send` or `pages`"]
#[derive(Clone)]
pub struct ListConnections<'a> {
    client: &'a Client,
    filters: Vec<(Cow<'static, str>, String)>,
    limit: u32,
    page: u32,
}

impl<'a> ListConnections<'a> {
    pub(super) fn new(client: &'a Client) -> Self {
        Self { client, filters: Vec::new(), limit: DEFAULT_LIMIT, page: 0 }
    }

    /// Keeps only connections of an integration.
    pub fn integration(self, id: impl Into<String>) -> Self {
        self.filter("integrationId", id)
    }

    /// Keeps only connections of these integrations. Nango leaves out those that do not exist.
    pub fn integrations<'i>(self, ids: impl IntoIterator<Item = &'i str>) -> Self {
        let ids: Vec<_> = ids.into_iter().collect();
        self.filter("integrationId", ids.join(","))
    }

    /// Keeps only connections with a text in their id, or in the e-mail address or display name of a
    /// deprecated `end_user`. Tags are not searched (observed on 0.71.4).
    pub fn search(self, text: impl Into<String>) -> Self {
        self.filter("search", text)
    }

    /// Keeps only connections with a deprecated `end_user` of this id. Those that have a tag alone are not
    /// found (observed on 0.71.4): use [`tag`](Self::tag).
    pub fn end_user(self, id: impl Into<String>) -> Self {
        self.filter("endUserId", id)
    }

    /// Keeps only connections with a deprecated `organization` of this id; see [`end_user`](Self::end_user).
    pub fn end_user_organization(self, id: impl Into<String>) -> Self {
        self.filter("endUserOrganizationId", id)
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
    /// Rows that cannot be read do not fail the page: they are
    /// [`unreadable`](ConnectionPage::unreadable). A response of more than 32 MiB is requested
    /// again in halves, down to a single row.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when the limit is out of range, [`ErrorKind::Unauthorized`]
    /// when the key may not list, and those of any call.
    pub async fn send(&self) -> Result<ConnectionPage, Error> {
        if !(1..=MAX_LIMIT).contains(&self.limit) {
            let reason = "the limit of a page is not between 1 and 2000";
            return Err(self.client.transport.call(&LIST).named(Error::invalid_request(reason)));
        }
        let mut found = ConnectionPage::default();
        let mut ranges = vec![Range::of_page(self.page, self.limit)];
        while let Some(range) = ranges.pop() {
            let (first, rest) = range.split_first_page();
            ranges.extend(rest);
            found.requests = found.requests.saturating_add(1);
            match self.request(range.page(), range.limit).await {
                Ok(rows) => {
                    let is_last = (rows.len() as u64) < u64::from(range.limit);
                    found.extend(first.rows_of(rows));
                    if is_last {
                        break;
                    }
                }
                Err(error) if error.kind() != ErrorKind::TooLarge => return Err(error),
                Err(_) => match first.halved() {
                    Some(halves) => ranges.push(halves),
                    None => found.extend([Err(UnreadableConnection { key: None })]),
                },
            }
        }
        Ok(found)
    }

    async fn request(&self, page: u64, limit: u32) -> Result<Vec<Row>, Error> {
        let call = self.client.transport.call(&LIST);
        let mut url = call.url(&["connections"])?;
        url.query_pairs_mut()
            .append_pair("limit", &limit.to_string())
            .append_pair("page", &page.to_string())
            .extend_pairs(&self.filters);
        let read = |body: &[u8]| page::rows_in(body, self.client.metadata);
        Ok(call.send_and_read(url, read).await?)
    }

    /// Walks over all pages, from the current one.
    pub fn pages(self) -> ConnectionPages<'a> {
        ConnectionPages { next: Some(self) }
    }

    /// Sets a filter; of two with the same name the later one counts.
    fn filter(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
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
pub struct ConnectionPages<'a> {
    next: Option<ListConnections<'a>>,
}

impl ConnectionPages<'_> {
    /// Requests the next page. Returns `None` after the last, which is shorter than the limit.
    ///
    /// # Errors
    ///
    /// Those of [`ListConnections::send`]. The next call requests the same page again.
    pub async fn next_page(&mut self) -> Result<Option<ConnectionPage>, Error> {
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
