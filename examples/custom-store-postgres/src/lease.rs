//! Leases, on the clock of the database.

use std::time::Duration;

use nango_core::{Lease, StoreError, async_trait};

use crate::errors::store_error;
use crate::store::Connections;

const ACQUIRE: &str = "INSERT INTO connection_leases AS l (name, holder, ends_at) \
     VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3)) \
     ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, ends_at = EXCLUDED.ends_at \
     WHERE l.holder = EXCLUDED.holder OR l.ends_at <= clock_timestamp()";

#[async_trait]
impl Lease for Connections {
    async fn acquire(&self, name: &str, holder: &str, span: Duration) -> Result<bool, StoreError> {
        let acquire = sqlx::query(ACQUIRE).bind(name).bind(holder).bind(span.as_secs_f64());
        Ok(acquire.execute(&self.pool).await.map_err(store_error)?.rows_affected() == 1)
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let release = sqlx::query("DELETE FROM connection_leases WHERE name = $1 AND holder = $2");
        release.bind(name).bind(holder).execute(&self.pool).await.map_err(store_error)?;
        Ok(())
    }
}
