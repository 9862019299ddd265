//! Rows in a database, by hand: one table, one statement for each write, each in a transaction of its own.

use std::str::FromStr as _;

use sqlx::postgres::{PgPool, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ColumnIndex, Decode, Type};
use uuid::Uuid;

use super::row::Row;
use crate::outcome::Outcome;

const UPSERT: &str = "INSERT INTO floor_connections \
     (handle, integration, connection_id, owner, provider, health, health_since, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (integration, connection_id) DO UPDATE SET \
     owner = excluded.owner, provider = excluded.provider, health = excluded.health, \
     health_since = excluded.health_since, created_at = excluded.created_at";

const LIST: &str = "SELECT handle, integration, provider, health, health_since, created_at \
     FROM floor_connections WHERE owner = $1 ORDER BY integration, connection_id";

const FIND: &str = "SELECT connection_id FROM floor_connections WHERE owner = $1 AND integration = $2";

/// Returns the statements that create the table, with a row for each of the table of the workspace's own store.
pub(crate) fn copy_of_ours() -> [&'static str; 3] {
    [
        "CREATE TABLE floor_connections (handle TEXT NOT NULL, integration TEXT NOT NULL, \
         connection_id TEXT NOT NULL, owner TEXT NOT NULL, provider TEXT NOT NULL, health TEXT NOT NULL, \
         health_since TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY (integration, connection_id))",
        "INSERT INTO floor_connections SELECT connection_id, integration, connection_id, owner_id, integration, \
         'healthy', '2026-11-24T10:00:00Z', '2026-11-24T10:00:00Z' FROM nango_connections",
        "CREATE INDEX floor_connections_owner ON floor_connections (owner)",
    ]
}

pub(super) struct Postgres(PgPool);

impl Postgres {
    pub(super) async fn connect(url: &str) -> Outcome<Self> {
        Ok(Self(PgPool::connect(url).await?))
    }

    pub(super) async fn upsert(&self, owner: &str, connection_id: &str, row: &Row) -> Outcome<()> {
        let statement = sqlx::query(UPSERT)
            .bind(Uuid::new_v4().simple().to_string())
            .bind(&row.integration)
            .bind(connection_id)
            .bind(owner)
            .bind(&row.provider)
            .bind(&row.health)
            .bind(&row.health_since)
            .bind(&row.created_at);
        statement.execute(&self.0).await?;
        Ok(())
    }

    pub(super) async fn list(&self, owner: &str) -> Outcome<Vec<Row>> {
        let rows = sqlx::query(LIST).bind(owner).fetch_all(&self.0).await?;
        Ok(rows.iter().map(read::<PgRow>).collect::<sqlx::Result<_>>()?)
    }

    pub(super) async fn connection_id(&self, owner: &str, integration: &str) -> Outcome<Option<String>> {
        Ok(sqlx::query_scalar(FIND).bind(owner).bind(integration).fetch_optional(&self.0).await?)
    }
}

pub(super) struct Sqlite {
    readers: SqlitePool,
    /// One connection: SQLite has one writer at a time, and waiters for its lock would poll it.
    writer: SqlitePool,
}

impl Sqlite {
    /// With the durability of the workspace's own store.
    pub(super) async fn connect(url: &str) -> Outcome<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        Ok(Self { readers: SqlitePool::connect_with(options).await?, writer })
    }

    pub(super) async fn upsert(&self, owner: &str, connection_id: &str, row: &Row) -> Outcome<()> {
        let statement = sqlx::query(UPSERT)
            .bind(Uuid::new_v4().simple().to_string())
            .bind(&row.integration)
            .bind(connection_id)
            .bind(owner)
            .bind(&row.provider)
            .bind(&row.health)
            .bind(&row.health_since)
            .bind(&row.created_at);
        statement.execute(&self.writer).await?;
        Ok(())
    }

    pub(super) async fn list(&self, owner: &str) -> Outcome<Vec<Row>> {
        let rows = sqlx::query(LIST).bind(owner).fetch_all(&self.readers).await?;
        Ok(rows.iter().map(read::<SqliteRow>).collect::<sqlx::Result<_>>()?)
    }

    pub(super) async fn connection_id(&self, owner: &str, integration: &str) -> Outcome<Option<String>> {
        Ok(sqlx::query_scalar(FIND).bind(owner).bind(integration).fetch_optional(&self.readers).await?)
    }
}

fn read<R>(row: &R) -> sqlx::Result<Row>
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
{
    Ok(Row {
        handle: row.try_get(0)?,
        integration: row.try_get(1)?,
        provider: row.try_get(2)?,
        health: row.try_get(3)?,
        health_since: row.try_get(4)?,
        created_at: row.try_get(5)?,
    })
}
