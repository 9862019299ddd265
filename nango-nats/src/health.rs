//! The consumer, beside the stream that it delivers.
//!
//! A server that is killed forgets some of its last writes, and not the same in both (observed on 2.9.10):
//!
//! - The consumer takes events for acknowledged that are still there, and would never deliver them. It knows of fewer than
//!   there are.
//! - It waits for events that are gone, and so knows of more than there are. While an older event is left, it tries to
//!   deliver them before all others and again after each lease, and leaves the pull of each attempt unanswered.
//!
//! In both cases it is made anew, which is harmless, since it only schedules.

use std::cmp::Ordering;
use std::sync::{Mutex, PoisonError};
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
}

/// One look.
struct Look {
    /// The number of events that the consumer knows of.
    known: u64,
    /// The number of events before that was asked for, and after.
    events: (u64, u64),
}

impl Health {
    pub(crate) fn new() -> Self {
        // The first claim checks.
        Self(Mutex::new(Checked { at: Instant::now(), connection: u64::MAX }))
    }

    /// Checks the consumer after a pull: at most once a lease, unless it seems to be stuck or the
    /// connection is a new one.
    pub(crate) async fn check(&self, broker: &Broker, is_empty: bool, is_stuck: bool) -> Result<(), Failure> {
        if !broker.creates {
            return Ok(());
        }
        let connection = broker.server.connection();
        {
            let mut checked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let is_due = checked.at.elapsed() >= broker.lease * if is_empty { 1 } else { 4 };
            if !is_stuck && !is_due && connection == checked.connection {
                return Ok(());
            }
            *checked = Checked { at: Instant::now(), connection };
        }
        let difference = Look::at(broker).await?.difference();
        // Without an unanswered pull, those that are gone keep no others from being delivered.
        if difference == Ordering::Equal || difference == Ordering::Greater && !is_stuck {
            return Ok(());
        }
        for _ in 1..LOOKS {
            sleep(BETWEEN).await;
            if Look::at(broker).await?.difference() != difference {
                return Ok(());
            }
        }
        broker.recreate_consumer().await?;
        tracing::warn!(
            "NATS's consumer has lost track of its events, as after a crash of the server; it was made anew"
        );
        Ok(())
    }
}

impl Look {
    async fn at(broker: &Broker) -> Result<Self, Failure> {
        let before = broker.stream_info(Stream::Events).await?.state.messages;
        let consumer = broker.consumer_info().await?;
        let after = broker.stream_info(Stream::Events).await?.state.messages;
        Ok(Self { known: consumer.num_ack_pending + consumer.num_pending, events: (before, after) })
    }

    /// Compares the number of events that the consumer knows of with the number that there are. `Equal` if it was right at
    /// some time between the two counts.
    fn difference(&self) -> Ordering {
        let (before, after) = self.events;
        if self.known < before.min(after) {
            Ordering::Less
        } else if self.known > before.max(after) {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }
}
