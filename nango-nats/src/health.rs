//! The consumer, beside the stream that it delivers.
//!
//! A server that is killed forgets some of its last writes, and not the same in both (observed on 2.9.10):
//!
//! - The consumer takes events for acknowledged that are still there, and would never deliver them. It knows of
//!   fewer than there are.
//! - It waits for events that are gone. For as long as an older event is left, it tries to deliver them again after each
//!   lease, before all others, and each costs a pull, which is not answered. Of several, others have no turn. It
//!   delivers nothing between two pulls that it does not answer.
//!
//! In both cases it is made anew. That is harmless, since it only schedules.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::broker::Broker;
use crate::names::Stream;
use crate::server::Failure;

/// The number of looks at the two, each of which meets other calls in flight.
const LOOKS: usize = 4;

const BETWEEN: Duration = Duration::from_millis(25);

pub(crate) struct Health(Mutex<Checked>);

/// The last check.
struct Checked {
    at: Instant,
    connection: u64,
    /// The number of deliveries at the last pull that was not answered.
    stalled_at: Option<u64>,
}

/// One look.
struct Look {
    /// The number of events that the consumer knows of.
    known: u64,
    /// The number of deliveries so far.
    delivered: u64,
    /// The number of events before that was asked for, and after.
    events: (u64, u64),
}

impl Health {
    pub(crate) fn new() -> Self {
        // The first claim checks.
        Self(Mutex::new(Checked { at: Instant::now(), connection: u64::MAX, stalled_at: None }))
    }

    /// Checks the consumer after a pull: at most once a lease, unless it seems to be stuck or the
    /// connection is a new one.
    pub(crate) async fn check(&self, broker: &Broker, is_empty: bool, is_stuck: bool) -> Result<(), Failure> {
        if !broker.creates {
            return Ok(());
        }
        let connection = broker.server.connection();
        {
            let mut checked = self.checked();
            let is_due = checked.at.elapsed() >= broker.lease * if is_empty { 1 } else { 4 };
            let is_new = connection != checked.connection;
            if !is_stuck && !is_due && !is_new {
                return Ok(());
            }
            let stalled_at = checked.stalled_at.filter(|_| !is_new);
            *checked = Checked { at: Instant::now(), connection, stalled_at };
        }
        if self.is_sound(broker, is_stuck).await? {
            return Ok(());
        }
        broker.recreate_consumer().await?;
        self.checked().stalled_at = None;
        tracing::warn!(
            "NATS's consumer has lost track of its events, as after a crash of the server; it was made anew"
        );
        Ok(())
    }

    fn checked(&self) -> MutexGuard<'_, Checked> {
        // A panic cannot leave it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn is_sound(&self, broker: &Broker, is_stuck: bool) -> Result<bool, Failure> {
        for look in 0..LOOKS {
            if look > 0 {
                sleep(BETWEEN).await;
            }
            let look = Look::at(broker).await?;
            if look.forgotten() > 0 {
                continue;
            }
            // A server may be slow once, or busy with other workers.
            let before = if is_stuck { self.checked().stalled_at.replace(look.delivered) } else { None };
            return Ok(before != Some(look.delivered));
        }
        Ok(false)
    }
}

impl Look {
    async fn at(broker: &Broker) -> Result<Self, Failure> {
        let before = broker.stream_info(Stream::Events).await?.state.messages;
        let consumer = broker.consumer_info().await?;
        let after = broker.stream_info(Stream::Events).await?.state.messages;
        Ok(Self {
            known: consumer.num_ack_pending + consumer.num_pending,
            delivered: consumer.delivered.consumer_seq,
            events: (before, after),
        })
    }

    /// The number of events that the consumer does not know of.
    fn forgotten(&self) -> u64 {
        self.events.0.min(self.events.1).saturating_sub(self.known)
    }
}
