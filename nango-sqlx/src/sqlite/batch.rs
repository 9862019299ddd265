//! Many rows at once.

use nango_core::{Applied, Change, ConnectionRef};
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use crate::shared::{Dialect, Sql, applied, json_keys};

pub(super) struct BatchStatements {
    get: Sql,
}

impl BatchStatements {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            // CROSS JOIN: for each key one lookup, and never the other way around.
            get: Sql::new(
                Dialect::Sqlite,
                prefix,
                "SELECT {columns} FROM json_each($1) AS k CROSS JOIN {prefix}connections \
                 WHERE integration = k.value ->> 0 AND connection_id = k.value ->> 1",
            ),
        }
    }
}

impl SqliteStore {
    pub(super) async fn get_many(&self, keys: &[ConnectionRef]) -> Result<Vec<SqliteRow>, sqlx::Error> {
        sqlx::query(self.batch.get.text()).bind(json_keys(keys)).fetch_all(&self.pool).await
    }

    /// One transaction, which spares a wait for the disk with every change. Within it a statement is a call into the same
    /// process: taking rows out of one long JSON text measured slower.
    pub(super) async fn apply_many(&self, changes: &[Change]) -> Result<Vec<Applied>, sqlx::Error> {
        let _turn = self.turn().await?;
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let mut done = Vec::with_capacity(changes.len());
        for change in changes {
            let rows = match self.statement(change) {
                Some(statement) => statement.execute(&mut *transaction).await?.rows_affected(),
                None => 0,
            };
            done.push(applied(rows));
        }
        transaction.commit().await?;
        Ok(done)
    }
}
