//! All records: the number of claims, and what was left over.

use std::time::Duration;

use async_nats::{Message, StatusCode};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use nango_core::QueueDepth;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use crate::broker::Broker;
use crate::names::{Stream, key_of};
use crate::record::{Record, State};
use crate::server::Failure;
use crate::setup::nanos;

/// The records of one pull.
const PAGE: usize = 1_000;

/// The leftovers that are erased at a time.
const AT_ONCE: usize = 64;

/// The longest time for a page.
const PATIENCE: Duration = Duration::from_secs(3);

/// The longest time that the server looks for the records of a page.
const EXPIRES: Duration = Duration::from_millis(250);

#[derive(Deserialize)]
struct Created {
    name: String,
    num_pending: usize,
}

impl Broker {
    pub(crate) async fn count(&self) -> Result<QueueDepth, Failure> {
        let events = self.stream_info(Stream::Events).await?.state.messages;
        let dead = self.stream_info(Stream::Dead).await?.state.messages;
        let claimed = match self.count_claimed().await {
            // Observed once on 2.9.10, while records were erased: no reply in time. From the beginning, since what was on its way is lost.
            Err(Failure::TimedOut) => self.count_claimed().await,
            counted => counted,
        };
        let claimed = claimed?.min(events);
        Ok(QueueDepth::new(events - claimed, claimed, dead))
    }

    async fn count_claimed(&self) -> Result<u64, Failure> {
        let mut claimed = 0;
        if self.stream_info(Stream::Claims).await?.state.messages > 0 {
            self.scan(|_, record, _| claimed += u64::from(record.state == State::Claimed)).await?;
        }
        Ok(claimed)
    }

    /// Erases the records of events that have left the queue, of workers that ended before they did.
    pub(crate) async fn erase_leftovers(&self) -> Result<(), Failure> {
        let mut suspects = Vec::new();
        // Those that wait are many where a handler fails, and none of them is left over.
        let note = |_: &str, record: &Record, sequence| match record.state {
            State::Waiting { .. } => {}
            State::Claimed | State::Dead { .. } | State::Done => suspects.push((record.event, sequence)),
        };
        self.scan(note).await?;
        let erase = |(event, sequence)| async move {
            if !self.has(Stream::Events, event).await? {
                self.delete(Stream::Claims, sequence).await?;
            }
            Ok(())
        };
        stream::iter(suspects).map(Ok).try_for_each_concurrent(AT_ONCE, erase).await
    }

    /// Reads all records.
    async fn scan(&self, mut each: impl FnMut(&str, &Record, u64)) -> Result<(), Failure> {
        let stream = self.names.stream(Stream::Claims);
        let config = json!({
            "stream_name": stream,
            "config": {
                "ack_policy": "none",
                "deliver_policy": "all",
                "inactive_threshold": nanos(PATIENCE * 2),
                "mem_storage": true,
                "num_replicas": 1,
                "replay_policy": "instant",
            },
        });
        let created: Created = self.server.api(&format!("CONSUMER.CREATE.{stream}"), &config).await?;
        let mut left = created.num_pending;
        let mut result = Ok(());
        while left > 0 && result.is_ok() {
            let records = left.min(PAGE);
            let asked = Instant::now();
            result = self.page(&stream, &created.name, records).await.map(|messages| {
                messages.iter().for_each(|message| read(message, &mut each));
                // Records that were erased since the consumer was made do not come: a page that is not full is the last one, unless its
                // time was over before it was full.
                let is_last = messages.len() < records && (messages.is_empty() || asked.elapsed() < EXPIRES);
                left = if is_last { 0 } else { left - messages.len() };
            });
        }
        let delete = format!("CONSUMER.DELETE.{stream}.{}", created.name);
        // If this fails, it ends by itself.
        let _ = self.server.api::<IgnoredAny>(&delete, &Value::Null).await;
        result
    }

    /// Asks for records, and returns them. Fewer come where no more are left, or where the time was over before all had come.
    async fn page(&self, stream: &str, consumer: &str, records: usize) -> Result<Vec<Message>, Failure> {
        let client = self.server.client();
        let inbox = client.new_inbox();
        let client_failed = |error: async_nats::Error| Failure::Client(error);
        let answers = client.subscribe(inbox.clone()).await;
        let mut answers = answers.map_err(|error| client_failed(error.into()))?;
        // Without a time, 2.9.10 leaves a request unanswered if it takes records for pending that were erased since the consumer
        // was made, and has no others.
        let request = json!({ "batch": records, "no_wait": true, "expires": nanos(EXPIRES) }).to_string();
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
        let sent = client.publish_with_reply(subject, inbox, request.into()).await;
        sent.map_err(|error| client_failed(error.into()))?;
        let until = Instant::now() + PATIENCE;
        let mut messages = Vec::new();
        while messages.len() < records {
            match timeout_at(until, answers.next()).await {
                Ok(Some(message)) if matches!(message.status, None | Some(StatusCode::OK)) => {
                    messages.push(message);
                }
                Ok(Some(_)) => break,
                Ok(None) | Err(_) => return Err(Failure::TimedOut),
            }
        }
        Ok(messages)
    }
}

fn read(message: &Message, each: &mut impl FnMut(&str, &Record, u64)) {
    let sequence = message.reply.as_ref().and_then(|reply| {
        let tokens: Vec<_> = reply.split('.').collect();
        tokens.get(if tokens.len() > 9 { 7 } else { 5 })?.parse().ok()
    });
    if let (Ok(record), Some(sequence)) = (serde_json::from_slice(&message.payload), sequence) {
        each(key_of(&message.subject), &record, sequence);
    }
}
