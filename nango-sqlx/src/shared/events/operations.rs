//! The operations of a queue, on any database.

use std::time::Duration;

use nango_core::{Claim, DeadLetter, Outcome, QueueDepth, QueuedEvent, Settlement, StoreError, Version};

use super::row::EventRow;
use super::statements::EventStatements;
use crate::shared::error::attempt;
use crate::shared::operations::explained;
use crate::shared::{Backend, Sql, Value};

/// A queue's access to its database.
pub(crate) trait EventBackend: Sync {
    type Store: Backend;

    fn store(&self) -> &Self::Store;

    fn events(&self) -> &EventStatements;

    fn lease(&self) -> Duration;

    /// Runs [`EventStatements::claim`].
    fn claim_events(
        &self,
        values: Vec<Value<'_>>,
    ) -> impl Future<Output = sqlx::Result<Vec<EventRow>>> + Send;

    /// Runs a query for events.
    fn fetch_events(
        &self,
        sql: &Sql,
        values: Vec<Value<'_>>,
    ) -> impl Future<Output = sqlx::Result<Vec<EventRow>>> + Send;

    /// Reads the numbers of [`EventStatements::depth`].
    fn fetch_depth(&self) -> impl Future<Output = sqlx::Result<[i64; 3]>> + Send;

    /// Inserts an event.
    fn insert(&self, key: &str, event: String) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Begins the leases of claims anew, all in one transaction: a worker holds many, and has little time.
    fn renew_all(
        &self,
        claims: &[Claim],
        lease: Value<'static>,
    ) -> impl Future<Output = Result<Vec<bool>, StoreError>> + Send;

    /// Erases the events of claims, all in one transaction.
    fn erase(&self, claims: &[&Claim]) -> impl Future<Output = Result<(), StoreError>> + Send;
}

pub(crate) async fn push<Q: EventBackend>(queue: &Q, event: &QueuedEvent) -> Result<(), StoreError> {
    queue.insert(event.key(), event.to_json()).await
}

pub(crate) async fn claim<Q: EventBackend>(queue: &Q, limit: usize) -> Result<Vec<Claim>, StoreError> {
    let token = format!("{:016x}", Version::random().raw());
    let values = vec![Value::limit(limit), micros(queue.lease()), Value::bytes(&token)];
    let rows = queue.claim_events(values).await;
    let rows = explained(queue.store(), attempt::CLAIM, rows).await?;
    Ok(rows.into_iter().map(|row| row.into_claim(&token)).collect())
}

pub(crate) async fn renew<Q: EventBackend>(queue: &Q, claims: &[Claim]) -> Result<Vec<bool>, StoreError> {
    queue.renew_all(claims, micros(queue.lease())).await
}

pub(crate) async fn settle<Q: EventBackend>(queue: &Q, settlements: &[Settlement]) -> Result<(), StoreError> {
    let is_done = |settlement: &&Settlement| settlement.outcome == Outcome::Done;
    let done: Vec<_> = settlements.iter().filter(is_done).map(|settlement| &settlement.claim).collect();
    if !done.is_empty() {
        queue.erase(&done).await?;
    }
    let events = queue.events();
    for Settlement { claim, outcome, .. } in settlements {
        let (sql, mut values) = match outcome {
            Outcome::Failed { retry_after } => (&events.failed, vec![micros(*retry_after)]),
            Outcome::Released { retry_after } => (&events.released, vec![micros(*retry_after)]),
            Outcome::Dead { failures, reason } => {
                // A text of PostgreSQL's has no NUL.
                let reason = Value::Text(reason.replace('\0', " "));
                (&events.dead, vec![Value::integer(i64::from(*failures)), reason])
            }
            _ => continue,
        };
        values.extend([Value::bytes(&claim.key), Value::bytes(&claim.token)]);
        write(queue, attempt::SETTLE, sql, values).await?;
    }
    Ok(())
}

pub(crate) async fn depth<Q: EventBackend>(queue: &Q) -> Result<QueueDepth, StoreError> {
    let counts = explained(queue.store(), attempt::READ_EVENTS, queue.fetch_depth().await).await?;
    let [waiting, claimed, dead] = counts.map(|count| u64::try_from(count).unwrap_or_default());
    Ok(QueueDepth::new(waiting, claimed, dead))
}

pub(crate) async fn dead_letters<Q: EventBackend>(
    queue: &Q,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<DeadLetter>, StoreError> {
    let events = queue.events();
    let (sql, values) = match after {
        None => (&events.first_dead, vec![Value::limit(limit)]),
        Some(after) => (&events.next_dead, vec![Value::bytes(after), Value::limit(limit)]),
    };
    let rows = queue.fetch_events(sql, values).await;
    let rows = explained(queue.store(), attempt::READ_EVENTS, rows).await?;
    Ok(rows.into_iter().map(EventRow::into_dead_letter).collect())
}

pub(crate) async fn replay<Q: EventBackend>(queue: &Q, key: &str) -> Result<bool, StoreError> {
    write(queue, attempt::SETTLE, &queue.events().replay, vec![Value::bytes(key)]).await
}

pub(crate) async fn discard<Q: EventBackend>(queue: &Q, key: &str) -> Result<bool, StoreError> {
    write(queue, attempt::SETTLE, &queue.events().discard, vec![Value::bytes(key)]).await
}

async fn write<Q: EventBackend>(
    queue: &Q,
    attempt: &'static str,
    sql: &Sql,
    values: Vec<Value<'_>>,
) -> Result<bool, StoreError> {
    explained(queue.store(), attempt, queue.store().write(sql, values).await).await
}

/// Half of what fits at most, so that the database can add its clock.
fn micros(span: Duration) -> Value<'static> {
    Value::integer(i64::try_from(span.as_micros()).unwrap_or(i64::MAX).min(i64::MAX / 2))
}

/// Implements `EventQueue`, `WorkQueue` and `Debug` for an [`EventBackend`] with a field `pushed`.
macro_rules! work_queue {
    ($Queue:ident) => {
        const _: () = {
            use std::time::Duration;

            use nango_core::{
                Claim, DeadLetter, EventQueue, QueueDepth, QueuedEvent, Settlement, StoreError, WorkQueue,
                async_trait,
            };

            use $crate::shared::events::EventBackend;
            use $crate::shared::events::operations;

            #[async_trait]
            impl EventQueue for $Queue {
                async fn push(&self, event: &QueuedEvent) -> Result<(), StoreError> {
                    operations::push(self, event).await?;
                    self.pushed.notify_one();
                    Ok(())
                }
            }

            #[async_trait]
            impl WorkQueue for $Queue {
                fn lease(&self) -> Duration {
                    EventBackend::lease(self)
                }

                async fn claim(&self, limit: usize) -> Result<Vec<Claim>, StoreError> {
                    operations::claim(self, limit).await
                }

                async fn renew(&self, claims: &[Claim]) -> Result<Vec<bool>, StoreError> {
                    operations::renew(self, claims).await
                }

                async fn settle(&self, settlements: &[Settlement]) -> Result<(), StoreError> {
                    operations::settle(self, settlements).await
                }

                async fn wait(&self, longest: Duration) {
                    // Whether an event was pushed or the time is over, the next claim finds out.
                    let _ = tokio::time::timeout(longest, self.pushed.notified()).await;
                }

                async fn depth(&self) -> Result<QueueDepth, StoreError> {
                    operations::depth(self).await
                }

                async fn dead_letters(
                    &self,
                    after: Option<&str>,
                    limit: usize,
                ) -> Result<Vec<DeadLetter>, StoreError> {
                    operations::dead_letters(self, after, limit).await
                }

                async fn replay(&self, key: &str) -> Result<bool, StoreError> {
                    let replayed = operations::replay(self, key).await?;
                    self.pushed.notify_one();
                    Ok(replayed)
                }

                async fn discard(&self, key: &str) -> Result<bool, StoreError> {
                    operations::discard(self, key).await
                }
            }

            // A pool's options have a password.
            impl std::fmt::Debug for $Queue {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.debug_struct(stringify!($Queue)).finish_non_exhaustive()
                }
            }
        };
    };
}

pub(crate) use work_queue;
