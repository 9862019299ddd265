//! Many keys at once.

use nango_core::ConnectionRef;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use crate::shared::{Dialect, Sql, json_keys};

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
}
