//! The queue.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_nats::header::NATS_MESSAGE_ID;
use nango_core::{
    Claim, DeadLetter, EventQueue, QueueDepth, QueuedEvent, Settlement, StoreError, WorkQueue, async_trait,
};
use tokio::time::{Instant, sleep};

use crate::broker::Broker;
use crate::health::Health;
use crate::names::{Stream, is_key};
use crate::options::NatsOptions;
use crate::record::expecting;
use crate::server::{Failure, Server, attempt};
use crate::stash::Stash;

/// Left of the server's `max_payload` for the headers of a dead letter.
const HEADERS: usize = 8 * 1024;

/// The time for which a push is tried again. Nango waits for ten seconds.
const PUSH: Duration = Duration::from_secs(4);

/// The most deliveries of one pull. Each becomes a request.
const BATCH: usize = 256;

/// The time for which a claim goes on while what is delivered cannot be claimed yet.
const CLAIM: Duration = Duration::from_secs(2);

/// A queue on NATS JetStream. Clones share their connection.
///
/// [`connect`](Self::connect) creates the streams that are missing. The [crate's documentation](crate) has
/// what they are, what is guaranteed, and what is not.
///
/// ```no_run
/// use nango_nats::NatsEventQueue;
///
/// # async fn run() -> Result<(), nango_core::StoreError> {
/// let queue = NatsEventQueue::connect("nats://127.0.0.1:4222").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct NatsEventQueue(Arc<Inner>);

struct Inner {
    broker: Broker,
    stash: Arc<Stash>,
    health: Health,
}

impl fmt::Debug for NatsEventQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsEventQueue").field("lease", &self.0.broker.lease).finish_non_exhaustive()
    }
}

impl NatsEventQueue {
    /// Connects to a server, or to several of a cluster, whose URLs are separated by commas:
    /// `nats://user:password@host:4222`, with `tls` instead of `nats` for TLS (feature `rustls`).
    ///
    /// Once made, the connection is made anew whenever it is lost, for as long as it takes. For credentials
    /// of other kinds and for certificates, make a client and use [`new`](Self::new).
    ///
    /// # Errors
    ///
    /// When the server is unreachable, or has no JetStream.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, &NatsOptions::new()).await
    }

    /// Like [`connect`](Self::connect), with options.
    ///
    /// ```no_run
    /// use nango_nats::{NatsEventQueue, NatsOptions};
    ///
    /// # async fn run() -> Result<(), nango_core::StoreError> {
    /// // For a tool that only looks at the queue.
    /// let options = NatsOptions::new().create(false);
    /// let queue = NatsEventQueue::connect_with("nats://127.0.0.1:4222", &options).await?;
    /// # let _ = queue;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Like `connect`, and when the prefix is invalid.
    pub async fn connect_with(url: &str, options: &NatsOptions) -> Result<Self, StoreError> {
        options.check()?;
        Self::set_up(Server::connect(url).await?, options).await
    }

    /// Uses a connection of the app's.
    ///
    /// # Errors
    ///
    /// When the server is unreachable or has no JetStream, and when the prefix is invalid.
    pub async fn new(client: Client, options: &NatsOptions) -> Result<Self, StoreError> {
        options.check()?;
        Self::set_up(Server::of(client), options).await
    }

    async fn set_up(server: Server, options: &NatsOptions) -> Result<Self, StoreError> {
        let broker = Broker::new(server, options);
        if let Err(failure) = broker.set_up().await {
            return Err(broker.server.explain(attempt::SET_UP, failure).await);
        }
        if broker.creates {
            let leftovers = broker.clone();
            // If this fails, the next start does it.
            tokio::spawn(async move { leftovers.erase_leftovers().await });
        }
        let health = Health::new();
        let inner = Inner { broker, stash: Arc::default(), health };
        Ok(Self(Arc::new(inner)))
    }
}

impl Inner {
    async fn push(&self, event: &QueuedEvent) -> Result<(), Failure> {
        let Broker { server, names, .. } = &self.broker;
        if !is_key(event.key()) {
            return Err(Failure::InvalidKey);
        }
        let subject = names.subject(Stream::Events, event.key());
        let text = bytes::Bytes::from(event.to_json());
        let until = Instant::now() + PUSH;
        loop {
            let mut headers = expecting(0);
            // An event that was handled before its push was repeated has left no message of its key.
            headers.insert(NATS_MESSAGE_ID, event.key());
            match server.publish(subject.clone(), headers, text.clone()).await {
                Ok(_) => return Ok(()),
                Err(failure) if failure.is_conflict() => return Ok(()),
                Err(failure) if failure.is_transient() && Instant::now() < until => {
                    if matches!(failure, Failure::NoResponders) {
                        // One that has just started restores its streams first, if it has them.
                        sleep(Duration::from_millis(200)).await;
                        self.broker.set_up().await?;
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn claim(&self, limit: usize) -> Result<Vec<Claim>, Failure> {
        self.broker.erase_tombstones().await;
        let began = Instant::now();
        let mut claims: Vec<Claim> = Vec::new();
        while claims.len() < limit {
            let wanted = (limit - claims.len()).min(BATCH);
            let mut deliveries = self.stash.take(wanted);
            let mut is_all = false;
            if deliveries.len() < wanted {
                let pulled = match self.broker.pull(wanted - deliveries.len(), None).await {
                    Ok(pulled) => pulled,
                    Err(_) if !claims.is_empty() => break,
                    Err(failure) => return Err(failure),
                };
                is_all = deliveries.len() + pulled.deliveries.len() < wanted;
                deliveries.extend(pulled.deliveries);
                match self.health.check(&self.broker, is_all, !pulled.is_complete).await {
                    Err(failure) if claims.is_empty() && deliveries.is_empty() => return Err(failure),
                    // What was delivered is claimed, or it would wait for a lease.
                    _ => {}
                }
            }
            match self.broker.claim_all(deliveries).await {
                Ok(claimed) => claims.extend(claimed),
                Err(_) if !claims.is_empty() => break,
                Err(failure) => return Err(failure),
            }
            if is_all || began.elapsed() > CLAIM.min(self.broker.lease / 4) {
                break;
            }
        }
        Ok(claims)
    }
}

#[async_trait]
impl EventQueue for NatsEventQueue {
    async fn push(&self, event: &QueuedEvent) -> Result<(), StoreError> {
        let inner = &*self.0;
        inner.broker.run(attempt::PUSH, move || inner.push(event)).await
    }

    /// The server's `max_payload`, a mebibyte by default, less 8 KiB for headers.
    fn max_bytes(&self) -> usize {
        self.0.broker.server.client().max_payload().saturating_sub(HEADERS)
    }
}

#[async_trait]
impl WorkQueue for NatsEventQueue {
    fn lease(&self) -> Duration {
        self.0.broker.lease
    }

    async fn claim(&self, limit: usize) -> Result<Vec<Claim>, StoreError> {
        let inner = &*self.0;
        inner.broker.run(attempt::CLAIM, move || inner.claim(limit)).await
    }

    async fn renew(&self, claims: &[Claim]) -> Result<Vec<bool>, StoreError> {
        let broker = &self.0.broker;
        broker.run(attempt::RENEW, move || broker.renew_all(claims)).await
    }

    async fn settle(&self, settlements: &[Settlement]) -> Result<(), StoreError> {
        let broker = &self.0.broker;
        broker.run(attempt::SETTLE, move || broker.settle_all(settlements)).await
    }

    async fn wait(&self, longest: Duration) {
        self.0.stash.wait(&self.0.broker, longest).await;
    }

    async fn depth(&self) -> Result<QueueDepth, StoreError> {
        let broker = &self.0.broker;
        broker.run(attempt::COUNT, move || broker.count()).await
    }

    async fn dead_letters(&self, after: Option<&str>, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        let broker = &self.0.broker;
        broker.run(attempt::LIST, move || broker.letters(after, limit)).await
    }

    async fn replay(&self, key: &str) -> Result<bool, StoreError> {
        let broker = &self.0.broker;
        broker.run(attempt::REPLAY, move || broker.replay_letter(key)).await
    }

    async fn discard(&self, key: &str) -> Result<bool, StoreError> {
        let broker = &self.0.broker;
        broker.run(attempt::DISCARD, move || broker.discard_letter(key)).await
    }
}
