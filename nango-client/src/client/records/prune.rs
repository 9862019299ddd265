//! `PATCH /records/prune`.

use http::Method;
use serde::Serialize;

use super::cursor::Cursor;
use crate::client::client::Client;
use crate::client::headers::connection_headers;
use crate::client::reply::{Reply, reply};
use crate::connection::ConnectionKey;
use crate::error::{Error, ErrorKind};
use crate::transport::{CallOptions, Endpoint};

static PRUNE: Endpoint = Endpoint::new(Method::PATCH, "/records/prune", "prune records");

/// A request to drop the data of records. [`Client::prune_records`] creates it.
#[must_use = "nothing is pruned before `send`"]
#[derive(Clone)]
pub struct PruneRecords<'a> {
    client: &'a Client,
    key: ConnectionKey,
    model: String,
    variant: Option<String>,
    until: Cursor,
    limit: Option<u32>,
}

reply! {
    /// The outcome of [`PruneRecords::send`].
    #[derive(Clone, PartialEq)]
    Pruned {
        /// The number of records whose data was dropped.
        count: u64,
        /// `true` if there may be more records up to the position. Nango guesses it (observed on
        /// 0.71.4); another call that prunes none settles it.
        has_more: bool,
    }
}

crate::__debug_only!(Pruned { count, has_more });

impl Client {
    /// Drops the data of a model's records up to a position, and including it. The records stay, with
    /// their ids and positions, and are listed as [`Pruned`](crate::RecordData::Pruned).
    ///
    /// A sync that saves the same data again restores it, without a new position (observed on 0.71.4).
    ///
    /// ```no_run
    /// # use nango_client::{Client, ConnectionKey, Cursor, Error};
    /// # async fn run(client: Client, key: ConnectionKey, position: Cursor) -> Result<(), Error> {
    /// while client.prune_records(&key, "Issue", &position).send().await?.has_more {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn prune_records(
        &self,
        key: &ConnectionKey,
        model: impl Into<String>,
        until: &Cursor,
    ) -> PruneRecords<'_> {
        let (key, model, until) = (key.clone(), model.into(), until.clone());
        PruneRecords { client: self, key, model, variant: None, until, limit: None }
    }
}

impl PruneRecords<'_> {
    /// Takes the records of a variant of the sync, in place of those of its `base`.
    pub fn variant(mut self, name: impl Into<String>) -> Self {
        self.variant = Some(name.into());
        self
    }

    /// Sets the most records that one call prunes: 1 to 10,000, 1,000 by default.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Prunes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidCursor`] when Nango cannot read the position, [`ErrorKind::Refused`] when the
    /// limit is out of range, [`ErrorKind::NotFound`] when there is no such connection, and those of any
    /// call.
    pub async fn send(&self) -> Result<Pruned, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            model: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            variant: Option<&'a str>,
            until_cursor: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            limit: Option<u32>,
        }
        let call = self.client.transport.call(&PRUNE);
        let Self { model, variant, until, limit, .. } = self;
        if !until.is_possible() {
            return Err(call.error(ErrorKind::InvalidCursor));
        }
        let body = Body { model, variant: variant.as_deref(), until_cursor: until.as_str(), limit: *limit };
        let is_doubtful = until.time().is_none();
        let headers = connection_headers(&self.key).map_err(|error| call.named(error))?;
        let options = CallOptions { headers, is_made_once: is_doubtful, ..CallOptions::default() };
        let outcome: Result<Reply<Pruned>, _> =
            call.submit_with(call.url(&["records", "prune"])?, &options, &body).await;
        match outcome {
            Ok(Reply(pruned)) => Ok(pruned),
            Err(failure) if is_doubtful && failure.error.code() == Some("server_error") => {
                Err(call.error(ErrorKind::InvalidCursor))
            }
            Err(failure) => Err(failure.error),
        }
    }
}

crate::__debug_only!(PruneRecords<'_> { key, model, until, limit });
