//! Deliveries: events as the consumer hands them out, and how they are asked for.

use std::pin::pin;
use std::time::Duration;

use async_nats::{Message, StatusCode};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use crate::broker::Broker;
use crate::names::{CONSUMER, Stream, key_of};
use crate::server::Failure;
use crate::setup::nanos;

/// The longest time for an answer to a pull, beyond the time that the pull itself waits. A pull of a consumer
/// that was deleted has none.
const PATIENCE: Duration = Duration::from_secs(1);

/// An event that was delivered. It comes again after a lease, unless it is acknowledged.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) key: String,
    pub(crate) text: Bytes,
    /// The subject for acknowledgements.
    pub(crate) reply: String,
    /// The sequence of the event.
    pub(crate) sequence: u64,
    /// `true` if the consumer knows of no earlier delivery.
    pub(crate) is_first: bool,
}

/// The answers to a pull.
pub(crate) struct Pulled {
    pub(crate) deliveries: Vec<Delivery>,
    /// `false` if the server has not said that it was all: the consumer may have stumbled.
    pub(crate) is_complete: bool,
}

impl Delivery {
    fn of(message: Message) -> Option<Self> {
        let reply = message.reply?.to_string();
        // `$JS.ACK.STREAM.CONSUMER.COUNT.SEQUENCE...`; with a domain and an account before the stream in
        // the longer form.
        let tokens: Vec<_> = reply.split('.').collect();
        let stream = if tokens.len() > 9 { 4 } else { 2 };
        let number = |index: usize| tokens.get(stream + index)?.parse::<u64>().ok();
        let (count, sequence) = (number(2)?, number(3)?);
        let key = key_of(&message.subject).to_owned();
        Some(Self { key, text: message.payload, reply, sequence, is_first: count == 1 })
    }
}

impl Broker {
    /// Asks for events that can be delivered now, or, with `wait`, within this time.
    pub(crate) async fn pull(&self, limit: usize, wait: Option<Duration>) -> Result<Pulled, Failure> {
        self.server.connected().await?;
        let (client, connection) = (self.server.client(), self.server.connection());
        let request = match wait {
            Some(wait) => json!({ "batch": limit, "expires": nanos(wait) }),
            None => json!({ "batch": limit, "no_wait": true }),
        };
        let until = Instant::now() + wait.unwrap_or_default() + PATIENCE;
        let inbox = client.new_inbox();
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{}.{CONSUMER}", self.names.stream(Stream::Events));
        let sent = async {
            let answers =
                client.subscribe(inbox.clone()).await.map_err(|error| Failure::Client(error.into()))?;
            let sent = client.publish_with_reply(subject, inbox, request.to_string().into()).await;
            sent.map_err(|error| Failure::Client(error.into()))?;
            Ok(answers)
        };
        let mut answers = timeout_at(until, sent).await.map_err(|_| Failure::Disconnected)??;
        let mut interrupted = pin!(self.server.interrupted(connection));
        let mut deliveries = Vec::new();
        while deliveries.len() < limit {
            let message = match timeout_at(until, select(answers.next(), &mut interrupted)).await {
                Ok(Either::Left((Some(message), _))) => message,
                Ok(Either::Right(_)) if deliveries.is_empty() => return Err(Failure::Disconnected),
                _ => return Ok(Pulled { deliveries, is_complete: false }),
            };
            match message.status {
                None | Some(StatusCode::OK) => deliveries.extend(Delivery::of(message)),
                Some(StatusCode::IDLE_HEARTBEAT) => {}
                Some(StatusCode::NO_RESPONDERS) if deliveries.is_empty() => {
                    return Err(Failure::NoResponders);
                }
                // There are no more, the time is over, or the consumer was deleted.
                Some(_) => break,
            }
        }
        Ok(Pulled { deliveries, is_complete: true })
    }

    /// Gives a delivery back, to be delivered again after a pause.
    pub(crate) async fn give_back(&self, reply: &str, pause: Duration) -> Result<(), Failure> {
        let payload = match pause {
            Duration::ZERO => Bytes::from_static(b"-NAK"),
            pause => format!("-NAK {}", json!({ "delay": nanos(pause) })).into(),
        };
        self.server.acknowledge(reply, payload).await
    }
}
