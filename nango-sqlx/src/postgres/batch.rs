//! Statements on many rows, through `unnest`.

use nango_core::{Applied, Change, ConnectionKey, Owner, Record, Timestamp};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::session::Session;
use crate::shared::batch::{Batch, Entry};
use crate::shared::{Sql, Tables};

#[derive(Clone)]
pub(super) struct BatchStatements {
    get: Sql,
    apply: Sql,
}

impl BatchStatements {
    pub(super) fn new(tables: &Tables) -> Self {
        Self {
            get: tables.sql(
                "SELECT {columns} FROM unnest($1::TEXT[], $2::TEXT[]) AS k (key_integration, key_connection_id) \
                 JOIN {prefix}connections ON integration = key_integration AND connection_id = key_connection_id",
            ),
            // Rows are locked in the order of their keys before any is written: transactions that
            // lock in one order do not deadlock. Each part returns the marker versions of the
            // changes that it has applied.
            apply: tables.sql(
                "WITH wanted AS ( \
                   SELECT * FROM unnest($1::TEXT[], $2::TEXT[], $3::BIGINT[], $4::BIGINT[], $5::TEXT[], $6::TEXT[], \
                   $7::TEXT[], $8::BOOLEAN[], $9::BOOLEAN[], $10::BIGINT[], $11::TEXT[]) \
                   AS w (integration, connection_id, expected, version, owner_kind, owner_id, owner_scope, removed, \
                   announced, look_again_at, details) \
                 ), locked AS ( \
                   SELECT w.* FROM {prefix}connections AS c JOIN wanted AS w \
                   ON c.integration = w.integration AND c.connection_id = w.connection_id AND c.version = w.expected \
                   ORDER BY c.integration, c.connection_id FOR UPDATE OF c \
                 ), updated AS ( \
                   UPDATE {prefix}connections AS c SET version = l.version, owner_kind = l.owner_kind, \
                   owner_id = l.owner_id, owner_scope = l.owner_scope, removed = l.removed, \
                   announced = l.announced, look_again_at = l.look_again_at, details = l.details \
                   FROM locked AS l WHERE c.integration = l.integration AND c.connection_id = l.connection_id \
                   AND c.version = l.expected AND l.version IS NOT NULL RETURNING c.version \
                 ), erased AS ( \
                   DELETE FROM {prefix}connections AS c USING locked AS l \
                   WHERE c.integration = l.integration AND c.connection_id = l.connection_id \
                   AND c.version = l.expected AND l.version IS NULL RETURNING c.version \
                 ), inserted AS ( \
                   INSERT INTO {prefix}connections ({columns}) SELECT {columns} FROM wanted \
                   WHERE expected IS NULL ORDER BY integration COLLATE \"C\", connection_id COLLATE \"C\" \
                   ON CONFLICT DO NOTHING RETURNING version \
                 ) \
                 SELECT version FROM updated UNION ALL SELECT version FROM erased UNION ALL \
                 SELECT version FROM inserted",
            ),
        }
    }

    pub(super) async fn get(&self, session: &Session, keys: &[ConnectionKey]) -> sqlx::Result<Vec<PgRow>> {
        let integrations: Vec<_> = keys.iter().map(ConnectionKey::integration).collect();
        let connection_ids: Vec<_> = keys.iter().map(ConnectionKey::connection_id).collect();
        session.fetch_all(sqlx::query(self.get.text()).bind(integrations).bind(connection_ids)).await
    }

    pub(super) async fn apply(&self, session: &Session, changes: &[Change]) -> sqlx::Result<Vec<Applied>> {
        let batch = Batch::new(changes);
        let all = || batch.erasures.iter().chain(&batch.updates).chain(&batch.inserts);
        let statement = sqlx::query(self.apply.text())
            .bind(all().map(|entry| entry.key.integration()).collect::<Vec<_>>())
            .bind(all().map(|entry| entry.key.connection_id()).collect::<Vec<_>>())
            .bind(all().map(|entry| entry.expected).collect::<Vec<_>>())
            .bind(column(all(), |next| Some(next.version.raw())))
            .bind(column(all(), |next| next.owner.as_ref().map(Owner::kind)))
            .bind(column(all(), |next| next.owner.as_ref().map(Owner::id)))
            .bind(column(all(), |next| next.owner.as_ref().and_then(Owner::scope)))
            .bind(column(all(), |next| Some(next.removed)))
            .bind(column(all(), |next| Some(next.announced)))
            .bind(column(all(), |next| next.look_again_at.map(Timestamp::as_micros)))
            .bind(column(all(), |next| Some(next.details.to_json())));
        let rows = session.fetch_all(statement).await?;
        let done = rows.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<Vec<i64>>>()?;
        Ok(batch.results(changes.len(), done))
    }
}

/// One column of all entries. Every array needs an element per entry, also for an erasure, which
/// has no columns.
fn column<'a, T>(
    entries: impl Iterator<Item = &'a Entry<'a>>,
    value: impl Fn(&'a Record) -> Option<T>,
) -> Vec<Option<T>> {
    entries.map(|entry| entry.next.and_then(&value)).collect()
}
