//! The operations of a store, on any database.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::time::Duration;

use nango_core::{Applied, BoxError, Change, ConnectionKey, Owner, Record, StoreError, Timestamp, Version};

use super::backend::Backend;
use super::error::{attempt, explain};
use super::row::Value;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use super::sql::Sql;
use super::statements::Statements;

/// Rows in one statement: enough to be worth its round trip, few enough for every server's longest
/// packet. Four times as many measured no faster on PostgreSQL.
pub(crate) const CHUNK: usize = 1000;

pub(crate) async fn get<B: Backend>(
    backend: &B,
    keys: &[ConnectionKey],
) -> Result<Vec<Option<Record>>, StoreError> {
    if let [key] = keys {
        let found = backend.fetch(&backend.statements().get, Value::key(key).into(), None).await;
        return Ok(vec![explained(backend, attempt::READ, found).await?.pop()]);
    }
    let mut found = Vec::with_capacity(keys.len());
    for keys in keys.chunks(CHUNK) {
        let records = explained(backend, attempt::READ, backend.fetch_many(keys).await).await?;
        // The last of the keys that are equal.
        let positions: HashMap<_, _> = keys.iter().zip(found.len()..).collect();
        found.resize(found.len() + keys.len(), None);
        for record in records {
            let position = positions.get(&record.key);
            if let Some(place) = position.and_then(|position| found.get_mut(*position)) {
                *place = Some(record);
            }
        }
        if positions.len() < keys.len() {
            repeat(keys, &positions, &mut found);
        }
    }
    Ok(found)
}

/// Copies the record of a key that was asked for several times to each of its places.
fn repeat(keys: &[ConnectionKey], positions: &HashMap<&ConnectionKey, usize>, found: &mut [Option<Record>]) {
    let start = found.len() - keys.len();
    for (key, position) in keys.iter().zip(start..) {
        let record = positions.get(key).and_then(|last| found.get(*last)).cloned().flatten();
        if let Some(place) = found.get_mut(position) {
            *place = record;
        }
    }
}

pub(crate) async fn apply<B: Backend>(backend: &B, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
    changes.iter().try_for_each(B::check_limits)?;
    let mut applied = Vec::with_capacity(changes.len());
    for changes in changes.chunks(CHUNK) {
        let chunk = backend.apply_chunk(changes).await;
        applied.append(&mut explained(backend, attempt::WRITE, chunk).await?);
    }
    Ok(applied)
}

/// Applies one change in a statement of its own. `execute` returns the number of affected rows.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) async fn apply_one<'a, F>(
    statements: &'a Statements,
    change: &'a Change,
    execute: impl FnOnce(&'a Sql, Vec<Value<'a>>) -> F,
) -> sqlx::Result<Applied>
where
    F: Future<Output = sqlx::Result<u64>>,
{
    Ok(match statements.change(change) {
        Some((sql, values)) => applied(execute(sql, values).await?),
        None => Applied::Stale,
    })
}

/// The result of a change whose statement has affected so many rows.
pub(crate) fn applied(rows: u64) -> Applied {
    if rows == 1 { Applied::Done } else { Applied::Stale }
}

pub(crate) async fn mark<B: Backend>(
    backend: &B,
    keys: &[ConnectionKey],
    at: Timestamp,
) -> Result<Vec<bool>, StoreError> {
    let mut marked = Vec::with_capacity(keys.len());
    for key in keys {
        let version = Version::random().raw();
        let at = || Value::integer(at.as_micros());
        let values = [Value::integer(version), at(), at()].into_iter().chain(Value::key(key)).collect();
        let written = backend.write(&backend.statements().mark, values).await;
        marked.push(explained(backend, attempt::MARK, written).await?);
    }
    Ok(marked)
}

pub(crate) async fn list<B: Backend>(backend: &B, owner: &Owner) -> Result<Vec<Record>, StoreError> {
    let values = vec![Value::bytes(owner.id()), Value::bytes(owner.kind()), Value::Bytes(owner.scope())];
    let rows = backend.fetch(&backend.statements().list, values, Some(owner)).await;
    let mut rows = explained(backend, attempt::READ, rows).await?;
    rows.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    Ok(rows)
}

pub(crate) async fn page<B: Backend>(
    backend: &B,
    after: Option<&ConnectionKey>,
    limit: usize,
) -> Result<Vec<Record>, StoreError> {
    let statements = backend.statements();
    let (sql, mut values) = match after {
        None => (&statements.first_page, Vec::new()),
        Some(key) => (&statements.next_page, B::cursor(key)),
    };
    values.push(Value::limit(limit));
    explained(backend, attempt::READ, backend.scan(sql, values).await).await
}

pub(crate) async fn pending<B: Backend>(
    backend: &B,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Record>, StoreError> {
    let part = || [Value::integer(now.as_micros()), Value::limit(limit)];
    let values = [part(), part(), part()].into_iter().flatten().chain([Value::limit(limit)]);
    let rows = backend.scan(&backend.statements().pending, values.collect()).await;
    explained(backend, attempt::READ, rows).await
}

pub(crate) async fn acquire<B: Backend>(
    backend: &B,
    name: &str,
    holder: &str,
    span: Duration,
) -> Result<bool, StoreError> {
    let (name, holder) = (|| Value::bytes(name), || Value::bytes(holder));
    // Half, so that the database can add its clock.
    let span = || Value::integer(i64::try_from(span.as_micros()).unwrap_or(i64::MAX / 2));
    let Statements { prolong, take, .. } = backend.statements();
    if let Some(prolong) = prolong {
        let prolonged = backend.write(prolong, vec![holder(), span(), name(), holder()]).await;
        if explained(backend, attempt::TAKE, prolonged).await? {
            return Ok(true);
        }
    }
    let taken = backend.write(take, vec![name(), holder(), span()]).await;
    explained(backend, attempt::TAKE, taken).await
}

pub(crate) async fn release<B: Backend>(backend: &B, name: &str, holder: &str) -> Result<(), StoreError> {
    let values = vec![Value::bytes(name), Value::bytes(holder)];
    let released = backend.write(&backend.statements().release, values).await;
    explained(backend, attempt::RELEASE, released).await?;
    Ok(())
}

pub(crate) async fn explained<B, T, E>(
    backend: &B,
    attempt: &'static str,
    result: Result<T, E>,
) -> Result<T, StoreError>
where
    B: Backend,
    E: Borrow<sqlx::Error> + Into<BoxError>,
{
    match result {
        Ok(value) => Ok(value),
        Err(error) => {
            backend.record_failure();
            Err(explain(attempt, backend.pool(), error).await)
        }
    }
}

/// Implements `ConnectionStore`, `Lease` and `Debug` for a [`Backend`](super::backend::Backend).
///
/// A macro of one call per method: these traits cannot be implemented for every `Backend` at once,
/// since they belong to another crate.
macro_rules! connection_store {
    ($Store:ident) => {
        const _: () = {
            use nango_core::{
                Applied, Change, ConnectionKey, ConnectionStore, Lease, Owner, Record, StoreError, Timestamp,
                async_trait,
            };

            use $crate::shared::{check, operations};

            #[async_trait]
            impl ConnectionStore for $Store {
                async fn get(&self, keys: &[ConnectionKey]) -> Result<Vec<Option<Record>>, StoreError> {
                    operations::get(self, keys).await
                }

                async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
                    operations::apply(self, changes).await
                }

                async fn mark(&self, keys: &[ConnectionKey], at: Timestamp) -> Result<Vec<bool>, StoreError> {
                    operations::mark(self, keys, at).await
                }

                async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
                    operations::list(self, owner).await
                }

                async fn page(
                    &self,
                    after: Option<&ConnectionKey>,
                    limit: usize,
                ) -> Result<Vec<Record>, StoreError> {
                    operations::page(self, after, limit).await
                }

                async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
                    operations::pending(self, now, limit).await
                }

                fn lease(&self) -> Option<&dyn Lease> {
                    Some(self)
                }

                async fn check(&self) -> Result<(), StoreError> {
                    check::check(self).await
                }
            }

            #[async_trait]
            impl Lease for $Store {
                async fn acquire(
                    &self,
                    name: &str,
                    holder: &str,
                    span: std::time::Duration,
                ) -> Result<bool, StoreError> {
                    operations::acquire(self, name, holder, span).await
                }

                async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
                    operations::release(self, name, holder).await
                }
            }

            impl std::fmt::Debug for $Store {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    // Not the pool: it prints the database's address and user.
                    f.debug_struct(stringify!($Store)).finish_non_exhaustive()
                }
            }
        };
    };
}

pub(crate) use connection_store;
