//! Many rows with few statements, through `json_each`.

use nango_core::{Applied, Change, ConnectionRef};
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::SqliteStore;
use crate::shared::{Batch, Dialect, Entry, Sql, json, json_keys};

pub(super) struct BatchStatements {
    get: Sql,
    insert: Sql,
    update: Sql,
    erase: Sql,
}

impl BatchStatements {
    pub(super) fn new(prefix: &str) -> Self {
        let sql = |template| Sql::new(Dialect::Sqlite, prefix, template);
        Self {
            // CROSS JOIN: for each key one lookup, and never the other way around.
            get: sql("SELECT {columns} FROM json_each($1) AS k CROSS JOIN {prefix}connections \
                 WHERE integration = k.value ->> 0 AND connection_id = k.value ->> 1"),
            insert: sql("INSERT INTO {prefix}connections ({columns}) \
                 SELECT value ->> 0, value ->> 1, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, \
                 value ->> 8, value ->> 9, value ->> 10 \
                 FROM json_each($1) WHERE TRUE ON CONFLICT DO NOTHING RETURNING version"),
            update: sql(
                "UPDATE {prefix}connections AS c SET version = n.value ->> 3, owner_kind = n.value ->> 4, \
                 owner_id = n.value ->> 5, owner_scope = n.value ->> 6, removed = n.value ->> 7, \
                 announced = n.value ->> 8, look_again_at = n.value ->> 9, details = n.value ->> 10 \
                 FROM json_each($1) AS n WHERE c.integration = n.value ->> 0 AND c.connection_id = n.value ->> 1 \
                 AND c.version = n.value ->> 2 RETURNING version",
            ),
            erase: sql("DELETE FROM {prefix}connections WHERE (integration, connection_id, version) IN \
                 (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1)) RETURNING version"),
        }
    }
}

impl SqliteStore {
    pub(super) async fn get_many(&self, keys: &[ConnectionRef]) -> Result<Vec<SqliteRow>, sqlx::Error> {
        sqlx::query(self.batch.get.text()).bind(json_keys(keys)?).fetch_all(&self.pool).await
    }

    /// One transaction, which spares a wait for the disk with every change.
    pub(super) async fn apply_many(&self, changes: &[Change]) -> Result<Vec<Applied>, sqlx::Error> {
        let batch = Batch::new(changes);
        let _turn = self.writer.lock().await;
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let mut done = Vec::with_capacity(changes.len());
        for (sql, entries) in [
            (&self.batch.erase, &batch.erasures),
            (&self.batch.update, &batch.updates),
            (&self.batch.insert, &batch.inserts),
        ] {
            done.append(&mut write(&mut transaction, sql, entries).await?);
        }
        transaction.commit().await?;
        Ok(batch.results(changes.len(), done))
    }
}

/// Gives the versions that tell the changes which were done.
async fn write(
    connection: &mut SqliteConnection,
    sql: &Sql,
    entries: &[Entry<'_>],
) -> Result<Vec<i64>, sqlx::Error> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_scalar(sql.text()).bind(json(entries)?).fetch_all(connection).await
}
