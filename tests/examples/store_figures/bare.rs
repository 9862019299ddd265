//! The same statements without a store around them.

use std::str::FromStr;

use nango_core::{Owner, Record, async_trait};
use sqlx::mysql::MySqlPool;
use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};

/// A loop as one would write it by hand.
#[async_trait]
pub(crate) trait Bare: Send + Sync {
    /// Gives what it changed.
    async fn update(&self, before: &Record, after: &Record) -> u64;
    /// One transaction with one statement for each row.
    async fn update_many(&self, rows: &[(Record, Record)]);
    /// The same.
    async fn insert_many(&self, rows: &[Record]);
    async fn list(&self, owner: &Owner) -> usize;
    /// The table and its indexes.
    async fn bytes(&self) -> i64;
    /// The values in it.
    async fn payload(&self) -> i64;
    async fn drop_tables(&self);
}

pub(crate) struct BareSqlite(SqlitePool);

impl BareSqlite {
    pub(crate) async fn new() -> Self {
        let options = SqliteConnectOptions::from_str(super::SQLITE)
            .unwrap()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        Self(SqlitePool::connect_with(options).await.unwrap())
    }
}

pub(crate) struct BarePostgres(PgPool);

impl BarePostgres {
    pub(crate) async fn new(url: &str) -> Self {
        Self(PgPool::connect(url).await.unwrap())
    }
}

pub(crate) struct BareMySql(MySqlPool);

impl BareMySql {
    pub(crate) async fn new(url: &str) -> Self {
        Self(MySqlPool::connect(url).await.unwrap())
    }
}

macro_rules! bare {
    ($Bare:ident, $text:ident, $insert:literal, $update:literal, $list:literal, $bytes:literal, $payload:literal) => {
        #[async_trait]
        impl Bare for $Bare {
            async fn update(&self, before: &Record, after: &Record) -> u64 {
                bare!(@update $update, $text, before, after).execute(&self.0).await.unwrap().rows_affected()
            }

            async fn update_many(&self, rows: &[(Record, Record)]) {
                let mut transaction = self.0.begin().await.unwrap();
                for (before, after) in rows {
                    bare!(@update $update, $text, before, after).execute(&mut *transaction).await.unwrap();
                }
                transaction.commit().await.unwrap();
            }

            async fn insert_many(&self, rows: &[Record]) {
                let mut transaction = self.0.begin().await.unwrap();
                for row in rows {
                    let owner = row.owner.as_ref();
                    let insert = sqlx::query($insert)
                        .bind($text(row.key.integration()))
                        .bind($text(row.key.connection_id()))
                        .bind(row.version.raw())
                        .bind(owner.map(|owner| $text(owner.kind())))
                        .bind(owner.map(|owner| $text(owner.id())))
                        .bind(owner.and_then(Owner::scope).map($text))
                        .bind(row.removed)
                        .bind(row.announced)
                        .bind(row.look_again_at.map(|at| at.as_micros()))
                        .bind(row.details.to_json());
                    insert.execute(&mut *transaction).await.unwrap();
                }
                transaction.commit().await.unwrap();
            }

            async fn list(&self, owner: &Owner) -> usize {
                let query = sqlx::query($list).bind($text(owner.id())).bind($text(owner.kind()));
                query.fetch_all(&self.0).await.unwrap().len()
            }

            async fn bytes(&self) -> i64 {
                sqlx::query_scalar($bytes).fetch_one(&self.0).await.unwrap()
            }

            async fn payload(&self) -> i64 {
                sqlx::query_scalar($payload).fetch_one(&self.0).await.unwrap()
            }

            async fn drop_tables(&self) {
                for table in ["connections", "leases", "migrations"] {
                    let drop = format!("DROP TABLE IF EXISTS {}{table}", super::PREFIX);
                    sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&self.0).await.unwrap();
                }
            }
        }
    };
    (@update $update:literal, $text:ident, $before:ident, $after:ident) => {{
        let owner = $after.owner.as_ref();
        sqlx::query($update)
            .bind($after.version.raw())
            .bind(owner.map(|owner| $text(owner.kind())))
            .bind(owner.map(|owner| $text(owner.id())))
            .bind(owner.and_then(Owner::scope).map($text))
            .bind($after.removed)
            .bind($after.announced)
            .bind($after.look_again_at.map(|at| at.as_micros()))
            .bind($after.details.to_json())
            .bind($text($before.key.integration()))
            .bind($text($before.key.connection_id()))
            .bind($before.version.raw())
    }};
}

bare!(
    BareSqlite,
    str,
    "INSERT INTO figures_connections VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    "UPDATE figures_connections SET version = $1, owner_kind = $2, owner_id = $3, owner_scope = $4, removed = $5, \
     announced = $6, look_again_at = $7, details = $8 \
     WHERE integration = $9 AND connection_id = $10 AND version = $11",
    "SELECT * FROM figures_connections WHERE owner_id = $1 AND owner_kind = $2 AND owner_scope IS NULL \
     AND removed = FALSE ORDER BY integration, connection_id",
    "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "SELECT CAST(SUM(10 + LENGTH(integration) + LENGTH(connection_id) + LENGTH(owner_kind) + LENGTH(owner_id) \
     + LENGTH(details)) AS INTEGER) FROM figures_connections"
);

bare!(
    BarePostgres,
    str,
    "INSERT INTO figures_connections VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    "UPDATE figures_connections SET version = $1, owner_kind = $2, owner_id = $3, owner_scope = $4, removed = $5, \
     announced = $6, look_again_at = $7, details = $8 \
     WHERE integration = $9 AND connection_id = $10 AND version = $11",
    "SELECT * FROM figures_connections WHERE owner_id = $1 AND owner_kind = $2 AND owner_scope IS NULL \
     AND removed = FALSE ORDER BY integration, connection_id",
    "SELECT pg_total_relation_size('figures_connections')",
    "SELECT CAST(SUM(10 + LENGTH(integration) + LENGTH(connection_id) + LENGTH(owner_kind) + LENGTH(owner_id) \
     + LENGTH(details)) AS BIGINT) FROM figures_connections"
);

bare!(
    BareMySql,
    blob,
    "INSERT INTO figures_connections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "UPDATE figures_connections SET version = ?, owner_kind = ?, owner_id = ?, owner_scope = ?, removed = ?, \
     announced = ?, look_again_at = ?, details = ? WHERE integration = ? AND connection_id = ? AND version = ?",
    "SELECT * FROM figures_connections WHERE owner_id = ? AND owner_kind = ? AND owner_scope IS NULL \
     AND removed = FALSE ORDER BY integration, connection_id",
    "SELECT CAST(data_length + index_length AS SIGNED) FROM information_schema.tables \
     WHERE table_schema = DATABASE() AND table_name = 'figures_connections'",
    "SELECT CAST(SUM(10 + LENGTH(integration) + LENGTH(connection_id) + LENGTH(owner_kind) + LENGTH(owner_id) \
     + LENGTH(details)) AS SIGNED) FROM figures_connections"
);

fn str(text: &str) -> &str {
    text
}

fn blob(text: &str) -> &[u8] {
    text.as_bytes()
}
