//! A `ConnectionStore` over the app's own table.

use std::fmt;

use nango_core::{
    Applied, Change, ConnectionKey, ConnectionStore, Details, Lease, Owner, Record, StoreCause, StoreError,
    StoreErrorKind, Timestamp, Version, async_trait,
};
use sqlx::sqlite::SqlitePool;

/// Stores connections in the app's table `connections`, through the app's pool.
///
/// Rows belong to the app and are never deleted. Erasing a record empties the columns that the
/// store has added; `id` and `label` are never written. `user_id` follows the owner, for the app's
/// joins: it is set while the owner is a user and the connection is live, and unchanged while a
/// record has no owner, before and after.
pub struct Connections {
    pool: SqlitePool,
}

impl Connections {
    /// Creates a store. Both schemas have to be applied to the database before the store is used.
    #[must_use]
    pub fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the pool: it prints the database's address.
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

type Row =
    (String, String, i64, Option<String>, Option<String>, Option<String>, bool, bool, Option<i64>, String);

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT provider, nango_id, version, owner_kind, owner_id, owner_scope, removed, announced, \
             look_again_at, details FROM connections WHERE version IS NOT NULL AND ",
            $condition
        )
    };
}

macro_rules! set {
    () => {
        " SET version = ?3, owner_kind = ?4, owner_id = ?5, owner_scope = ?6, removed = ?7, announced = ?8, \
         look_again_at = ?9, details = ?10, user_id = CASE WHEN owner_kind IS NULL AND ?4 IS NULL THEN user_id \
         ELSE (SELECT id FROM users WHERE id = ?5 AND ?4 = 'user' AND NOT ?7) END "
    };
}

// A change is one statement that contains its condition: a compare-and-set without a gap. An
// insertion adopts a row without a version, which is a row of the app or an erased one. An erasure
// is an update that removes the version.
const INSERT: &str = concat!(
    "INSERT INTO connections (provider, nango_id, version, owner_kind, owner_id, owner_scope, removed, announced, \
     look_again_at, details, user_id) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, (SELECT id FROM users WHERE id = ?5 AND ?4 = 'user' AND NOT ?7)) \
     ON CONFLICT (provider, nango_id) DO UPDATE",
    set!(),
    "WHERE connections.version IS ?11"
);
const UPDATE: &str =
    concat!("UPDATE connections", set!(), "WHERE provider = ?1 AND nango_id = ?2 AND version = ?11");

#[async_trait]
impl ConnectionStore for Connections {
    async fn get(&self, keys: &[ConnectionKey]) -> Result<Vec<Option<Record>>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        // SQLite runs in this process. Over a network, one statement should fetch all keys.
        let mut connection = self.pool.acquire().await.map_err(store_error)?;
        for key in keys {
            let row = sqlx::query_as(select!("provider = ?1 AND nango_id = ?2"))
                .bind(key.integration())
                .bind(key.connection_id())
                .fetch_optional(&mut *connection);
            found.push(row.await.map_err(store_error)?.map(record).transpose()?);
        }
        Ok(found)
    }

    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        let mut applied = Vec::with_capacity(changes.len());
        // One transaction waits for the disk once. The changes stay independent: a stale one does
        // not stop the others.
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
        for change in changes {
            let (expected, next) = (change.expected(), change.next());
            let owner = next.and_then(|next| next.owner.as_ref());
            let query = sqlx::query(if expected.is_none() { INSERT } else { UPDATE })
                .bind(change.key().integration())
                .bind(change.key().connection_id())
                .bind(next.map(|next| next.version.raw()))
                .bind(owner.map(Owner::kind))
                .bind(owner.map(Owner::id))
                .bind(owner.and_then(Owner::scope))
                .bind(next.is_some_and(|next| next.removed))
                .bind(next.is_none_or(|next| next.announced))
                .bind(next.and_then(|next| next.look_again_at).map(Timestamp::as_micros))
                .bind(next.map(|next| next.details.to_json()))
                .bind(expected.map(Version::raw));
            let rows = query.execute(&mut *transaction).await.map_err(store_error)?.rows_affected();
            applied.push(if rows == 1 { Applied::Done } else { Applied::Stale });
        }
        transaction.commit().await.map_err(store_error)?;
        Ok(applied)
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        let rows = sqlx::query_as(select!(
            "owner_kind = ?1 AND owner_id = ?2 AND owner_scope IS ?3 AND removed = FALSE ORDER BY provider, nango_id"
        ));
        let rows = rows.bind(owner.kind()).bind(owner.id()).bind(owner.scope());
        records(rows.fetch_all(&self.pool).await)
    }

    async fn page(&self, after: Option<&ConnectionKey>, limit: usize) -> Result<Vec<Record>, StoreError> {
        // Every key sorts after two empty texts.
        let (provider, id) = after.map_or(("", ""), |key| (key.integration(), key.connection_id()));
        let rows =
            sqlx::query_as(select!("(provider, nango_id) > (?1, ?2) ORDER BY provider, nango_id LIMIT ?3"));
        records(rows.bind(provider).bind(id).bind(row_limit(limit)).fetch_all(&self.pool).await)
    }

    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
        // The first half repeats the index's condition literally, so that SQLite uses the index.
        // Due rows sort first: 1 is greater than 0 and NULL.
        let rows = sqlx::query_as(select!(
            "(announced = FALSE OR look_again_at IS NOT NULL) AND (announced = FALSE OR look_again_at <= ?1) \
             ORDER BY (look_again_at <= ?1) DESC, look_again_at LIMIT ?2"
        ));
        records(rows.bind(now.as_micros()).bind(row_limit(limit)).fetch_all(&self.pool).await)
    }

    fn lease(&self) -> Option<&dyn Lease> {
        // For one process on one machine. Several would each sweep, which costs requests and is
        // otherwise harmless.
        None
    }
}

fn row_limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn records(rows: Result<Vec<Row>, sqlx::Error>) -> Result<Vec<Record>, StoreError> {
    rows.map_err(store_error)?.into_iter().map(record).collect()
}

fn record(row: Row) -> Result<Record, StoreError> {
    let (provider, id, version, kind, owner, scope, removed, announced, look_again_at, details) = row;
    let cause = StoreCause::new("version or look_again_at is out of range");
    let corrupt = || StoreError::new(StoreErrorKind::Corrupt, cause.clone());
    let look_again_at = look_again_at.map(|micros| Timestamp::from_micros(micros).ok_or_else(corrupt));
    Ok(Record {
        key: ConnectionKey::new(provider, id),
        version: Version::from_raw(version).ok_or_else(corrupt)?,
        owner: kind.zip(owner).map(|(kind, id)| Owner::new(kind, id).with_scope(scope)),
        removed,
        announced,
        look_again_at: look_again_at.transpose()?,
        details: Details::from_json(&details)?,
    })
}

/// Classifies a failure: an unavailable, locked or full database may recover. The cause is the code
/// alone, since databases quote keys in their texts.
fn store_error(error: sqlx::Error) -> StoreError {
    use sqlx::Error::{ColumnDecode, Io, PoolClosed, PoolTimedOut, WorkerCrashed};

    let code = error.as_database_error().and_then(|error| Some(error.code()?.parse::<i32>().ok()? & 0xff));
    let kind = match &error {
        Io(_) | PoolClosed | PoolTimedOut | WorkerCrashed => StoreErrorKind::Unavailable,
        // BUSY, LOCKED, IOERR, FULL and CANTOPEN, without the bits of the extended codes.
        _ if matches!(code, Some(5 | 6 | 10 | 13 | 14)) => StoreErrorKind::Unavailable,
        ColumnDecode { .. } => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Other,
    };
    let cause = code.map(|code| StoreCause::new(format!("SQLite code {code}")).with_code(code.to_string()));
    let error = StoreError::new(kind, error);
    match cause {
        Some(cause) => error.with_cause(cause),
        None => error,
    }
}
