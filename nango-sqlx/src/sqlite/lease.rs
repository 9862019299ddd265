//! Leases, on the clock of the machine that has the file.

use std::time::Duration;

use nango_core::{Lease, StoreError, async_trait};

use super::SqliteStore;
use crate::dialect::Dialect;
use crate::error::store_error;
use crate::statements::Sql;

pub(super) struct LeaseStatements {
    acquire: Sql,
    release: Sql,
}

impl LeaseStatements {
    pub(super) fn new(prefix: &str) -> Self {
        let sql = |template| Sql::new(Dialect::Sqlite, prefix, template);
        Self {
            acquire: sql("INSERT INTO {prefix}leases (name, holder, ends_at) \
                 VALUES ($1, $2, CAST(unixepoch('subsec') * 1000000 AS INTEGER) + $3) \
                 ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at \
                 WHERE {prefix}leases.holder = excluded.holder \
                 OR {prefix}leases.ends_at <= CAST(unixepoch('subsec') * 1000000 AS INTEGER)"),
            release: sql("DELETE FROM {prefix}leases WHERE name = $1 AND holder = $2"),
        }
    }
}

#[async_trait]
impl Lease for SqliteStore {
    async fn acquire(&self, name: &str, holder: &str, span: Duration) -> Result<bool, StoreError> {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX / 2);
        let _turn = self.writer.lock().await;
        let done = sqlx::query(self.lease.acquire.text())
            .bind(name)
            .bind(holder)
            .bind(micros)
            .execute(&self.pool)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let _turn = self.writer.lock().await;
        sqlx::query(self.lease.release.text())
            .bind(name)
            .bind(holder)
            .execute(&self.pool)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
