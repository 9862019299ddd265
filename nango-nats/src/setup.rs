//! The streams, and the consumer that all workers share.

use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::broker::Broker;
use crate::names::{CONSUMER, Stream};
use crate::server::{Failure, code};

/// The time for which a key stays known after its event has gone: a push that is repeated because its
/// reply was lost comes within seconds.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

#[derive(Deserialize)]
pub(crate) struct StreamInfo {
    pub(crate) state: StreamState,
}

#[derive(Deserialize)]
pub(crate) struct StreamState {
    pub(crate) messages: u64,
}

#[derive(Deserialize)]
pub(crate) struct ConsumerInfo {
    pub(crate) config: ConsumerConfig,
    pub(crate) delivered: Delivered,
    pub(crate) num_ack_pending: u64,
    pub(crate) num_pending: u64,
}

#[derive(Deserialize)]
pub(crate) struct ConsumerConfig {
    /// In nanoseconds.
    ack_wait: u64,
}

#[derive(Deserialize)]
pub(crate) struct Delivered {
    /// The time of the last delivery, by the server's clock.
    pub(crate) last_active: Option<nango_core::Timestamp>,
}

impl Broker {
    /// Creates the streams that are missing, and the consumer, unless the options say not to. Those that exist stay as they are, but for
    /// the lease.
    pub(crate) async fn set_up(&self) -> Result<(), Failure> {
        for stream in Stream::ALL {
            match self.stream_info(stream).await {
                Err(Failure::Api { code: code::STREAM_NOT_FOUND, .. }) if self.creates => {
                    self.create_stream(stream).await?;
                }
                result => result.map(drop)?,
            }
        }
        if !self.creates {
            return Ok(());
        }
        match self.consumer_info().await {
            Err(Failure::Api { code: code::CONSUMER_NOT_FOUND, .. }) => self.create_consumer().await,
            Ok(info) if Duration::from_nanos(info.config.ack_wait) != self.lease => {
                self.create_consumer().await
            }
            result => result.map(drop),
        }
    }

    pub(crate) async fn stream_info(&self, stream: Stream) -> Result<StreamInfo, Failure> {
        let call = format!("STREAM.INFO.{}", self.names.stream(stream));
        self.server.api(&call, &Value::Null).await
    }

    pub(crate) async fn consumer_info(&self) -> Result<ConsumerInfo, Failure> {
        let call = format!("CONSUMER.INFO.{}.{CONSUMER}", self.names.stream(Stream::Events));
        self.server.api(&call, &Value::Null).await
    }

    async fn create_stream(&self, stream: Stream) -> Result<(), Failure> {
        let name = self.names.stream(stream);
        let mut config = json!({
            "name": name,
            "subjects": [self.names.subjects(stream)],
            "storage": "file",
            // An event ends by a deletion, whatever the consumer knows of it.
            "retention": "limits",
            // A limit that is set later must refuse events, and not drop old ones.
            "discard": "new",
            "num_replicas": self.replicas,
            "duplicate_window": nanos(DUPLICATE_WINDOW),
        });
        if stream != Stream::Events {
            config["max_msgs_per_subject"] = json!(1);
        }
        match self.server.api::<IgnoredAny>(&format!("STREAM.CREATE.{name}"), &config).await {
            // Another instance was quicker.
            Err(Failure::Api { code: code::STREAM_NAME_IN_USE, .. }) => Ok(()),
            result => result.map(drop),
        }
    }

    /// Creates the consumer, or changes its lease.
    async fn create_consumer(&self) -> Result<(), Failure> {
        let stream = self.names.stream(Stream::Events);
        let config = json!({
            "stream_name": stream,
            "config": {
                "durable_name": CONSUMER,
                "ack_policy": "explicit",
                "ack_wait": nanos(self.lease),
                "deliver_policy": "all",
                "max_ack_pending": -1,
                "max_deliver": -1,
                "replay_policy": "instant",
            },
        });
        let call = format!("CONSUMER.DURABLE.CREATE.{stream}.{CONSUMER}");
        self.server.api::<IgnoredAny>(&call, &config).await.map(drop)
    }

    /// Makes the consumer anew. It only schedules: what has happened to an event is in its record.
    pub(crate) async fn recreate_consumer(&self) -> Result<(), Failure> {
        let call = format!("CONSUMER.DELETE.{}.{CONSUMER}", self.names.stream(Stream::Events));
        match self.server.api::<IgnoredAny>(&call, &Value::Null).await {
            Ok(_) | Err(Failure::Api { code: code::CONSUMER_NOT_FOUND, .. }) => self.create_consumer().await,
            Err(failure) => Err(failure),
        }
    }
}

pub(crate) fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
