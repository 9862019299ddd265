//! The operations of a store, on any database.

use std::collections::HashMap;
use std::time::Duration;

use nango_core::{Applied, Change, ConnectionKey, Owner, Record, StoreError, Timestamp};

use super::backend::Backend;
use super::sql::Sql;
use super::value::Value;

/// Rows in one statement: enough to be worth its round trip, few enough for every server's longest
/// packet. Four times as many measured no faster on PostgreSQL.
pub(crate) const CHUNK: usize = 1000;

pub(crate) async fn get<B: Backend>(
    backend: &B,
    keys: &[ConnectionKey],
) -> Result<Vec<Option<Record>>, StoreError> {
    if let [key] = keys {
        let mut found = fetch(backend, &backend.statements().get, Value::key(key).into()).await?;
        return Ok(vec![found.pop()]);
    }
    let mut found = Vec::with_capacity(keys.len());
    for keys in keys.chunks(CHUNK) {
        let records = backend.fetch_many(keys).await.map_err(B::store_error)?;
        let records: HashMap<_, _> = records.into_iter().map(|record| (record.key.clone(), record)).collect();
        // Cloned, not taken out: a key may be asked for twice.
        found.extend(keys.iter().map(|key| records.get(key).cloned()));
    }
    Ok(found)
}

pub(crate) async fn apply<B: Backend>(backend: &B, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
    changes.iter().try_for_each(B::check_limits)?;
    let mut applied = Vec::with_capacity(changes.len());
    for changes in changes.chunks(CHUNK) {
        applied.append(&mut backend.apply_chunk(changes).await?);
    }
    Ok(applied)
}

/// Applies one change in a statement of its own.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) async fn apply_one(backend: &impl Backend, change: &Change) -> sqlx::Result<Applied> {
    Ok(match backend.statements().change(change) {
        Some((sql, values)) => applied(backend.execute(sql, values).await?),
        None => Applied::Stale,
    })
}

/// The result of a change whose statement has affected so many rows.
pub(crate) fn applied(rows: u64) -> Applied {
    if rows == 1 { Applied::Done } else { Applied::Stale }
}

pub(crate) async fn list(backend: &impl Backend, owner: &Owner) -> Result<Vec<Record>, StoreError> {
    let values = vec![Value::bytes(owner.id()), Value::bytes(owner.kind()), Value::Bytes(owner.scope())];
    fetch(backend, &backend.statements().list, values).await
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
    fetch(backend, sql, values).await
}

pub(crate) async fn pending(
    backend: &impl Backend,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Record>, StoreError> {
    let part = || [Value::integer(now.as_micros()), Value::limit(limit)];
    let values = [part(), part(), part()].into_iter().flatten().chain([Value::limit(limit)]);
    fetch(backend, &backend.statements().pending, values.collect()).await
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
    let (prolong, take) = (&backend.statements().prolong, &backend.statements().take);
    let prolonged = backend.execute(prolong, vec![holder(), span(), name(), holder()]).await;
    if prolonged.map_err(B::store_error)? == 1 {
        return Ok(true);
    }
    let taken = backend.execute(take, vec![name(), holder(), span()]).await;
    Ok(taken.map_err(B::store_error)? == 1)
}

pub(crate) async fn release<B: Backend>(backend: &B, name: &str, holder: &str) -> Result<(), StoreError> {
    let values = vec![Value::bytes(name), Value::bytes(holder)];
    backend.execute(&backend.statements().release, values).await.map_err(B::store_error)?;
    Ok(())
}

async fn fetch<B: Backend>(
    backend: &B,
    sql: &Sql,
    values: Vec<Value<'_>>,
) -> Result<Vec<Record>, StoreError> {
    backend.fetch(sql, values).await.map_err(B::store_error)
}
