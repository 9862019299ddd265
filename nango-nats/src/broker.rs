//! What the operations of a queue share: the server, the names, the options.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nango_core::{StoreError, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::names::{Names, Stream};
use crate::options::NatsOptions;
use crate::server::{Failure, Server};
use crate::tombstones::Tombstones;

#[derive(Clone)]
pub(crate) struct Broker {
    pub(crate) server: Server,
    pub(crate) names: Names,
    pub(crate) lease: Duration,
    pub(crate) replicas: u8,
    pub(crate) creates: bool,
    pub(crate) tombstones: Arc<Tombstones>,
}

/// A message as a stream keeps it.
pub(crate) struct Stored {
    pub(crate) sequence: u64,
    pub(crate) payload: Vec<u8>,
    pub(crate) headers: Vec<u8>,
    /// The time at which it was stored, by the server's clock.
    pub(crate) time: Timestamp,
}

#[derive(Deserialize)]
struct GetReply {
    message: RawMessage,
}

#[derive(Deserialize)]
struct RawMessage {
    seq: u64,
    #[serde(default)]
    data: String,
    #[serde(default)]
    hdrs: String,
    time: Timestamp,
}

#[derive(Deserialize)]
struct DeleteReply {
    success: bool,
}

impl Broker {
    pub(crate) fn new(server: Server, options: &NatsOptions) -> Self {
        let NatsOptions { prefix, lease, replicas, creates } = options;
        let (names, tombstones) = (Names::new(prefix), Arc::default());
        Self { server, names, lease: *lease, replicas: *replicas, creates: *creates, tombstones }
    }

    /// Returns the last message of a key.
    pub(crate) async fn get(&self, stream: Stream, key: &str) -> Result<Option<Stored>, Failure> {
        self.get_by(stream, &json!({ "last_by_subj": self.names.subject(stream, key) })).await
    }

    /// Returns whether a stream has a message.
    pub(crate) async fn has(&self, stream: Stream, sequence: u64) -> Result<bool, Failure> {
        Ok(self.get_by(stream, &json!({ "seq": sequence })).await?.is_some())
    }

    /// Returns the sequence of the event of a key. A killed server may bring older ones back, which count as ended.
    pub(crate) async fn last_event(&self, key: &str) -> Result<Option<u64>, Failure> {
        Ok(self.get(Stream::Events, key).await?.map(|event| event.sequence))
    }

    async fn get_by(&self, stream: Stream, which: &Value) -> Result<Option<Stored>, Failure> {
        let call = format!("STREAM.MSG.GET.{}", self.names.stream(stream));
        let message = match self.server.api::<GetReply>(&call, which).await {
            Ok(reply) => reply.message,
            Err(failure) if failure.is_no_message() => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let decode = |text: &str| STANDARD.decode(text).map_err(|_| Failure::Unreadable);
        let (payload, headers) = (decode(&message.data)?, decode(&message.hdrs)?);
        Ok(Some(Stored { sequence: message.seq, payload, headers, time: message.time }))
    }

    /// Erases a message. Returns whether there was one.
    pub(crate) async fn delete(&self, stream: Stream, sequence: u64) -> Result<bool, Failure> {
        let call = format!("STREAM.MSG.DELETE.{}", self.names.stream(stream));
        let which = json!({ "seq": sequence, "no_erase": true });
        match self.server.api::<DeleteReply>(&call, &which).await {
            Ok(reply) => Ok(reply.success),
            Err(failure) if failure.is_no_message() => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Runs a call. Where a stream is missing, creates it, and runs the call once more.
    pub(crate) async fn run<T, F>(&self, attempt: &'static str, call: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let failure = match call().await {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        let result = match failure.is_missing_stream() {
            true => match self.set_up().await {
                Ok(()) => call().await,
                Err(failure) => Err(failure),
            },
            false => Err(failure),
        };
        match result {
            Ok(value) => Ok(value),
            Err(failure) => Err(self.server.explain(attempt, failure).await),
        }
    }
}
