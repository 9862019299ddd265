//! Many rows with one statement, through `unnest`.

use nango_core::{Applied, Change, ConnectionRef};
use sqlx::postgres::PgRow;

use super::PostgresStore;
use crate::shared::{Batch, Columns, Dialect, Entry, Sql};

pub(super) struct BatchStatements {
    get: Sql,
    apply: Sql,
}

impl BatchStatements {
    pub(super) fn new(prefix: &str) -> Self {
        let sql = |template| Sql::new(Dialect::Postgres, prefix, template);
        Self {
            get: sql(
                "SELECT {columns} FROM unnest($1::TEXT[], $2::TEXT[]) AS k (key_integration, key_connection_id) \
                 JOIN {prefix}connections ON integration = key_integration AND connection_id = key_connection_id",
            ),
            // Rows are locked in the order of their keys before any is written: transactions that lock in one order
            // never wait for each other in a circle. Each part returns the version that tells its change.
            apply: sql("WITH wanted AS ( \
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
                 SELECT version FROM inserted"),
        }
    }
}

impl PostgresStore {
    pub(super) async fn get_many(&self, keys: &[ConnectionRef]) -> Result<Vec<PgRow>, sqlx::Error> {
        let integrations: Vec<_> = keys.iter().map(ConnectionRef::integration).collect();
        let connection_ids: Vec<_> = keys.iter().map(ConnectionRef::connection_id).collect();
        sqlx::query(self.batch.get.text()).bind(integrations).bind(connection_ids).fetch_all(&self.pool).await
    }

    pub(super) async fn apply_many(&self, changes: &[Change]) -> Result<Vec<Applied>, sqlx::Error> {
        let batch = Batch::new(changes);
        let all = || batch.erasures.iter().chain(&batch.updates).chain(&batch.inserts);
        // One array for each column; where a change has no next row, it has no such column.
        fn column<'a, T>(
            entries: impl Iterator<Item = &'a Entry<'a>>,
            of: impl Fn(&'a Columns<'a>) -> Option<T>,
        ) -> Vec<Option<T>> {
            entries.map(|entry| entry.next.as_ref().and_then(&of)).collect()
        }
        let done = sqlx::query_scalar(self.batch.apply.text())
            .bind(all().map(|entry| entry.key.integration()).collect::<Vec<_>>())
            .bind(all().map(|entry| entry.key.connection_id()).collect::<Vec<_>>())
            .bind(all().map(|entry| entry.expected).collect::<Vec<_>>())
            .bind(column(all(), |next| Some(next.version)))
            .bind(column(all(), |next| next.owner_kind))
            .bind(column(all(), |next| next.owner_id))
            .bind(column(all(), |next| next.owner_scope))
            .bind(column(all(), |next| Some(next.removed)))
            .bind(column(all(), |next| Some(next.announced)))
            .bind(column(all(), |next| next.look_again_at))
            .bind(column(all(), |next| Some(next.details.as_str())))
            .fetch_all(&self.pool)
            .await?;
        Ok(batch.results(changes.len(), done))
    }
}
