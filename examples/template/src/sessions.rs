//! Sessions of browsers in PostgreSQL, for tower-sessions.
//!
//! `tower-sessions-sqlx-store` does the same on another version of sqlx, which would be a second driver.

use nango_core::async_trait;
use sqlx::PgPool;
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// A store of sessions in the table `sessions`.
#[derive(Debug, Clone)]
pub(crate) struct PostgresSessions(pub(crate) PgPool);

#[async_trait]
impl SessionStore for PostgresSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // Logins are rare enough to clean up at each of them.
        let ended = sqlx::query("DELETE FROM sessions WHERE expires <= $1").bind(now());
        ended.execute(&self.0).await.map_err(backend)?;
        loop {
            let insert =
                "INSERT INTO sessions (id, data, expires) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
            let inserted = self.write(insert, record).await?;
            if inserted > 0 {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let upsert = "INSERT INTO sessions (id, data, expires) VALUES ($1, $2, $3) \
                      ON CONFLICT (id) DO UPDATE SET data = EXCLUDED.data, expires = EXCLUDED.expires";
        self.write(upsert, record).await?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let select = sqlx::query_as("SELECT data, expires FROM sessions WHERE id = $1 AND expires > $2");
        let row: Option<(String, i64)> =
            select.bind(id.to_string()).bind(now()).fetch_optional(&self.0).await.map_err(backend)?;
        let Some((data, expires)) = row else { return Ok(None) };
        let data = serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date =
            OffsetDateTime::from_unix_timestamp(expires).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let delete = sqlx::query("DELETE FROM sessions WHERE id = $1").bind(id.to_string());
        delete.execute(&self.0).await.map_err(backend)?;
        Ok(())
    }
}

impl PostgresSessions {
    async fn write(&self, statement: &'static str, record: &Record) -> Result<u64> {
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let statement = sqlx::query(statement).bind(record.id.to_string()).bind(data);
        let written = statement.bind(record.expiry_date.unix_timestamp()).execute(&self.0).await;
        Ok(written.map_err(backend)?.rows_affected())
    }
}

fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
fn backend(error: sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}
