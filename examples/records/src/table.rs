//! The database: rows and positions.

use nango_client::{Comparison, ConnectionKey, Cursor, Record, RecordData, Timestamp};
use serde::Deserialize;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};

use crate::BoxError;

/// The model of the sync.
pub const MODEL: &str = "Issue";
/// The variant that every sync has.
pub const BASE: &str = "base";

/// An issue as the sync saves it.
#[derive(Deserialize)]
pub struct Issue {
    title: String,
    state: String,
}

/// A model of a connection, in one variant of its sync.
pub struct Mirror {
    pub id: i64,
    pub key: ConnectionKey,
    pub variant: String,
    pub cursor: Option<Cursor>,
    pub version: i64,
    read_at: Option<i64>,
    compare_at: i64,
}

impl Mirror {
    pub fn is_to_be_compared(&self) -> bool {
        self.compare_at <= now()
    }
}

#[derive(Clone)]
pub struct Table {
    pool: SqlitePool,
}

const ASK: &str = "INSERT INTO mirrors (integration, connection_id, model, variant, read_at, compare_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO UPDATE SET read_at = excluded.read_at, \
     compare_at = CASE WHEN ?6 THEN excluded.compare_at ELSE compare_at END";

// A state that was stored before, or a newer one, changes nothing.
const PUT: &str = "INSERT INTO issues (mirror, id, title, state, modified_at, deleted) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET title = excluded.title, state = excluded.state, \
     modified_at = excluded.modified_at, deleted = excluded.deleted, revision = revision + 1 \
     WHERE excluded.modified_at > modified_at";

impl Table {
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        let options: SqliteConnectOptions = url.parse()?;
        let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
        let pool = SqlitePool::connect_with(options).await?;
        sqlx::raw_sql(include_str!("../migrations/1_issues.sql")).execute(&pool).await?;
        Ok(Self { pool })
    }

    /// Asks for a model of a connection to be read, and to be compared. One that is new is always compared.
    pub async fn ask(&self, key: &ConnectionKey, variant: &str, compare: bool) -> Result<(), sqlx::Error> {
        let query = sqlx::query(ASK).bind(key.integration()).bind(key.connection_id()).bind(MODEL);
        query.bind(variant).bind(now()).bind(compare).execute(&self.pool).await.map(drop)
    }

    /// Asks for everything to be read.
    pub async fn ask_for_all(&self) -> Result<(), sqlx::Error> {
        let query = sqlx::query("UPDATE mirrors SET read_at = ?1 WHERE read_at IS NULL");
        query.bind(now()).execute(&self.pool).await.map(drop)
    }

    /// Returns what is to be read or compared now.
    pub async fn due(&self) -> Result<Vec<Mirror>, sqlx::Error> {
        let due = sqlx::query_as(
            "SELECT id, integration, connection_id, variant, cursor, version, read_at, compare_at FROM mirrors \
             WHERE model = ?1 AND (read_at <= ?2 OR compare_at <= ?2) ORDER BY id",
        );
        let rows = due.bind(MODEL).bind(now()).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(mirror).collect())
    }

    /// Stores records and the position after them, in one transaction. Returns the number of rows that this
    /// has changed.
    pub async fn store(
        &self,
        mirror: &mut Mirror,
        records: impl IntoIterator<Item = Record<Issue>>,
        position: Option<&Cursor>,
    ) -> Result<u64, BoxError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        advance(&mut transaction, mirror, position).await?;
        let mut changed = 0;
        for record in records {
            let (issue, deleted) = match record.data {
                RecordData::Present(issue) => (Some(issue), false),
                // The last data may be there; there is no use for it here.
                RecordData::Deleted(_) => (None, true),
                // Only Nango has dropped the data.
                RecordData::Pruned => continue,
                RecordData::Unreadable(row) => {
                    tracing::warn!("left out an issue of another shape: {row:?}");
                    continue;
                }
            };
            let (title, state) = issue.map(|issue| (issue.title, issue.state)).unzip();
            let put = sqlx::query(PUT).bind(mirror.id).bind(record.id).bind(title).bind(state);
            let put = put.bind(record.metadata.last_modified_at.as_micros()).bind(deleted);
            changed += put.execute(&mut *transaction).await?.rows_affected();
        }
        transaction.commit().await?;
        mirror.version += 1;
        Ok(changed)
    }

    /// Deletes the rows whose records are gone. Returns their number.
    ///
    /// The comparison is done with, unless another one was asked for since it began.
    pub async fn delete_gone(
        &self,
        mirror: &mut Mirror,
        comparison: &Comparison,
        next_at: Timestamp,
    ) -> Result<usize, BoxError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        advance(&mut transaction, mirror, comparison.position()).await?;
        let rows = sqlx::query_as("SELECT id, modified_at FROM issues WHERE mirror = ?1").bind(mirror.id);
        let rows: Vec<(String, i64)> = rows.fetch_all(&mut *transaction).await?;
        let mut gone = 0;
        for (id, modified_at) in rows {
            if Timestamp::from_micros(modified_at).is_some_and(|at| comparison.is_gone(&id, at)) {
                let delete = sqlx::query("DELETE FROM issues WHERE mirror = ?1 AND id = ?2");
                delete.bind(mirror.id).bind(id).execute(&mut *transaction).await?;
                gone += 1;
            }
        }
        let done = sqlx::query("UPDATE mirrors SET compare_at = ?1 WHERE id = ?2 AND compare_at = ?3");
        let done = done.bind(next_at.as_micros()).bind(mirror.id).bind(mirror.compare_at);
        done.execute(&mut *transaction).await?;
        transaction.commit().await?;
        mirror.version += 1;
        mirror.cursor = comparison.position().cloned().or(mirror.cursor.take());
        Ok(gone)
    }

    /// Notes that all was read, unless it was asked for again since then.
    pub async fn read_done(&self, mirror: &Mirror) -> Result<(), sqlx::Error> {
        let done = sqlx::query("UPDATE mirrors SET read_at = NULL WHERE id = ?1 AND read_at = ?2");
        done.bind(mirror.id).bind(mirror.read_at).execute(&self.pool).await.map(drop)
    }

    /// Puts off what could not be done.
    pub async fn put_off(&self, mirror: &Mirror, until: Timestamp) -> Result<(), sqlx::Error> {
        let later =
            "UPDATE mirrors SET read_at = max(read_at, ?1), compare_at = max(compare_at, ?1) WHERE id = ?2";
        sqlx::query(later).bind(until.as_micros()).bind(mirror.id).execute(&self.pool).await.map(drop)
    }

    /// Forgets a position that Nango cannot read. The comparison finds another.
    pub async fn forget_position(&self, mirror: &Mirror) -> Result<(), sqlx::Error> {
        let forget = sqlx::query("UPDATE mirrors SET cursor = NULL, compare_at = ?1 WHERE id = ?2");
        forget.bind(now()).bind(mirror.id).execute(&self.pool).await.map(drop)
    }

    /// Removes a mirror with its rows.
    pub async fn remove(&self, mirror: &Mirror) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM mirrors WHERE id = ?1").bind(mirror.id).execute(&self.pool).await.map(drop)
    }
}

/// Moves the position, unless it was moved since the mirror was read: so all pages are stored in the order in
/// which Nango returned them.
async fn advance(
    connection: &mut sqlx::SqliteConnection,
    mirror: &Mirror,
    position: Option<&Cursor>,
) -> Result<(), BoxError> {
    let query = sqlx::query(
        "UPDATE mirrors SET cursor = coalesce(?1, cursor), version = version + 1 WHERE id = ?2 AND version = ?3",
    );
    let query = query.bind(position.map(Cursor::as_str)).bind(mirror.id).bind(mirror.version);
    match query.execute(connection).await?.rows_affected() {
        1 => Ok(()),
        _ => Err("another worker has stored records of it meanwhile".into()),
    }
}

type Row = (i64, String, String, String, Option<String>, i64, Option<i64>, i64);

fn mirror(row: Row) -> Mirror {
    let (id, integration, connection_id, variant, cursor, version, read_at, compare_at) = row;
    let key = ConnectionKey::new(integration, connection_id);
    Mirror { id, key, variant, cursor: cursor.map(Cursor::from), version, read_at, compare_at }
}

fn now() -> i64 {
    Timestamp::now().as_micros()
}
