//! `GET /records`.

use std::marker::PhantomData;

use http::Method;
use serde::de::DeserializeOwned;

use super::cursor::Cursor;
use super::filter::RecordFilter;
use super::page::{RecordPage, page_in};
use crate::client::client::Client;
use crate::client::headers::connection_headers;
use crate::connection::ConnectionKey;
use crate::error::{Error, ErrorKind};
use crate::timestamp::Timestamp;
use crate::transport::{CallOptions, Endpoint};

static LIST: Endpoint = Endpoint::new(Method::GET, "/records", "list records");

const DEFAULT_LIMIT: u32 = 100;

/// The longest page that Nango returns.
const MAX_LIMIT: u32 = 10_000;

/// The most ids that Nango takes, and their longest, in characters.
const MAX_IDS: usize = 100;
const MAX_ID_LENGTH: usize = 256;

/// A list of records that is about to be requested. [`Client::records`] creates it.
#[must_use = "nothing is requested before `send`, `pages`, `stream` or `reader`"]
pub struct ListRecords<'a, T> {
    client: &'a Client,
    key: ConnectionKey,
    model: String,
    variant: Option<String>,
    after: Option<Cursor>,
    modified_after: Option<Timestamp>,
    filter: Option<RecordFilter>,
    ids: Option<Vec<String>>,
    limit: u32,
    shape: PhantomData<fn() -> T>,
}

impl Client {
    /// Lists the records that syncs have saved for a connection, in the order of their last change.
    ///
    /// The last page names no next one, but each record has a position of its own: store that of the
    /// last record that was processed, and begin after it the next time. The `modifiedAfter` of a sync's
    /// webhook is no such position, since a run that fails keeps what it has saved, and the next
    /// run's time is later (observed on 0.71.4).
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Cursor, Error, RecordData};
    /// # fn stored_position() -> Option<Cursor> { None }
    /// # fn store(_: Vec<Issue>, _: Option<&Cursor>) {}
    /// #[derive(serde::Deserialize)]
    /// struct Issue {
    ///     title: String,
    /// }
    ///
    /// # async fn run(client: Client, github: ConnectionKey) -> Result<(), Error> {
    /// let mut pages = client.records::<Issue>(&github, "Issue").after(stored_position()).limit(1000).pages();
    /// while let Some(page) = pages.next_page().await? {
    ///     let issues = page.into_iter().filter_map(|record| record.into_present()).collect();
    ///     store(issues, pages.position()); // in one transaction
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn records<T: DeserializeOwned>(
        &self,
        key: &ConnectionKey,
        model: impl Into<String>,
    ) -> ListRecords<'_, T> {
        ListRecords {
            client: self,
            key: key.clone(),
            model: model.into(),
            variant: None,
            after: None,
            modified_after: None,
            filter: None,
            ids: None,
            limit: DEFAULT_LIMIT,
            shape: PhantomData,
        }
    }
}

impl<'a, T: DeserializeOwned> ListRecords<'a, T> {
    /// Takes the records of a variant of the sync, in place of those of its `base`.
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Error, RecordFilter, Timestamp};
    /// # async fn run(client: Client, key: ConnectionKey, yesterday: Timestamp) -> Result<(), Error> {
    /// let of_a_team = client
    ///     .records::<serde_json::Value>(&key, "Issue")
    ///     .variant("team-2")
    ///     .modified_after(yesterday)
    ///     .filter(RecordFilter::Updated)
    ///     .send()
    ///     .await?;
    /// let two = client.records::<serde_json::Value>(&key, "Issue").ids(["7", "8"]).send().await?;
    /// # let _ = (of_a_team, two);
    /// # Ok(())
    /// # }
    /// ```
    pub fn variant(mut self, name: impl Into<String>) -> Self {
        self.variant = Some(name.into());
        self
    }

    /// Begins after a position; with `None` at the oldest record.
    pub fn after(mut self, position: impl Into<Option<Cursor>>) -> Self {
        self.after = position.into();
        self
    }

    /// Keeps only records that have changed at or after a time, which Nango cuts to milliseconds. It
    /// refuses times older than 12 months (observed on 0.71.4).
    ///
    /// This is no position to read on from: see [`Client::records`].
    pub fn modified_after(mut self, time: Timestamp) -> Self {
        self.modified_after = Some(time);
        self
    }

    /// Keeps only records of a kind. A walk with a filter has the positions of these records alone.
    pub fn filter(mut self, filter: RecordFilter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Keeps only records with these ids: 1 to 100 of them, of at most 256 characters. Nango leaves
    /// out those that it does not have.
    pub fn ids<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.ids = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the longest page: 1 to 10,000 records, 100 by default.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// Requests one page. A response of more than 32 MiB is requested again with half the limit.
    ///
    /// A connection, model or variant without records is an empty page, as is one that the integration
    /// does not have (observed on 0.71.4).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when the limit or the ids are out of range,
    /// [`ErrorKind::InvalidCursor`] when Nango cannot read the position, [`ErrorKind::NotFound`] when
    /// there is no such connection, [`ErrorKind::Decode`] when a record has no readable position, and
    /// those of any call.
    pub async fn send(&self) -> Result<RecordPage<T>, Error> {
        self.check().map_err(|error| self.client.transport.call(&LIST).named(error))?;
        let mut limit = self.limit;
        loop {
            match self.request(limit).await {
                Err(error) if error.kind() == ErrorKind::TooLarge && limit > 1 => limit /= 2,
                outcome => return outcome,
            }
        }
    }

    fn check(&self) -> Result<(), Error> {
        let are_valid = |ids: &Vec<String>| {
            (1..=MAX_IDS).contains(&ids.len())
                && ids.iter().all(|id| (1..=MAX_ID_LENGTH).contains(&id.encode_utf16().count()))
        };
        if !(1..=MAX_LIMIT).contains(&self.limit) {
            Err(Error::invalid_request("the limit of a page of records is not between 1 and 10,000"))
        } else if !self.ids.as_ref().is_none_or(are_valid) {
            // Without ids Nango would return all records.
            Err(Error::invalid_request("there are not 1 to 100 ids of records, each of 1 to 256 characters"))
        } else if !self.after.as_ref().is_none_or(Cursor::is_possible) {
            Err(Error::new(ErrorKind::InvalidCursor))
        } else {
            Ok(())
        }
    }

    async fn request(&self, limit: u32) -> Result<RecordPage<T>, Error> {
        let call = self.client.transport.call(&LIST);
        let mut url = call.url(&["records"])?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("model", &self.model).append_pair("limit", &limit.to_string());
            if let Some(variant) = &self.variant {
                query.append_pair("variant", variant);
            }
            if let Some(time) = self.modified_after {
                query.append_pair("modified_after", &time.to_string());
            }
            if let Some(filter) = self.filter {
                query.append_pair("filter", filter.as_str());
            }
            if let Some(cursor) = &self.after {
                query.append_pair("cursor", cursor.as_str());
            }
            query.extend_pairs(self.ids.iter().flatten().map(|id| ("ids", id)));
        }
        // Nango answers a cursor that it cannot read as it does a failure of its own.
        let is_doubtful = self.after.as_ref().is_some_and(|cursor| cursor.time().is_none());
        let headers = connection_headers(&self.key).map_err(|error| call.named(error))?;
        let options = CallOptions { headers, is_made_once: is_doubtful, ..CallOptions::default() };
        let outcome = call.send_with(url, &options, page_in).await;
        outcome.map_err(|failure| match failure.error.code() {
            Some("server_error") if is_doubtful => call.error(ErrorKind::InvalidCursor),
            _ => failure.error,
        })
    }

    /// Returns `true` for a list of all records.
    pub(super) fn is_whole(&self) -> bool {
        self.after.is_none() && self.modified_after.is_none() && self.filter.is_none() && self.ids.is_none()
    }

    pub(super) fn cursor(&self) -> Option<&Cursor> {
        self.after.as_ref()
    }

    pub(super) fn continue_after(&mut self, position: Cursor) {
        self.after = Some(position);
    }

    /// Begins at a time instead of a position.
    pub(super) fn begin_at(&mut self, time: Timestamp) {
        (self.after, self.modified_after) = (None, Some(time));
    }

    pub(super) fn begin_after(&mut self, position: Option<Cursor>) {
        (self.after, self.modified_after) = (position, None);
    }
}

impl<T> Clone for ListRecords<'_, T> {
    fn clone(&self) -> Self {
        let Self { client, key, model, variant, after, modified_after, filter, ids, limit, shape } = self;
        Self {
            client,
            key: key.clone(),
            model: model.clone(),
            variant: variant.clone(),
            after: after.clone(),
            modified_after: *modified_after,
            filter: *filter,
            ids: ids.clone(),
            limit: *limit,
            shape: *shape,
        }
    }
}

impl<T> std::fmt::Debug for ListRecords<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListRecords")
            .field("key", &self.key)
            .field("model", &self.model)
            .field("after", &self.after)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
