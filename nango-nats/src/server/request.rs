//! Requests with a deadline.

use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, HeaderMap, Message, Request, RequestErrorKind, StatusCode};
use bytes::Bytes;
use futures_util::future::{Either, select};
use nango_core::StoreError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::diagnosis::Diagnosis;
use super::failure::Failure;

/// The attempts of a queue, each as it follows "could not".
pub(crate) mod attempt {
    pub(crate) const CLAIM: &str = "claim events";
    pub(crate) const CONNECT: &str = "connect to NATS";
    pub(crate) const COUNT: &str = "count the events";
    pub(crate) const DISCARD: &str = "discard a dead letter";
    pub(crate) const LIST: &str = "list the dead letters";
    pub(crate) const PUSH: &str = "queue an event";
    pub(crate) const RENEW: &str = "renew claims";
    pub(crate) const REPLAY: &str = "replay a dead letter";
    pub(crate) const SET_UP: &str = "set up the streams";
    pub(crate) const SETTLE: &str = "settle events";
}

/// The deadline of one request. Nango waits for ten seconds, and a push may be two of them.
pub(crate) const DEADLINE: Duration = Duration::from_secs(3);

/// The time for which a request waits for a connection that is being made anew: a restart of the server
/// takes less.
const RECONNECT: Duration = Duration::from_secs(1);

/// The longest attempt to find out why there is no connection.
const PROBE: Duration = Duration::from_millis(500);

/// A server, or a cluster, with the address that errors name.
#[derive(Clone)]
pub(crate) struct Server {
    pub(super) client: Client,
    pub(super) place: Option<String>,
}

#[derive(Deserialize)]
struct ApiError {
    #[serde(default)]
    code: u32,
    #[serde(default)]
    err_code: u32,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
struct PubAck {
    seq: u64,
}

impl Server {
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Waits for a connection, for a moment: the client would keep a request until it has one, and the
    /// caller would have to wait for the whole deadline during each outage.
    pub(crate) async fn connected(&self) -> Result<(), Failure> {
        let until = Instant::now() + RECONNECT;
        while !self.is_connected() {
            if Instant::now() >= until {
                return Err(Failure::Disconnected);
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Ends once a request that was sent over the connection of this number may be lost with it.
    pub(crate) async fn interrupted(&self, connection: u64) {
        while self.is_connected() && self.connection() == connection {
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Returns the number of the connection: each is made anew after the one before.
    pub(crate) fn connection(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Relaxed)
    }

    /// Sends a request, and again if its connection was lost: all of them are idempotent.
    async fn request(
        &self,
        subject: String,
        headers: Option<HeaderMap>,
        payload: Bytes,
    ) -> Result<Message, Failure> {
        let until = Instant::now() + DEADLINE;
        loop {
            self.connected().await?;
            let connection = self.connection();
            let mut request = Request::new().payload(payload.clone()).timeout(None);
            if let Some(headers) = &headers {
                request = request.headers(headers.clone());
            }
            let (sent, interrupted) =
                (self.client.send_request(subject.clone(), request), self.interrupted(connection));
            let (sent, interrupted) = (pin!(sent), pin!(interrupted));
            let reply = match timeout_at(until, select(sent, interrupted)).await {
                Ok(Either::Left((reply, _))) => reply,
                Ok(Either::Right(_)) => continue,
                Err(_) => return Err(Failure::TimedOut),
            };
            let reply = reply.map_err(|error| match error.kind() {
                RequestErrorKind::MaxPayloadExceeded => Failure::TooLarge,
                RequestErrorKind::NoResponders => Failure::NoResponders,
                RequestErrorKind::TimedOut => Failure::TimedOut,
                RequestErrorKind::InvalidSubject | RequestErrorKind::Other => Failure::Client(error.into()),
            })?;
            return match reply.status {
                Some(StatusCode::NO_RESPONDERS) => Err(Failure::NoResponders),
                _ => Ok(reply),
            };
        }
    }

    /// Calls JetStream's API.
    pub(crate) async fn api<T: DeserializeOwned>(&self, call: &str, body: &Value) -> Result<T, Failure> {
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let reply = self.request(format!("$JS.API.{call}"), None, body).await?;
        read(&reply.payload)
    }

    /// Stores a message, and returns its sequence.
    pub(crate) async fn publish(
        &self,
        subject: String,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<u64, Failure> {
        let reply = self.request(subject, Some(headers), payload).await?;
        Ok(read::<PubAck>(&reply.payload)?.seq)
    }

    /// Acknowledges a delivery in the way that the payload says, and waits until that has been done.
    pub(crate) async fn acknowledge(&self, reply: &str, payload: Bytes) -> Result<(), Failure> {
        match self.request(reply.to_owned(), None, payload).await {
            // The consumer was deleted, and its deliveries with it.
            Ok(_) | Err(Failure::NoResponders) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// Describes a failure.
    pub(crate) async fn explain(&self, attempt: &'static str, failure: Failure) -> StoreError {
        let diagnosis = match (&failure, &self.place) {
            (Failure::Disconnected, Some(place)) => probe(place).await,
            (failure, _) => Diagnosis::of(failure),
        };
        let Diagnosis { kind, cause, remedy } = diagnosis;
        let error =
            StoreError::new(kind, failure).with_attempt(attempt).with_cause(cause).with_remedy(remedy);
        match &self.place {
            Some(place) => error.with_place(place.clone()),
            None => error,
        }
    }
}

/// The client only says that it is not connected. One connection beside it shows the reason.
async fn probe(place: &str) -> Diagnosis {
    match timeout(PROBE, TcpStream::connect(place)).await {
        Ok(Err(error)) => Diagnosis::unreachable(error.kind()),
        Ok(Ok(_)) => Diagnosis::of(&Failure::Disconnected),
        Err(_) => Diagnosis::unreachable(std::io::ErrorKind::TimedOut),
    }
}

fn read<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Failure> {
    let value: Value = serde_json::from_slice(payload).map_err(|_| Failure::Unreadable)?;
    if let Some(error) = value.get("error") {
        let error = ApiError::deserialize(error).map_err(|_| Failure::Unreadable)?;
        let code = if error.err_code == 0 { error.code } else { error.err_code };
        return Err(Failure::Api { code, text: error.description });
    }
    serde_json::from_value(value).map_err(|_| Failure::Unreadable)
}
