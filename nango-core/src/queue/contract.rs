//! The contracts of a queue: what the webhook route needs of it, and what a worker needs.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::event::QueuedEvent;
use super::parts::{Claim, DeadLetter, QueueDepth, Settlement};
use crate::store::StoreError;

/// Takes events, so that they survive the process.
///
/// [`NangoBuilder::event_queue`](crate::NangoBuilder::event_queue) puts it before the app's handler: a
/// delivery of a sync, of a provider's webhook or of an action is answered with 2xx once it is in the
/// queue, and with 503 if it cannot be put there. What is in the queue is handled at least once, by an
/// [`EventWorker`](crate::EventWorker), or by a worker of the app's own that calls
/// [`Nango::handle_event`](crate::Nango::handle_event).
///
/// To put events into a queue that the app has already, implement this trait alone. For a queue that
/// an [`EventWorker`](crate::EventWorker) can work on, implement [`WorkQueue`], too.
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a queue for events",
    note = "implement `nango_core::EventQueue` for it, or use one of `nango-sqlx` or `nango-nats`"
)]
pub trait EventQueue: Send + Sync + 'static {
    /// Takes an event. When it returns `Ok`, the event is durable, and will be handled at least once.
    ///
    /// An event whose [key](QueuedEvent::key) the queue has already is taken, and changes nothing.
    ///
    /// # Errors
    ///
    /// When it is not known that the event was taken. It may have been.
    async fn push(&self, event: &QueuedEvent) -> Result<(), StoreError>;

    /// Returns the largest event that the queue takes, in bytes of [`QueuedEvent::to_json`]. Larger
    /// deliveries are answered with 413, and do not reach it.
    fn max_bytes(&self) -> usize {
        usize::MAX
    }
}

/// A queue that workers of any number of processes work on.
///
/// Run the contract suite `queue_suite!` of `nango_core::testing` (feature `testing`) on yours: each
/// numbered guarantee has its test there.
///
/// # The contract
///
/// 1. An event is in one of four states: it waits for its time, is claimed, is a dead letter, or is
///    gone. [`push`](EventQueue::push) makes it wait from now on.
/// 2. [`claim`](Self::claim) returns an event to one caller only, until the
///    [lease](Self::lease) of the claim has ended by the queue's own clock. Then the event may be claimed
///    again, by which the first claim is lost, and one more [death](Claim::deaths) is counted: the worker
///    that held it has ended without settling it.
/// 3. [`renew`](Self::renew) begins the lease anew. A claim that is lost stays lost.
/// 4. [`settle`](Self::settle) ends a claim as its [`Outcome`](super::Outcome) says. A claim that is lost changes
///    nothing: the event is another worker's.
/// 5. Failures and deaths are counted apart, and survive everything but a replay.
/// 6. Events whose time has come are claimed in about the order of these times. Nothing is claimed
///    before its time.
/// 7. Dead letters stay until they are replayed or discarded. A replayed one waits from now on, with
///    neither failures nor deaths.
/// 8. A text is returned byte for byte as it was pushed, also one that this version cannot read.
///
/// | | Tests of `queue_suite!` |
/// |---|---|
/// | 1 | `a_pushed_event_is_claimed_once`, `a_key_is_taken_once` |
/// | 2 | `concurrent_claims_share_nothing`, `a_claim_ends_by_itself_and_counts_as_a_death` |
/// | 3 | `a_renewed_claim_stays`, `a_lost_claim_is_not_renewed` |
/// | 4 | `a_done_event_is_gone`, `a_late_settlement_changes_nothing` |
/// | 5 | `failures_and_deaths_are_counted_apart` |
/// | 6 | `a_failed_event_waits_for_its_time`, `a_released_event_counts_nothing`, `events_are_claimed_in_order` |
/// | 7 | `dead_letters_are_listed_replayed_and_discarded` |
/// | 8 | `bodies_are_kept_byte_for_byte` |
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a queue that a worker can work on",
    note = "implement `nango_core::WorkQueue` for it, or use one of `nango-sqlx` or `nango-nats`"
)]
pub trait WorkQueue: EventQueue {
    /// Returns the time for which a claim holds without being renewed.
    fn lease(&self) -> Duration;

    /// Claims at most `limit` events whose time has come. Returns at once, also when there is none.
    ///
    /// # Errors
    ///
    /// When the queue is unavailable. Events may have been claimed; their leases end by themselves.
    async fn claim(&self, limit: usize) -> Result<Vec<Claim>, StoreError>;

    /// Begins the leases of claims anew. Returns for each whether it is still held.
    ///
    /// # Errors
    ///
    /// When the queue is unavailable.
    async fn renew(&self, claims: &[Claim]) -> Result<Vec<bool>, StoreError>;

    /// Ends claims.
    ///
    /// # Errors
    ///
    /// When it is not known that all of them are settled. Some may be; settling them again is harmless.
    async fn settle(&self, settlements: &[Settlement]) -> Result<(), StoreError>;

    /// Waits until an event may have come, for at most `longest`. The default implementation waits that
    /// long.
    async fn wait(&self, longest: Duration) {
        tokio::time::sleep(longest).await;
    }

    /// Returns the number of events in each state.
    ///
    /// # Errors
    ///
    /// When the queue is unavailable.
    async fn depth(&self) -> Result<QueueDepth, StoreError>;

    /// Returns at most `limit` dead letters with keys after `after`, sorted by key.
    ///
    /// # Errors
    ///
    /// When the queue is unavailable.
    async fn dead_letters(&self, after: Option<&str>, limit: usize) -> Result<Vec<DeadLetter>, StoreError>;

    /// Lets a dead letter wait again, with neither failures nor deaths. Returns whether there was one
    /// with this key.
    ///
    /// # Errors
    ///
    /// When the queue is unavailable.
    async fn replay(&self, key: &str) -> Result<bool, StoreError>;

    /// Erases a dead letter. Returns whether there was one with this key.
    ///
    /// # Errors
    ///
    /// When the queue is unavailable.
    async fn discard(&self, key: &str) -> Result<bool, StoreError>;
}

macro_rules! forward_to_pointee {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<Q: EventQueue + ?Sized> EventQueue for $pointer {
            async fn push(&self, event: &QueuedEvent) -> Result<(), StoreError> {
                (**self).push(event).await
            }

            fn max_bytes(&self) -> usize {
                (**self).max_bytes()
            }
        }

        #[async_trait]
        impl<Q: WorkQueue + ?Sized> WorkQueue for $pointer {
            fn lease(&self) -> Duration {
                (**self).lease()
            }

            async fn claim(&self, limit: usize) -> Result<Vec<Claim>, StoreError> {
                (**self).claim(limit).await
            }

            async fn renew(&self, claims: &[Claim]) -> Result<Vec<bool>, StoreError> {
                (**self).renew(claims).await
            }

            async fn settle(&self, settlements: &[Settlement]) -> Result<(), StoreError> {
                (**self).settle(settlements).await
            }

            async fn wait(&self, longest: Duration) {
                (**self).wait(longest).await;
            }

            async fn depth(&self) -> Result<QueueDepth, StoreError> {
                (**self).depth().await
            }

            async fn dead_letters(&self, after: Option<&str>, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
                (**self).dead_letters(after, limit).await
            }

            async fn replay(&self, key: &str) -> Result<bool, StoreError> {
                (**self).replay(key).await
            }

            async fn discard(&self, key: &str) -> Result<bool, StoreError> {
                (**self).discard(key).await
            }
        }
    )*};
}

forward_to_pointee!(Arc<Q>, Box<Q>);
